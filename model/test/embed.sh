#!/bin/sh
# An embedder's view: the example, built with what `make install` put into a staging folder.
# Usage: embed.sh STAGE/PREFIX
set -eu
prefix=$1
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig" PKG_CONFIG_ALLOW_SYSTEM_LIBS=1 PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1
flags=$(pkg-config --define-variable=prefix="$prefix" --cflags --libs e1000)

cat >"$work/want" <<'END'
a frame of 64 bytes leaves
INTA# asserted
INTA# released
descriptor status 01, ICR 00008007
END
for how in shared static; do
    libs=$flags
    [ $how = shared ] || libs=$(echo "$flags" | sed 's/-le1000/-l:libe1000.a/')
    # shellcheck disable=SC2086 # flags are words
    ${CC:-cc} -std=c11 -Wall -Wextra -Werror "$here/../example/embed.c" $libs -o "$work/$how"
    LD_LIBRARY_PATH="$prefix/lib" "$work/$how" >"$work/got"
    diff -u "$work/want" "$work/got" || {
        echo "embed: the $how program printed something else" >&2
        exit 1
    }
done
[ "$(wc -l <"$here/../example/embed.c")" -le 60 ] || {
    echo "embed: the example has grown beyond 60 lines" >&2
    exit 1
}
echo "embed: ok"
