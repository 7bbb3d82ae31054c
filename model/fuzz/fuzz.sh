#!/bin/sh
# Fuzz the model, and the server before it where it can be built: each target for its share of the time,
# on all processors. Usage: CC=clang fuzz.sh SECONDS
#
# build/fuzz/corpus/<target> grows from run to run; the committed seeds are read, never written. What
# crashes a target goes to build/fuzz/crashes/<target>-*, and is replayed by
#   build/gcc-O2/fuzz-replay <target> <file>      (the server: build/gcc-O2/vfio-user-replay <file>)
set -u
cd "$(dirname "$0")/../.."
b=build/fuzz
targets="registers descriptors saves"
seconds=$1
case $seconds in
'' | *[!0-9]* | 0)
    echo "fuzz: TIME is a number of seconds, not \"$seconds\"" >&2
    exit 2
    ;;
esac
each=$((seconds / 4))
[ "$each" -gt 0 ] || each=1
cpus=$(nproc 2>/dev/null || echo 2)
programs=build/$(basename "${CC%% *}")-O2-fuzz

# Inputs that are only slow (slow-unit-) break nothing.
broken() {
    ls "$b/crashes" | grep -cE "^$1-(crash|leak|timeout|oom)-"
}

mkdir -p "$b/crashes"
$MAKE -s CC="$CC" OPT=-O2 SAN= COV= FUZZ=1 fuzz-build || {
    echo "fuzz: cannot build with $CC; make deps installs what is missing" >&2
    exit 2
}

[ ! -x "$programs/fuzz-session" ] || targets="$targets session"

crashed=0 all=0 crashes=0
for t in $targets; do
    seeds=model/fuzz/corpus/$t
    [ "$t" != session ] || seeds=vfio-user/fuzz/corpus
    mkdir -p "$b/corpus/$t"
    rm -f "$b/$t".*.log
    before=$(broken "$t")
    n=0
    longest=2048
    [ "$t" != saves ] || longest=16384
    while [ "$n" -lt "$cpus" ]; do
        "$programs/fuzz-$t" -max_total_time="$each" -timeout=20 -rss_limit_mb=2048 -max_len=$longest -reload=10 \
            -print_final_stats=1 -artifact_prefix="$b/crashes/$t-" "$b/corpus/$t" "$seeds" \
            >"$b/$t.$n.log" 2>&1 &
        n=$((n + 1))
    done
    wait
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$b/$t".*.log | awk '{n += $1} END {print n + 0}')
    cover=$(sed -n 's/^#[0-9]*.*cov: \([0-9]*\) .*/\1/p' "$b/$t".*.log | sort -n | tail -n 1)
    features=$(sed -n 's/^#[0-9]*.* ft: \([0-9]*\) .*/\1/p' "$b/$t".*.log | sort -n | tail -n 1)
    found=$(($(broken "$t") - before))
    all=$((all + runs)) crashes=$((crashes + found))
    echo "$t: $runs executions, ${cover:-?} edges, ${features:-?} features, corpus $(ls "$b/corpus/$t" | wc -l), crashes $found"
    if [ "$found" -gt 0 ] || [ "$runs" = 0 ]; then
        crashed=1
        grep -hE 'Assertion failed|runtime error|ERROR: |SUMMARY: ' "$b/$t".*.log | sort -u | head -n 5
    fi
done
echo "$all executions, $crashes crashes"
[ "$crashed" = 0 ] || {
    echo "fuzz: inputs in $b/crashes, logs in $b/*.log" >&2
    exit 1
}
