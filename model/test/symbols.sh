#!/bin/sh
# The device needs nothing but four functions of the C library: nm -u on the archive proves it.
set -eu
lib=$1
extra=$(nm -u "$lib" | awk '$1 == "U" {print $2}' | sort -u |
    grep -vxE 'memcpy|memset|memmove|memcmp|_GLOBAL_OFFSET_TABLE_' | while read -r s; do
    nm --defined-only "$lib" 2>/dev/null | grep -q " [A-Za-z] $s\$" || echo "$s"
done)
if [ -n "$extra" ]; then
    echo "symbols: the library needs what a freestanding host may not have:" $extra >&2
    exit 1
fi
data=$(size -A "$lib" | awk '($1 == ".data" || $1 == ".bss") && $2 > 0 {print $1 ": " $2 " bytes"}')
if [ -n "$data" ]; then
    echo "symbols: the library has writable globals: $data" >&2
    exit 1
fi
echo "symbols: freestanding, no writable globals"
