#!/bin/sh
# make check: every test there is, with one total. Usage: check.sh BUILD-FOLDER
#
# CC, SAN and MAKE come from the Makefile; FAST=1 leaves out the builds by other compilers.
set -u
export CK_TIMEOUT_MULTIPLIER=15 # limits are for what never ends, not for a busy machine
b=$1
work=$PWD/$b/check
start=$(date +%s)
cpus=$(nproc 2>/dev/null || echo 2)
log=$b/check.log
rm -rf "$work"
mkdir -p "$work"

# ---- what a part is: each runs by itself, and leaves $work/NAME.result with what is to be printed ----

add() { # passed, failed, what, skipped
    echo "$1 $2" >>"$work/$part.count"
    printf '%-52s %5d passed %4d failed' "$3" "$1" "$2"
    [ "${4:-0}" = 0 ] && echo || echo ", $4 skipped"
}

# A test program of Check ends with "100%: Checks: 40, Failures: 0, Errors: 0".
unit() { # title, program
    out=$work/$part.out
    CK_VERBOSITY=normal "$2" >"$out" 2>&1
    status=$?
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
    out=$work/$part.out
    "$@" >"$out" 2>&1
    status=$?
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
    add "$1" "$bad" "$title" "${3:-0}"
}

# A command that is right or wrong as a whole.
one() { # title, command...
    title=$1
    shift
    out=$work/$part.out
    if "$@" >"$out" 2>&1; then
        add 1 0 "$title"
    else
        tail -n 30 "$out"
        add 0 1 "$title"
    fi
}

scenarios() { # program, folder of outputs, options...
    lab=$1 outputs=$2 # --quick: long ones run in the first pass alone, where they run twice
    shift 2
    "$lab" run --jobs=1 --timeout 120 --out "$outputs" "$@" scenarios # a later --jobs counts
}

other() { # compiler, optimisation: builds the program with it, runs all
    kind=$1$2
    if ! $MAKE -s CC="$1" OPT="$2" SAN= CFLAGS= "build/$kind/e1000lab" >"$work/$part.out" 2>&1; then
        tail -n 30 "$work/$part.out"
        add 0 1 "build by $1 $2"
        return
    fi
    totals "same bytes by $1 $2" scenarios "build/$kind/e1000lab" "build/$kind/out" --quick
}

installed() {
    stage=$PWD/$b/stage
    rm -rf "$stage"
    one "install" "$MAKE" -s CC="$CC" install DESTDIR="$stage" PREFIX=/usr
    one "pkg-config is told where it was installed" grep -qx prefix=/usr "$stage/usr/lib/pkgconfig/e1000.pc"
    one "an embedder's program by pkg-config" env CC="$CC" sh model/test/embed.sh "$stage/usr"
}

run_part() {
    part=$1
    case $part in
    model) unit "unit tests of the model" "$b/model-test" ;;
    harness) unit "unit tests of the harness" "$b/harness-test" ;;
    live) unit "unit tests of the live front end" "$b/vfio-user-test" ;;
    live-program) totals "live front end: options, signals, sockets" sh vfio-user/test/cli.sh "$b/e1000-vfio-user" ;;
    socket)
        totals "some of them on a card behind a socket" \
            sh harness/test/socket.sh "$b/e1000lab" "$b/e1000-vfio-user" "$b/out-socket"
        ;;
    sessions) totals "fuzz corpus of its server" "$b/vfio-user-replay" vfio-user/fuzz/corpus ;;
    symbols) one "library is freestanding, no globals" sh model/test/symbols.sh "$b/libe1000.a" ;;
    fields) one "every field of the device is saved, or left out" env CC="$CC" sh model/test/fields.sh "$b" ;;
    twice) totals "scenarios and goldens, each twice" scenarios "$b/e1000lab" "$b/out" --twice ;;
    reload)
        totals "the same, saved and reloaded at one event of 8" scenarios "$b/e1000lab" "$b/out-reload" --quick --reload \
            --dut model:reload=8 --jobs="$cpus"
        ;;
    defer)
        totals "the same, DMA behind every call" scenarios "$b/e1000lab" "$b/out-defer" --quick --dut model:defer --no-golden
        ;;
    replay)
        totals "the same, recorded and lived again" scenarios "$b/e1000lab" "$b/out-replay" --quick --dut model:replay --no-golden
        ;;
    recordings) totals "recorded sessions of real drivers" sh harness/test/replay.sh "$b/e1000lab" "$b/out-recordings" ;;
    corpus) totals "fuzz corpus" "$b/fuzz-replay" model/fuzz/corpus ;;
    program) totals "program: bad input, exit statuses" sh harness/test/cli.sh "$b/e1000lab" ;;
    install) installed ;;
    *) other "${part%-O*}" "-O${part##*-O}" ;;
    esac
}

# ---- which parts, in the order of the report; those that take longest begin first ----

parts="model harness live live-program sessions symbols fields twice reload defer replay socket recordings corpus program install"
[ -x "$b/vfio-user-test" ] || parts=$(echo "$parts" | sed 's/ live live-program sessions//; s/ socket//')
[ -z "$SAN" ] || parts=$(echo "$parts" | sed 's/ symbols//; s/ install//')
others=
if [ -z "${FAST:-}" ]; then
    for kind in gcc-O0 gcc-O2 clang-O2; do
        [ "build/$kind" = "$b" ] || others="$others $kind"
    done
fi
first="reload twice$others replay model defer program live"

# As many lanes as processors, each with one part at a time; who makes the folder has the part.
lane() {
    for p in $first $parts; do
        case " $parts $others " in *" $p "*) ;; *) continue ;; esac
        mkdir "$work/$p.taken" 2>/dev/null || continue
        began=$(date +%s)
        (run_part "$p"; times >"$work/$p.times") >"$work/$p.text" 2>&1
        echo "$p $(($(date +%s) - began)) s, processor: $(tail -n 1 "$work/$p.times")" >>"$work/times"
        mv "$work/$p.text" "$work/$p.result"
    done
}
trap 'trap - TERM; kill -TERM 0; exit 130' INT
{
    n=0
    while [ "$n" -lt "$cpus" ]; do
        lane &
        n=$((n + 1))
    done
    wait
    : >"$work/over"
} &

passed=0 failed=0
: >"$log"
for part in $parts $others; do
    until [ -e "$work/$part.result" ] || [ -e "$work/over" ]; do
        sleep 0.2
    done
    [ -e "$work/$part.result" ] || add 0 1 "$part: did not finish" >"$work/$part.result"
    cat "$work/$part.result"
    cat "$work/$part.result" "$work/$part.out" >>"$log" 2>/dev/null
    while read -r good bad; do
        passed=$((passed + good)) failed=$((failed + bad))
    done <"$work/$part.count"
    if [ "$part" = harness ] && [ ! -x "$b/vfio-user-test" ]; then
        echo "unit tests of the live front end: skipped, a library is missing: make deps"
    fi
done
wait

echo "checked in $(($(date +%s) - start)) s; all output: $log"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
