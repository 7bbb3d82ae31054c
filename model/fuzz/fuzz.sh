#!/bin/sh
# Fuzz the model: each target for its share of the time, on all processors. Usage: CC=clang fuzz.sh SECONDS
#
# build/fuzz/corpus/<target> grows from run to run; the committed seeds are read, never written. What
# crashes a target goes to build/fuzz/crashes/<target>-*, and is replayed by
#   build/gcc-O2/fuzz-replay <target> <file>
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
each=$((seconds / 3))
[ "$each" -gt 0 ] || each=1
flags="-std=c11 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer"

mkdir -p "$b/crashes"
for t in $targets; do
    mkdir -p "$b/corpus/$t" "$b/work"
    ${CC:-clang} $flags -DTARGET="fuzz_$t" model/*.c model/fuzz/guest.c model/fuzz/registers.c \
        model/fuzz/descriptors.c model/fuzz/saves.c model/fuzz/entry.c -o "$b/$t" || {
        echo "fuzz: cannot build with ${CC:-clang}; make deps installs what is missing" >&2
        exit 2
    }
done

crashed=0
for t in $targets; do
    before=$(ls "$b/crashes" | wc -l)
    "$b/$t" -fork="$(nproc 2>/dev/null || echo 2)" -max_total_time="$each" -timeout=20 -rss_limit_mb=2048 \
        -max_len=16384 -artifact_prefix="$b/crashes/$t-" "$b/corpus/$t" "model/fuzz/corpus/$t" \
        >"$b/$t.log" 2>&1
    runs=$(sed -n 's/^#\([0-9]*\):.*/\1/p' "$b/$t.log" | tail -n 1)
    cover=$(sed -n 's/^#[0-9]*: cov: \([0-9]*\) .*/\1/p' "$b/$t.log" | tail -n 1)
    found=$(($(ls "$b/crashes" | wc -l) - before))
    echo "$t: ${runs:-0} executions, coverage ${cover:-?}, corpus $(ls "$b/corpus/$t" | wc -l), crashes $found"
    if [ "$found" -gt 0 ] || [ -z "$runs" ]; then
        crashed=1
        grep -E 'Assertion failed|runtime error|ERROR: |SUMMARY: ' "$b/$t.log" | sort -u | head -n 5
    fi
done
[ "$crashed" = 0 ] || {
    echo "fuzz: inputs in $b/crashes, logs in $b/*.log" >&2
    exit 1
}
