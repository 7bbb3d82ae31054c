#!/bin/sh
# make check-live: guests under QEMU with the device, and what they find.
# Usage: check.sh [--device e1000|vfio-user] [--jobs N] [GROUP...], from the top of the tree.
set -u
JOBS=$(nproc)
groups=
all="linux messages ethtool modes pair ipxe rom uboot arm ppc killed dead"
while [ $# -gt 0 ]; do
    case $1 in
        --device) DEVICE=$2 && shift ;;
        --jobs) JOBS=$2 && shift ;;
        --help) sed -n '2,3s/^# //p' "$0"; echo "groups: $all"; exit 0 ;;
        -*) echo "check.sh: $1: no such option" >&2; exit 2 ;;
        *) groups="$groups $1" ;;
    esac
    shift
done
. vfio-user/live/lib.sh

# ---- results -------------------------------------------------------------------------------------------

result() { # ok or FAIL, name, more
    printf '%-4s %s/%s%s\n' "$1" "$group" "$2" "${3:-}" | tee -a "$run/$group.results"
}

# Each of the checks that a Linux guest was given, as it printed them; what it did not get to has failed.
results() { # checks, with commas
    for check in $(echo "$1" | tr , ' '); do
        line=$(tr -d '\r' <"$console" | grep -aE "^(PASS|FAIL) ${check%%:*}[ :]" | tail -n 1)
        case $line in
            PASS*) result ok "${check%%:*}" "${line#PASS "${check%%:*}"}" ;;
            FAIL*) result FAIL "${check%%:*}" "${line#FAIL "${check%%:*}"}" ;;
            *) result FAIL "${check%%:*}" ": the guest did not get there" ;;
        esac
    done
}

that() { # name, command...: a result of its own
    that=$1
    shift
    if "$@"; then result ok "$that"; else result FAIL "$that"; fi
}

linux_with() { # network, checks, more of the command line: one boot of one guest, from start to results
    linux_net=$1 linux_checks=$2
    shift 2
    if [ "$DEVICE" = vfio-user ] && ! start_device "$group" "$linux_net" ${DEVICE_MORE:-}; then
        result FAIL device ": does not start"
        return
    fi
    serve_iperf
    start_linux "$group" "$linux_net" "$linux_checks" "$@"
    attend "${SECONDS_MAX:-400}"
    results "$linux_checks"
}

device_lives() { # a device that has answered for itself is still there
    [ "$DEVICE" = e1000 ] || that "device is still there" kill -0 "$device"
}

# ---- the groups ----------------------------------------------------------------------------------------

user="user,tftp=$run/files"

group_linux() {
    forward=$(port)
    ready_hostfwd() { busybox nc 127.0.0.1 "$forward" <"$files/blob" >/dev/null & }
    capture=$run/linux.pcap
    [ "$DEVICE" = e1000 ] && QEMU_MORE="-object filter-dump,id=f0,netdev=n0,file=$capture"
    DEVICE_MORE="--capture $capture"
    linux_with "$user,hostfwd=tcp:127.0.0.1:$forward-:5001" \
        probe,dhcp,ping,ping6,tcp_out,tcp_in,udp_out,udp_in,http,tftp,hostfwd,counters
    device_lives
    stop_device
    said=$(tr -d '\r' <"$console" | sed -n 's/^VALUE counters //p')
    counted=$("$TOOL" sums "$capture" $MAC)
    if [ -n "$said" ] && [ "$said" = "$counted" ]; then
        result ok "counters equal the capture"
    else
        result FAIL "counters equal the capture" ": the chip has $said, the capture $counted"
    fi
}

# Guest memory that no file descriptor leads to.
group_messages() {
    MEMORY=plain
    linux_with "$user" probe,dhcp,ping,http,tftp,tcp_out,tcp_in
    device_lives
}

group_ethtool() {
    linux_with "$user" selftest,dump,eeprom,throttle,rings,offloads,wol,identify
}

group_modes() {
    again=0
    ready_reboot() { tell "$again"; again=1; }
    linux_with "$user" reboot,speed,pause,reload # reboot first: the others are not done twice
    device_lives
}

# Two guests, a cable between them. The second one is $pair_b.
group_pair() {
    a=$run/a.wire b=$run/b.wire
    wire_a=dgram,local.type=unix,local.path=$a,remote.type=unix,remote.path=$b
    wire_b=dgram,local.type=unix,local.path=$b,remote.type=unix,remote.path=$a
    checks=pair_up,pair_tcp,vlan,jumbo,meet
    iperf=5201
    MAC=52:54:00:00:00:0b
    [ "$DEVICE" = e1000 ] || start_device pair-b "$wire_b" || return
    start_linux pair-b "$wire_b" $checks MINE=10.9.0.2 PEER=10.9.0.1
    pair_b=$machine keys_b=$keys
    MAC=52:54:00:00:00:0a
    [ "$DEVICE" = e1000 ] || start_device pair "$wire_a" || return
    start_linux pair "$wire_a" $checks MINE=10.9.0.1 PEER=10.9.0.2
    ready_meet() { # both are told once both have asked
        until=$(($(date +%s) + 200))
        until grep -aq '^READY meet' "$live/pair-b.console" || [ "$(date +%s)" -gt $until ]; do sleep 0.3; done
        tell go
        echo go >"$keys_b"
    }
    attend 300
    results $checks
    wait_b=20
    while kill -0 "$pair_b" 2>/dev/null && [ $wait_b -gt 0 ]; do sleep 1; wait_b=$((wait_b - 1)); done
    stop "$pair_b"
    console=$live/pair-b.console
    that "the other guest is through, too" test "$(grep -ac '^PASS ' "$console")" = 5
}

# iPXE fetches Linux over the network; the guest runs, so every byte came.
ipxe_files() {
    cp "$kernel" "$files/vmlinuz"
    cp "$live/initramfs.gz" "$files/initramfs.gz"
    chmod a+r "$files"/*
    cat >"$files/boot.ipxe" <<END
#!ipxe
echo IPXE-CAME-TO-BOOT by TFTP
kernel http://10.0.2.2:$http/vmlinuz console=ttyS0 quiet loglevel=1 panic=-1 MAC=$MAC CHECKS=probe,dhcp,http HTTP=$http
initrd http://10.0.2.2:$http/initramfs.gz
boot
END
}

ipxe_results() {
    that "DHCP, script by TFTP" hear 90 IPXE-CAME-TO-BOOT
    that "kernel and initramfs by HTTP" hear 240 BOOTED
    attend 120
    results probe,dhcp,http
    device_lives
}

group_ipxe() {
    ipxe_files
    cat >"$run/start.ipxe" <<END
#!ipxe
dhcp && chain tftp://10.0.2.2/boot.ipxe
END
    [ "$DEVICE" = e1000 ] || start_device ipxe "$user" || return
    # graphics=off: SeaBIOS says on the serial port what iPXE prints
    start_machine ipxe "$user" qemu-system-x86_64 q35,graphics=off 256 -vga none \
        -kernel "$root/usr/lib/ipxe/ipxe.lkrn" -initrd "$run/start.ipxe"
    ipxe_results
}

group_rom() { # the device's own boot ROM does it
    ipxe_files
    [ "$DEVICE" = e1000 ] || start_device rom "$user,bootfile=boot.ipxe" --rom "$root/usr/share/qemu/pxe-e1000.rom" || return
    start_machine rom "$user,bootfile=boot.ipxe" qemu-system-x86_64 q35,graphics=off 256 -vga none -boot n
    ipxe_results
}

# U-Boot: network, then 100 KB by TFTP with their CRC-32, which gzip works out as well.
uboot_with() { # address in guest memory, QEMU, machine, more arguments
    address=$1
    shift
    [ "$DEVICE" = e1000 ] || start_device "$group" "$user" || return
    uboot_program=$1 uboot_machine=$2
    shift 2
    start_machine "$group" "$user" "$uboot_program" "$uboot_machine" 256 "$@"
    crc=$(gzip -c <"$files/small" | tail -c 8 | od -An -N4 -tu4 --endian=little)
    crc=$(printf '%08x' $crc)
    hear 60 'Hit any key|=> ' && tell "" && tell "" && tell "echo HERE-\${nosuch}IS"
    that prompt hear 60 'HERE-IS'
    tell "setenv autoload no; setenv tftpblocksize 1428; pci enum; dhcp && echo DHCP-\${nosuch}OK"
    that dhcp hear 60 DHCP-OK
    tell "ping 10.0.2.2"
    that ping hear 30 'host 10.0.2.2 is alive'
    tell "tftpboot $address 10.0.2.2:small && crc32 $address \$filesize"
    that "tftp, its CRC-32" hear 90 "==> $crc"
    device_lives
    stop "$machine"
}

group_uboot() {
    uboot_with 1000000 qemu-system-x86_64 pc -bios "$root/usr/lib/u-boot/qemu-x86/u-boot.rom" -vga none
}
group_arm() {
    uboot_with 41000000 qemu-system-aarch64 virt -cpu cortex-a57 -bios "$root/usr/lib/u-boot/qemu_arm64/u-boot.bin"
}
group_ppc() { # big-endian
    uboot_with 1000000 qemu-system-ppc ppce500 -kernel "$root/usr/lib/u-boot/qemu-ppce500/uboot.elf"
}

# ---- faults --------------------------------------------------------------------------------------------

# QEMU is killed in the middle of traffic; then nonsense at the socket; the next guest notices nothing.
group_killed() {
    [ "$DEVICE" = vfio-user ] || return
    ready_flood() { sleep 2; stop "$machine"; }
    start_device killed "$user" || return
    for i in 1 2; do
        start_linux killed "$user" flood
        attend 90
        that "QEMU killed in mid-traffic, $i" kill -0 "$device"
    done
    for bytes in 1 15 16 17 100 70000; do
        head -c $bytes /dev/urandom | timeout 3 "$TOOL" say "$run/killed.sock"
    done
    timeout 1 "$TOOL" say "$run/killed.sock" </dev/null
    that "nonsense at the socket" kill -0 "$device"
    start_linux killed "$user" probe,dhcp,http
    attend 120
    results probe,dhcp,http
    device_lives
}

# The device's process is killed: the guest has to stay usable, with a dead interface.
group_dead() {
    [ "$DEVICE" = vfio-user ] || return
    ready_orphan() { stop "$device"; }
    linux_with "$user" orphan
    tr -d '\r' <"$console" | sed -n 's/^FACT /     /p'
}

# ---- all of them ---------------------------------------------------------------------------------------

begun=$(date +%s)
serve_files
serve_sink
printf "%s\n" ${groups:-$all} >"$run/queue"
next_group() { # off the queue
    flock 8
    sed -n 1p "$run/queue"
    sed -i 1d "$run/queue"
} 8>"$run/queue.lock"
lane() { # takes one group after another
    while group=$(next_group) && [ -n "$group" ]; do
        ("group_$group") 2>"$live/$group.err"
    done
}
for i in $(seq "$JOBS"); do
    lane &
    lanes="${lanes:-} $!"
done
for pid in $lanes; do wait "$pid"; done

passed=$(cat "$run"/*.results | grep -c '^ok ')
failed=$(cat "$run"/*.results | grep -c '^FAIL ')
for group in ${groups:-$all}; do
    if grep -q '^FAIL' "$run/$group.results" 2>/dev/null; then
        echo "console: build/live/$group.console, QEMU: build/live/$group.qemu.log, device: build/live/$group.device.log"
    elif [ ! -s "$run/$group.results" ] && [ "$DEVICE" = vfio-user ]; then
        echo "FAIL $group: nothing came of it; see build/live/$group.err"
        failed=$((failed + 1))
    fi
done
echo "checked in $(($(date +%s) - begun)) s"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
