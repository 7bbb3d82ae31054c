#!/bin/sh
# make bench-live: the device beside QEMU's own e1000, in the same guest, in turn; medians of three.
# As root, from the top of the tree; everything is in a network namespace of its own.
#
# A guest, its QEMU and its device have one processor, iperf3 and the rest of the host the others: where waking an idle
# processor takes as long as in a virtual machine (40 us), that and not the device would be measured. PLACE= leaves all
# to the scheduler, PLACE=N takes processor N.
set -u
if [ -z "${INSIDE:-}" ]; then
    [ "$(id -u)" = 0 ] || { echo "bench-live: tap needs root" >&2; exit 2; }
    INSIDE=1 exec unshare -n sh "$0" "$@"
fi
. vfio-user/live/lib.sh
MIB=256
ip link set lo up
serve_files
serve_sink
serve_iperf
PLACE=${PLACE-$(taskset -cp $$ | sed 's/.*[^0-9]//')}
[ -z "$PLACE" ] || taskset -cp "$PLACE" $$ >/dev/null

# Both guests live all the time; only one of them is asked something.
guest() { # vfio-user or e1000, network, more of the command line
    DEVICE=$1
    guest_net=$2
    guest_name=bench-$1
    shift 2
    [ $DEVICE = e1000 ] || start_device "$guest_name" "$guest_net" ${BENCH_OPTIONS:-} || exit 1
    start_linux "$guest_name" "$guest_net" measure LIMIT=100000 "$@"
}
await_value() { # name, number of values that have to be there
    until=$(($(date +%s) + 120))
    while [ "$(grep -ac "^VALUE" "$live/$1.console")" -lt "$2" ]; do
        if grep -aq '^FAIL' "$live/$1.console" || [ "$(date +%s)" -gt $until ]; then
            grep -a '^FAIL' "$live/$1.console" >&2
            return 1
        fi
        sleep 0.3
    done
    tr -d '\r' <"$live/$1.console" | grep -a '^VALUE' | tail -n 1 | cut -d ' ' -f 3
}
await_guest() { # name
    tries=400
    until grep -aq '^READY measure' "$live/$1.console"; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || { echo "$1 does not come up: $live/$1.console" >&2; exit 1; }
        sleep 0.3
    done
}
median() { # of three lines
    sort -n "$1" | sed -n 2p
}

below=0
row() { # title, what, bar, at-least or at-most
    rm -f "$run"/value.*
    for turn in 1 2 3; do
        for d in e1000 vfio-user; do
            eval "n_$(echo $d | tr -d -)=\$((n_$(echo $d | tr -d -) + 1))"
            eval "n=\$n_$(echo $d | tr -d -)"
            echo "$2" >"$run/bench-$d.keys"
            await_value "bench-$d" "$n" >>"$run/value.$d" || return 1
        done
    done
    ours=$(median "$run/value.vfio-user") theirs=$(median "$run/value.e1000")
    awk -v title="$1" -v ours="$ours" -v theirs="$theirs" -v bar="$3" -v way="$4" 'BEGIN {
        ratio = theirs > 0 ? ours / theirs : 0
        good = way == "at-least" ? ratio >= bar : ratio <= bar
        printf "%-24s %10s %16s %8.2f   %s %.1f%s\n", title, theirs, ours, ratio, way == "at-least" ? ">=" : "<=", bar,
            good ? "" : "   MISSED"
        exit !good
    }' || below=$((below + 1))
}

phase() { # rows of one pair of guests, then they go
    n_e1000=0 n_vfiouser=0
    await_guest bench-e1000
    await_guest bench-vfio-user
    sleep 2
    "$@"
    echo end >"$run/bench-e1000.keys"
    echo end >"$run/bench-vfio-user.keys"
    sleep 2
    while read -r pid; do case " $servers " in *" $pid "*) ;; *) kill -9 "$pid" 2>/dev/null ;; esac; done <"$run/pids"
}
servers=$(tr '\n' ' ' <"$run/pids")

printf '%-24s %10s %16s %8s   %s\n' "" "QEMU e1000" e1000-vfio-user ratio bar
for n in 0 1; do
    ip tuntap add "tap$n" mode tap vnet_hdr
    ip addr add "10.8.$n.1/24" dev "tap$n"
    ip link set "tap$n" up
done
guest e1000 tap,ifname=tap0,script=no,downscript=no MINE=10.8.0.2 PEER=10.8.0.1
guest vfio-user tap,ifname=tap1,script=no,downscript=no MINE=10.8.1.2 PEER=10.8.1.1
tap_rows() {
    row "tap, TCP out, Mbit/s" out 1.8 at-least
    row "tap, TCP in, Mbit/s" in 1.0 at-least
    row "tap, ping, ms" ping 1.3 at-most
}
phase tap_rows
guest e1000 user
guest vfio-user user
user_rows() {
    row "user, TCP out, Mbit/s" out 1.0 at-least
    row "user, TCP in, Mbit/s" in 1.0 at-least
    row "user, ping, ms" ping 1.3 at-most
}
phase user_rows
[ $below = 0 ]
