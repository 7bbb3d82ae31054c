#!/bin/sh
# make check: every test there is, with one total. Usage: check.sh BUILD-FOLDER
#
# CC, SAN and MAKE come from the Makefile; FAST=1 leaves out the builds by other compilers.
set -u
export CK_TIMEOUT_MULTIPLIER=15 # limits are for what never ends, not for a busy machine
b=$1
passed=0 failed=0
start=$(date +%s)
log=$b/check.log
: >"$log"

add() { # passed, failed, what
    passed=$((passed + $1))
    failed=$((failed + $2))
    printf '%-52s %5d passed %4d failed\n' "$3" "$1" "$2"
}

# A test program of Check ends with "100%: Checks: 40, Failures: 0, Errors: 0".
unit() { # title, program
    out=$b/unit.out
    CK_VERBOSITY=normal "$2" >"$out" 2>&1
    status=$?
    cat "$out" >>"$log"
    line=$(grep -E '^[0-9]+%: Checks: ' "$out" | tail -n 1)
    if [ -z "$line" ]; then
        tail -n 20 "$out"
        add 0 1 "$1: did not finish (status $status)"
        return
    fi
    set -- "$1" $(echo "$line" | tr -cs '0-9' ' ')
    bad=$(($4 + $5))
    [ "$bad" = 0 ] || grep -E ':[FE]:' "$out"
    add $(($3 - bad)) "$bad" "$1"
}

# A program that prints "N passed, N failed", alone or behind "# ".
totals() { # title, command...
    title=$1
    shift
    out=$b/totals.out
    "$@" >"$out" 2>&1
    status=$?
    cat "$out" >>"$log"
    line=$(grep -E '^(# )?[0-9]+ passed, [0-9]+ failed' "$out" | tail -n 1)
    if [ -z "$line" ]; then
        tail -n 20 "$out"
        add 0 1 "$title: did not finish (status $status)"
        return
    fi
    set -- $(echo "$line" | tr -cs '0-9' ' ')
    bad=$2
    [ "$bad" != 0 ] || [ "$status" = 0 ] || bad=1
    [ "$bad" = 0 ] || sed -n '/^not ok/,/^ok/p; /^FAIL/,/^$/p' "$out" | grep -v '^ok ' | head -n 120
    add "$1" "$bad" "$title"
}

# A command that is right or wrong as a whole.
one() { # title, command...
    title=$1
    shift
    out=$b/one.out
    if "$@" >"$out" 2>&1; then
        add 1 0 "$title"
    else
        tail -n 30 "$out"
        add 0 1 "$title"
    fi
    cat "$out" >>"$log"
}

# The other compilers build beside the tests that need the machine least.
if [ -z "${FAST:-}" ]; then
    others=
    for kind in gcc:-O0 gcc:-O2 clang:-O0 clang:-O2; do
        [ "build/${kind%:*}${kind#*:}" = "$b" ] || others="$others $kind"
    done
    for kind in $others; do
        $MAKE -s CC="${kind%:*}" OPT="${kind#*:}" SAN= CFLAGS= "build/${kind%:*}${kind#*:}/e1000lab" \
            >"$b/other${kind}.log" 2>&1 || one "build by $kind" cat "$b/other${kind}.log" /nonexistent
    done
fi

unit "unit tests of the model" "$b/model-test"
unit "unit tests of the harness" "$b/harness-test"
if [ -x "$b/vfio-user-test" ]; then
    unit "unit tests of the live front end" "$b/vfio-user-test"
else
    echo "unit tests of the live front end: skipped, a library is missing: make deps"
fi
[ -n "$SAN" ] || one "library is freestanding, no globals" sh model/test/symbols.sh "$b/libe1000.a"
one "every field of the device is saved, or left out" env CC="$CC" sh model/test/fields.sh "$b"
totals "scenarios and goldens, each twice" "$b/e1000lab" run --twice --timeout 120 --out "$b/out" scenarios
totals "the same, saved and reloaded at every event" "$b/e1000lab" run --reload --timeout 120 --out "$b/out-reload" scenarios
totals "the same, DMA behind every call" "$b/e1000lab" run --dut model:defer --no-golden --timeout 120 --out "$b/out-defer" scenarios
totals "fuzz corpus" "$b/fuzz-replay" model/fuzz/corpus
totals "program: bad input, exit statuses" sh harness/test/cli.sh "$b/e1000lab"
if [ -z "$SAN" ]; then
    stage=$PWD/$b/stage
    rm -rf "$stage"
    one "install" "$MAKE" -s CC="$CC" install DESTDIR="$stage" PREFIX=/usr
    one "an embedder's program by pkg-config" env CC="$CC" sh model/test/embed.sh "$stage/usr"
fi
if [ -z "${FAST:-}" ]; then
    for kind in $others; do
        o=build/${kind%:*}${kind#*:}
        totals "same bytes by ${kind%:*} ${kind#*:}" "$o/e1000lab" run --timeout 120 --out "$o/out" scenarios
    done
fi

echo "checked in $(($(date +%s) - start)) s; all output: $log"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
