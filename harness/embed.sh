#!/bin/sh
# embed.sh - write the scripted driver's Lua libraries as a C file
#
#   sh harness/embed.sh harness/driver/*.lua > build/driver_lua.c
#
# Tests of the libraries (test_*.lua) stay out. The output depends on the files' names and contents
# alone, not on the order in which they are given.
set -eu
LC_ALL=C
export LC_ALL

for file in "$@"; do
    case $file in
    *.lua) [ -r "$file" ] || { echo "embed.sh: cannot read $file" >&2; exit 1; } ;;
    *) echo "embed.sh: $file: not a .lua file" >&2; exit 1 ;;
    esac
done
names=$(for file in "$@"; do printf '%s\n' "$file"; done | sort -u)

echo '/* driver_lua.c - made by embed.sh from harness/driver; changes here are lost */'
echo '#include "driver_lua.h"'

table=
n=0
IFS='
'
for file in $names; do
    name=${file##*/}
    case $name in test_*) continue ;; esac
    echo
    echo "static const unsigned char library_$n[] = {"
    # A byte more than the text, so that an empty file is no empty array.
    { od -An -v -tu1 "$file"; echo 0; } |
        awk '{ line = ""; for (i = 1; i <= NF; i++) line = line $i ","; print line }'
    echo '};'
    table="$table    {\"${name%.lua}\", (const char *)library_$n, sizeof library_$n - 1},
"
    n=$((n + 1))
done

printf '\nconst struct driver_library driver_libraries[] = {\n%s    {0, 0, 0},\n};\n' "$table"
