#!/bin/sh
# make soak-live TIME=600: a guest that sends and receives all the time, with captures. From the top of the tree.
#
# Nothing may stop for a second, the driver may not complain, the device may not grow, and the chip's counters have to be
# those of the captures. The capture is taken in pieces, so that it needs little room.
set -u
seconds=${1:-600}
. vfio-user/live/lib.sh
failed=0
that() { # what, command...
    what=$1
    shift
    if "$@"; then echo "ok   soak/$what"; else echo "FAIL soak/$what" && failed=$((failed + 1)); fi
}
resident() { # KiB of the device
    sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$device/status"
}
add_up() { # what the piece has to what came before
    "$TOOL" sums "$1" $MAC >>"$run/sums" && rm -f "$1"
}

serve_files
serve_sink
serve_iperf
mkdir "$run/pieces" && chmod 777 "$run/pieces"
capture=$run/pieces/soak.pcap
start_device soak "user" --capture "$capture" || exit 1
start_linux soak user "soak:$seconds,counters" LIMIT=$((seconds + 120))
hear 240 BOOTED || refuse "the guest does not come up: $console"
sleep 20
first=$(resident) most=$first
pieces=0
end=$(($(date +%s) + seconds + 180))
until heard '^DONE' || ! kill -0 "$machine" 2>/dev/null || [ "$(date +%s)" -gt $end ]; do
    sleep 5
    now=$(resident)
    [ "${now:-0}" -le "$most" ] || most=$now
    pieces=$((pieces + 1))
    mv "$capture" "$run/pieces/$pieces" && kill -HUP "$device"
    tries=50
    until [ -e "$capture" ] || [ $tries = 0 ]; do tries=$((tries - 1)) && sleep 0.1; done
    add_up "$run/pieces/$pieces"
done
that "the device is still there" kill -0 "$device"
stop "$machine"
stop_device
add_up "$capture"
tr -d '\r' <"$console" | grep -aE '^(PASS|FAIL|FACT) '
that "iperf3 both ways for $seconds s, no second without a byte" grep -aq '^PASS soak' "$console"
that "memory: $first KiB after 20 s, $most KiB at most" test "$most" -le $((first + 512))
said=$(tr -d '\r' <"$console" | sed -n 's/^VALUE counters //p')
counted=$(tr ' =' '\n ' <"$run/sums" | awk '{s[$1] += $2}
    END {printf "rx_packets=%.0f tx_packets=%.0f rx_bytes=%.0f tx_bytes=%.0f", s["rx_packets"], s["tx_packets"], s["rx_bytes"], s["tx_bytes"]}')
that "counters equal $((pieces + 1)) captures: $counted" test "$said" = "$counted"
[ "$said" = "$counted" ] || echo "     the chip has $said"
[ $failed = 0 ]
