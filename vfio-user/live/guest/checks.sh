#!/bin/sh
# What a guest checks, one function a check: `checks.sh NAME[:ARGUMENT]`. Its last line says what is wrong.
#
# From the kernel command line: HTTP and IPERF, ports of the host's servers; PEER and MINE, addresses
# where two guests talk; the network is libslirp's 10.0.2.0/24 otherwise.
set -u
host=10.0.2.2

die() {
    echo "$*"
    exit 1
}

ask() { # name: the host does something; what it says is $reply
    echo "READY $1" >/dev/console
    read -r reply </dev/console
}

# ---- one interface -----------------------------------------------------------------------------------------

load() { # module...
    for m in "$@"; do
        grep -q "^$m " /proc/modules || insmod "/lib/modules/$m.ko" || die "insmod $m failed"
    done
}

await() { # seconds, command...: until it succeeds
    tries=$(($1 * 5))
    shift
    while ! "$@"; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.2
    done
}

carrier() {
    [ "$(cat /sys/class/net/eth0/carrier 2>/dev/null)" = 1 ]
}

link_up() {
    ifconfig eth0 up || die "eth0 does not come up"
    await 30 carrier || die "no link after 30 s"
}

lease() { # by DHCP, into the interface
    udhcpc -i eth0 -n -q -t 10 -T 1 -s /udhcpc.sh || die "no lease"
    ifconfig eth0 | grep -q 'inet addr:10\.0\.2\.' || die "the lease is not of 10.0.2.0/24"
}

network() { # what a check needs before it can send
    load e1000
    [ -n "$(ifconfig eth0 | grep 'inet addr')" ] || { link_up && lease; }
    await 30 carrier || die "no link after 30 s"
}

# What came is what was sent: the host made blob and the SHA-256 of it.
fetch() { # name
    wget -q -O /tmp/got "http://$host:$HTTP/$1" || die "wget $1 failed"
    wget -q -O /tmp/want "http://$host:$HTTP/$1.sha256" || die "wget $1.sha256 failed"
    same /tmp/got "$1"
}

same() { # file, name
    [ "$(sha256sum <"$1" | cut -d ' ' -f 1)" = "$(cat /tmp/want)" ] || die "$2 arrived with other bytes ($(wc -c <"$1"))"
}

iperf() { # options: a client's run against the host or the other guest; the last summary is left in /tmp/iperf
    iperf3 -c "${PEER:-$host}" -p "$IPERF" "$@" >/tmp/iperf 2>&1 || die "iperf3 $*: $(tail -n 1 /tmp/iperf)"
    grep -E 'sender|receiver' /tmp/iperf
    echo "FACT iperf3 $*: $(grep receiver /tmp/iperf | tail -n 1 | sed 's/.* sec *//; s/ *receiver//')"
}

traffic() { # both ways, checked
    fetch small
    nc "$host" "$SINK" </tmp/got >/tmp/reply || die "could not send to the host"
    [ "$(cat /tmp/reply)" = "$(cat /tmp/want)" ] || die "the host got other bytes than were sent"
}

# ---- the driver and the network ----------------------------------------------------------------------------

check_probe() {
    load e1000
    [ -d /sys/class/net/eth0 ] || die "no eth0"
    grep -q 0x8086 /sys/class/net/eth0/device/vendor || die "not Intel's"
    grep -q 0x100e /sys/class/net/eth0/device/device || die "not an 82540EM"
    grep -qi "$MAC" /sys/class/net/eth0/address || die "address $(cat /sys/class/net/eth0/address), not $MAC"
    if dmesg | grep -iE 'e1000.*(invalid|error|fail)'; then die "the driver complains"; fi
}

check_dhcp() {
    load e1000
    link_up
    lease
    dmesg | grep -q 'Link is Up 1000 Mbps Full Duplex' || die "the link is not 1000 full"
}

check_ping() {
    network
    ping -c 5 -i 0.2 -W 5 "${PEER:-$host}" || die "ping: answers are missing"
    ping -c 3 -s 1472 -W 5 "${PEER:-$host}" || die "ping with full frames: answers are missing"
}

check_ping6() {
    network
    await 20 ping6 -c 1 -W 1 fec0::2 || die "no answer from fec0::2"
    ping6 -c 3 -W 5 -s 1400 fec0::2 || die "ping6: answers are missing"
}

check_tcp_out() { network; iperf -t 3; }
check_tcp_in() { network; iperf -t 3 -R; }

udp() {
    iperf -u -b 4M -t 2 "$@"
    lost=$(grep receiver /tmp/iperf | sed 's/.*(\([0-9.e+-]*\)%).*/\1/; s/\..*//')
    [ "$lost" -le 20 ] || die "$lost % lost"
}
check_udp_out() { network; udp; }
check_udp_in() { network; udp -R; }

check_http() { network; fetch blob; }

check_tftp() {
    network
    wget -q -O /tmp/want "http://$host:$HTTP/blob.sha256" || die "wget failed"
    tftp -g -b 1428 -r blob -l /tmp/got $host || die "tftp failed"
    same /tmp/got blob
}

check_hostfwd() { # the host connects and sends blob
    network
    wget -q -O /tmp/want "http://$host:$HTTP/blob.sha256" || die "wget failed"
    (sleep 1; echo "READY hostfwd" >/dev/console) &
    nc -l -p 5001 >/tmp/got || die "nc failed"
    same /tmp/got blob
}

# Counters of the chip, from the last reset on; the host adds up its capture. The link is quiet meanwhile.
check_counters() {
    network
    sleep 3
    ethtool -S eth0 >/tmp/counters || die "ethtool -S failed"
    for c in rx_packets tx_packets rx_bytes tx_bytes; do
        line="${line:-} $c=$(sed -n "s/^ *$c: //p" /tmp/counters)"
    done
    echo "VALUE counters$line"
    for c in rx_errors tx_errors rx_dropped rx_missed_errors rx_no_buffer_count rx_csum_offload_errors rx_crc_errors \
        tx_timeout_count tx_restart_queue; do
        n=$(sed -n "s/^ *$c: //p" /tmp/counters)
        [ -z "$n" ] || [ "$n" = 0 ] || echo "FACT $c: $n"
    done
    for c in rx_errors tx_errors rx_csum_offload_errors rx_crc_errors tx_timeout_count; do
        n=$(sed -n "s/^ *$c: //p" /tmp/counters)
        [ -z "$n" ] || [ "$n" = 0 ] || die "$c: $n"
    done
}

# ---- ethtool -----------------------------------------------------------------------------------------------

# Register, EEPROM, interrupt, loopback, link. The driver gives its own look at 64 looped frames two ticks of the guest's
# clock and says 14 after that; a guest that did not get the processor for so long may try again.
check_selftest() {
    network
    for try in 1 2 3 4 5; do
        ethtool -t eth0 offline >/tmp/test
        cat /tmp/test
        grep -qE '^Loopback.*[[:space:]]14$' /tmp/test || break
    done
    grep -q 'The test result is PASS' /tmp/test || die "the self-test fails"
    [ "$(grep -cE 'line\)[[:space:]]*0$' /tmp/test)" = 5 ] || die "not all five parts are 0"
    await 30 carrier || die "no link after the test"
    traffic
}

check_dump() {
    network
    ethtool -d eth0 >/tmp/dump || die "ethtool -d failed"
    grep -qE '0x00000: CTRL ' /tmp/dump || die "no CTRL"
    grep -qE 'Link up: +link config|Link up: +yes' /tmp/dump || die "STATUS does not say that the link is up"
    grep -qE 'Transmit control|TCTL' /tmp/dump || die "no TCTL"
}

check_eeprom() {
    network
    got=$(ethtool -e eth0 offset 0 length 6 | sed -n 's/^0x0000:[ \t]*//p' | sed 's/ *$//; s/ /:/g')
    [ "$got" = "$MAC" ] || die "EEPROM begins with $got, not with $MAC"
    ethtool -e eth0 raw on >/tmp/eeprom
    [ "$(wc -c </tmp/eeprom)" = 128 ] || die "$(wc -c </tmp/eeprom) bytes, not 128"
    sum=$(od -An -v -tu2 /tmp/eeprom | tr -s ' ' '\n' | awk '{s += $1} END {printf "%x", s % 65536}')
    [ "$sum" = baba ] || die "words 00h to 3Fh add up to $sum"
}

# -C is not for this part: the driver wants a later one. Its throttling is a parameter; 0 is off, 1 and 3 follow the load.
check_throttle() {
    for itr in 0 1 3 4000 100000; do
        rmmod e1000 2>/dev/null
        insmod /lib/modules/e1000.ko InterruptThrottleRate=$itr || die "insmod failed"
        network
        traffic
    done
    rmmod e1000
    network
}

check_rings() {
    network
    for n in 80 1024 256; do
        ethtool -G eth0 rx $n tx $n || die "-G rx $n tx $n failed"
        ethtool -g eth0 | tail -n 9 | grep -qE "^(RX|TX):[^0-9]*$n$" || die "rings are not $n"
        await 30 carrier || die "no link after -G"
        traffic
    done
}

check_offloads() {
    network
    for f in rx tx sg tso gso gro rxvlan; do # txvlan goes with rxvlan
        for to in off on; do
            ethtool -K eth0 $f $to || die "-K $f $to failed"
            await 30 carrier || die "no link after -K $f $to"
            traffic
        done
    done
    for to in on off; do # also frames with errors
        ethtool -K eth0 rx-all $to || die "-K rx-all $to failed"
        await 30 carrier || die "no link after -K rx-all $to"
        traffic
    done
    ethtool -K eth0 tx on sg on tso on rx on || die "-K back failed"
}

speed_is() {
    ethtool eth0 | grep -q "Speed: $1" && carrier
}

check_speed() {
    network
    for s in 10 100; do
        ethtool -s eth0 speed $s duplex full autoneg off || die "-s speed $s failed"
        await 30 speed_is $s || die "speed is not $s: $(ethtool eth0 | grep Speed)"
        ping -c 2 -W 5 $host || die "no answer at $s"
        traffic
    done
    ethtool -s eth0 autoneg on || die "-s autoneg on failed"
    await 30 speed_is 1000 || die "speed is not 1000 again: $(ethtool eth0 | grep Speed)"
    traffic
}

check_wol() {
    network
    for w in u m b g d; do
        ethtool -s eth0 wol $w || die "-s wol $w failed"
        ethtool eth0 | grep -qE "^[^S]*Wake-on: $w$" || die "wol is not $w"
    done
}

check_identify() {
    network
    timeout 20 ethtool -p eth0 2 || die "ethtool -p failed"
}

check_pause() {
    network
    ethtool -A eth0 autoneg off rx on tx on || die "-A failed"
    await 30 carrier || die "no link after -A"
    ethtool -a eth0 | grep -qE '^TX:[^a-z]*on$' || die "TX pause is not on"
    traffic
    ethtool -A eth0 autoneg on || die "-A autoneg on failed"
    await 30 carrier || die "no link after -A autoneg on"
}

check_reload() { # the driver leaves and comes back, with traffic in flight
    network
    for i in 1 2 3; do
        ping -A -q -c 100000 $host >/dev/null 2>&1 &
        sleep 0.5
        rmmod e1000 || die "rmmod failed"
        load e1000
        kill $! 2>/dev/null
        network
        traffic
    done
}

# The host tells the first boot from the second: 0, then 1.
check_reboot() {
    network
    traffic
    ask reboot
    if [ "$reply" = 0 ]; then
        nc $host "$SINK" </dev/zero >/dev/null 2>&1 &
        sleep 0.5
        reboot -f
    fi
    [ "$reply" = 1 ] || die "the host said $reply"
}

# ---- two guests --------------------------------------------------------------------------------------------

check_pair_up() {
    load e1000
    link_up
    ifconfig eth0 "$MINE" netmask 255.255.255.0
    iperf3 -s -D -p "$IPERF" || die "iperf3 -s failed"
    nc -ll -p 7 -e cat & # echo
    await 90 ping -c 1 -W 1 "$PEER" || die "the other guest does not answer"
}

pair_tcp() { # peer: 300 KB there and back
    head -c 300000 /dev/urandom >/tmp/sent
    timeout 40 nc "$1" 7 </tmp/sent >/tmp/back &
    await 40 sh -c '[ "$(wc -c </tmp/back)" = 300000 ]' || die "$(wc -c </tmp/back) of 300000 bytes came back"
    kill $! 2>/dev/null
    cmp /tmp/sent /tmp/back || die "other bytes came back"
}

check_pair_tcp() { pair_tcp "$PEER"; }

check_vlan() { # MINE and PEER are 10.9.0.x; tags by the chip, then by the kernel
    load llc stp garp mrp 8021q
    other=10.9.7.${PEER##*.}
    ip link add link eth0 name v7 type vlan id 7 || die "no VLAN interface"
    ip addr add "10.9.7.${MINE##*.}/24" dev v7
    ip link set v7 up
    await 60 ping -c 1 -W 1 "$other" || die "no answer over the VLAN"
    for to in on off on; do
        ethtool -K eth0 rxvlan $to txvlan $to || die "-K rxvlan $to txvlan $to failed"
        await 30 carrier
        await 60 ping -c 1 -W 1 "$other" || die "no answer over the VLAN, tags by the chip $to"
        ping -c 2 -W 9 -s 1472 "$other" || die "full frames do not pass, tags by the chip $to"
        pair_tcp "$other"
    done
}

check_jumbo() {
    ip link set eth0 mtu 9000 || die "MTU 9000 refused"
    await 30 carrier || die "no link"
    await 90 ping -c 1 -W 1 -s 8972 "$PEER" || die "9000 bytes do not pass"
    ping -c 3 -W 9 -s 8972 "$PEER" || die "9000 bytes do not pass each time"
    pair_tcp "$PEER"
    iperf -t 2
}

check_meet() {
    ask meet
}

# ---- faults, by hand, measures -----------------------------------------------------------------------------

check_flood() { # until the host ends this machine
    network
    echo "READY flood" >/dev/console
    while :; do
        nc $host "$SINK" </dev/zero >/dev/null 2>&1
        wget -q -O /dev/null "http://$host:$HTTP/blob"
    done
}

check_orphan() { # the device dies under the driver: the guest has to live
    network
    echo "READY orphan" >/dev/console
    sleep 3
    ping -c 2 -W 2 $host && die "ping works though the device is dead"
    sleep 15
    ip link set eth0 down
    echo "FACT dmesg: $(dmesg | grep -iE 'e1000|watchdog|hang' | tail -n 2 | tr '\n' ';')"
}

check_soak() { # seconds: both ways at once; every second has to bring something
    network
    iperf3 -c "$host" -p "$IPERF" --bidir -t "$1" -i 1 -f k >/tmp/iperf 2>&1 || die "iperf3: $(tail -n 1 /tmp/iperf)"
    grep -E 'sender|receiver' /tmp/iperf
    for way in TX-C RX-C; do
        echo "FACT $way $(grep "$way.*receiver" /tmp/iperf | sed 's/.* sec *//; s/ *receiver//')"
        silent=$(grep "\[$way\]" /tmp/iperf | grep -v -e sender -e receiver | grep -c ' 0\.00 [KMG]*bits/sec')
        [ "$silent" = 0 ] || die "$silent seconds without a byte, $way"
    done
    if dmesg | grep -iE 'hang|timed out|reset adapter'; then die "the driver complains"; fi
}

# Measures one thing after the other, as the host asks.
check_measure() {
    load e1000
    if [ -n "${MINE:-}" ]; then
        link_up
        ifconfig eth0 "$MINE" netmask 255.255.255.0
        host=$PEER
    else
        network
    fi
    await 60 ping -c 1 -W 1 "$host" || die "no answer from $host"
    while ask measure; do
        case $reply in
            out) iperf -f m -t 5 ;;
            in) iperf -f m -t 5 -R ;;
            ping) ping -q -c 100 -i 0.02 "$host" >/tmp/ping || die "answers are missing" ;;
            *) break ;;
        esac
        case $reply in
            ping) value=$(sed -n 's|.*min/avg/max = [^/]*/\([^/]*\)/.*|\1|p' /tmp/ping) ;;
            *) value=$(grep receiver /tmp/iperf | sed 's|.*Bytes *\([0-9.]*\) Mbits.*|\1|') ;;
        esac
        echo "VALUE $reply $value" >/dev/console
    done
}

check_shell() {
    network
    {
        echo "This is a Linux guest; eth0 is the device, with the driver e1000:"
        ifconfig eth0
        echo "poweroff -f ends it."
    } >/dev/console
    setsid cttyhack sh -i </dev/console >/dev/console 2>&1
}

name=${1%%:*}
argument=${1#"$name"}
"check_$name" "${argument#:}"
