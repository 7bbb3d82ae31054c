#!/bin/sh
# socket.sh - scenarios of every kind on a card behind a socket whose clock is stopped, so that nothing is left to
# chance: guest memory shared, and by messages. make check-socket has all that can run there.
#
# Usage: socket.sh PROGRAM SERVER FOLDER, from the top of the tree; the folder is for what is written.
set -u
program=$1 server=$2 folder=$3
sample="config-access-widths narrow-memory-access msi icr-read-and-write itr-windows collisions-reported
    link-status-change apm-wake mdic led-collision energy-detect-both-asleep rx-itr rx-checksum-ip4 vlan-strip
    tx-ring-wrap tx-fifo-full tso-ipv4 hostile-lengths"
passed=0 failed=0
for memory in shared messages; do
    # shellcheck disable=SC2086
    "$program" run --jobs=2 --timeout 120 --format tap --out "$folder/$memory" \
        --dut "vfio-user:exec=$server --exact,clock=stopped,memory=$memory" $sample >"$folder.$memory" 2>&1
    status=$?
    cat "$folder.$memory"
    line=$(grep -E '^# [0-9]+ passed, [0-9]+ failed$' "$folder.$memory") # one that is skipped shows nothing
    # shellcheck disable=SC2086
    set -- $(echo "${line:-0 1}" | tr -cs '0-9' ' ')
    passed=$((passed + $1)) failed=$((failed + $2))
    [ "$2" != 0 ] || [ "$status" = 0 ] || failed=$((failed + 1))
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
