#!/bin/sh
# make check-be: unit tests, fuzz corpus and all scenarios of a build for a big-endian machine, s390x, run by
# qemu-user. The goldens are the same ones. `make deps-be` brings what it needs.
set -u
fs=$PWD/build/sysroot-s390x/fs
lib=$fs/usr/lib/s390x-linux-gnu
b=build/s390x-linux-gnu-gcc-O2
start=$(date +%s)
passed=0 failed=0

[ -f "$fs/../complete" ] || {
    echo "check-be: no libraries for s390x in build/sysroot-s390x; make deps-be gets them" >&2
    exit 2
}
$MAKE -s CC="s390x-linux-gnu-gcc --sysroot=$fs" LD=s390x-linux-gnu-ld AR=s390x-linux-gnu-ar \
    OBJCOPY=s390x-linux-gnu-objcopy SAN= COV= OPT=-O2 \
    PKG_CONFIG="env PKG_CONFIG_LIBDIR=$lib/pkgconfig:$fs/usr/share/pkgconfig PKG_CONFIG_SYSROOT_DIR=$fs pkg-config" \
    "$b/e1000lab" "$b/model-test" "$b/harness-test" "$b/fuzz-replay" || exit 2

# The last line with numbers of what a program prints: Check's, or "N passed, N failed".
part() { # title, program, arguments...
    title=$1
    shift
    out=$b/be.out
    CK_TIMEOUT_MULTIPLIER=20 qemu-s390x -L "$fs" "$@" >"$out" 2>&1
    status=$?
    line=$(grep -E '^(# )?[0-9]+ passed, [0-9]+ failed|^[0-9]+%: Checks: ' "$out" | tail -n 1)
    case $line in
    *Checks:*)
        set -- $(echo "$line" | tr -cs '0-9' ' ')
        bad=$(($3 + $4)) good=$(($2 - $3 - $4))
        ;;
    *passed*)
        set -- $(echo "$line" | tr -cs '0-9' ' ')
        good=$1 bad=$2
        ;;
    *)
        good=0 bad=1
        tail -n 20 "$out"
        ;;
    esac
    [ "$bad" != 0 ] || [ "$status" = 0 ] || bad=1
    [ "$bad" = 0 ] || grep -E -A 12 ':[FE]:|^not ok' "$out" | head -n 120
    passed=$((passed + good)) failed=$((failed + bad))
    printf '%-52s %5d passed %4d failed\n' "$title" "$good" "$bad"
}

part "unit tests of the model, big-endian" "$b/model-test"
part "unit tests of the harness, big-endian" "$b/harness-test"
part "fuzz corpus, big-endian" "$b/fuzz-replay" model/fuzz/corpus
part "scenarios and goldens, big-endian" "$b/e1000lab" run --timeout=300 --out "$b/out" scenarios
part "the same, saved and reloaded at every event" "$b/e1000lab" run --reload --timeout=300 --out "$b/out" scenarios
echo "checked in $(($(date +%s) - start)) s"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
