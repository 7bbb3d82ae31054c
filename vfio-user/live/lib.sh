# lib.sh - what check.sh, bench.sh, soak.sh and try.sh share: devices, machines, consoles
#
# Sourced by them, from the top of the tree. DEVICE=e1000 takes QEMU's own for comparison.
live=$PWD/build/live
root=$live/root
DEVICE=${DEVICE:-vfio-user}
VU=${VU:-$PWD/build/gcc-O2/e1000-vfio-user}
TOOL=${TOOL:-$PWD/build/gcc-O2/live-tool}
MAC=52:54:00:12:34:56
kernel=$(ls "$root"/boot/vmlinuz-* 2>/dev/null | head -n 1)

refuse() {
    echo "$*" >&2
    exit 2
}

[ -f "$live/initramfs.gz" ] || refuse "guests are missing: make deps-live"
[ "$DEVICE" = e1000 ] || [ -x "$VU" ] || refuse "$VU is missing: make vfio-user"

# Sockets and what guests fetch: where short paths are, and readable by who the device becomes.
run=$(mktemp -d "${TMPDIR:-/tmp}/e1000-live.XXXXXX")
chmod 777 "$run"
: >"$run/pids"
clean_up() {
    while read -r pid; do kill -9 "$pid" 2>/dev/null; done <"$run/pids"
    rm -rf "$run"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

started() { # pid: to be ended with us
    echo "$1" >>"$run/pids"
}

busybox() {
    "$root/usr/bin/busybox" "$@"
}

from_root() { # program of that Debian, arguments
    from_root_program=$1
    shift
    "$root/usr/lib64/ld-linux-x86-64.so.2" --library-path "$root/usr/lib/x86_64-linux-gnu" \
        "$root/usr/bin/$from_root_program" "$@"
}

# QEMU of this system where it has vfio-user-pci, as deps-live found it.
qemu() { # program, arguments; replaces this shell
    qemu_program=$1
    shift
    if [ -x "$root/usr/bin/$qemu_program" ]; then
        exec "$root/usr/lib64/ld-linux-x86-64.so.2" --library-path "$root/usr/lib/x86_64-linux-gnu" \
            "$root/usr/bin/$qemu_program" -L "$root/usr/share/qemu" -L "$root/usr/share/seabios" "$@"
    fi
    exec "$qemu_program" "$@"
}

port() { # a free one of this host, each time another
    (
        flock 9
        n=$(cat "$run/port" 2>/dev/null || echo $((20000 + $$ % 500 * 20)))
        while n=$((n + 1)) && grep -q ":$(printf %04X "$n") 0*:0000 0A" /proc/net/tcp /proc/net/tcp6; do :; done
        echo "$n" >"$run/port"
        echo "$n"
    ) 9>"$run/port.lock"
}

# ---- what guests reach on the host ---------------------------------------------------------------------

files=$run/files
serve_files() { # HTTP on $http and what TFTP gives: blob of 3 MB, small of 100 KB, their SHA-256
    mkdir -p "$files"
    head -c 3000000 /dev/urandom >"$files/blob"
    head -c 100000 /dev/urandom >"$files/small"
    for f in blob small; do sha256sum <"$files/$f" | cut -d ' ' -f 1 >"$files/$f.sha256"; done
    chmod -R a+rX "$files"
    http=$(port)
    "$root/usr/bin/busybox" httpd -f -p "127.0.0.1:$http" -h "$files" &
    started $!
}

serve_sink() { # what comes to $sink is answered with its SHA-256 once it has ended
    sink=$(port)
    printf '#!/bin/sh\nsha256sum | cut -d " " -f 1\n' >"$run/sum"
    chmod +x "$run/sum"
    "$root/usr/bin/busybox" nc -ll -p "$sink" -e "$run/sum" 2>/dev/null &
    started $!
}

serve_iperf() { # to $iperf, a run at a time
    iperf=$(port)
    (exec "$root/usr/lib64/ld-linux-x86-64.so.2" --library-path "$root/usr/lib/x86_64-linux-gnu" \
        "$root/usr/bin/iperf3" -s -p "$iperf") >"$run/iperf3.log" 2>&1 &
    started $!
}

# ---- devices and machines ------------------------------------------------------------------------------

# A device that listens; $device is its process.
start_device() { # name, network, more options
    name=$1 net=$2
    shift 2
    rm -f "$run/$name.sock"
    "$VU" --socket-path "$run/$name.sock" --net "$net" --mac "$MAC" "$@" >"$live/$name.device.log" 2>&1 &
    device=$!
    started $device
    tries=50
    while [ ! -S "$run/$name.sock" ]; do
        tries=$((tries - 1))
        if [ $tries = 0 ] || ! kill -0 $device 2>/dev/null; then
            cat "$live/$name.device.log" >&2
            return 1
        fi
        sleep 0.1
    done
}

device_arguments() { # name, network: what QEMU is told, a word a line
    if [ "$DEVICE" = e1000 ]; then
        printf '%s\n' -netdev "${2%%,*},id=n0,${2#*,}" -device "e1000,netdev=n0,mac=$MAC"
    else
        printf '%s\n' -nic none -device \
            "{\"driver\":\"vfio-user-pci\",\"socket\":{\"type\":\"unix\",\"path\":\"$run/$1.sock\"}}"
    fi
}

# A machine with the device; $machine is its process, $console what it says. What it reads comes from tell.
# MEMORY=plain: guest memory that the device reaches by messages only.
start_machine() { # name, network, QEMU, machine, MiB, more arguments
    name=$1 net=$2 program=$3 kind=$4 size=$5
    shift 5
    console=$live/$name.console
    keys=$run/$name.keys
    rm -f "$keys" "$console"
    mkfifo "$keys"
    if [ "${MEMORY:-shared}" = shared ]; then
        kind=$kind,memory-backend=m
        set -- -object "memory-backend-memfd,id=m,size=${size}M,share=on" "$@"
    fi
    case $net in *,*) ;; *) net=$net, ;; esac
    IFS='
'
    set -f
    # shellcheck disable=SC2046
    set -- $(device_arguments "$name" "$net") "$@"
    set +f
    unset IFS
    (qemu "$program" -accel tcg -M "$kind" -m "$size" -display none -monitor none -serial stdio "$@") \
        <>"$keys" >"$console" 2>"$live/$name.qemu.log" &
    machine=$!
    started $machine
    seen=0
}

# The Linux guest. Its checks come from the kernel command line, and what they have to know.
start_linux() { # name, network, checks, more of the command line
    name=$1 net=$2 checks=$3
    shift 3
    start_machine "$name" "$net" qemu-system-x86_64 "${MACHINE:-q35}" "${MIB:-192}" -vga none ${QEMU_MORE:-} \
        -kernel "$kernel" -initrd "$live/initramfs.gz" \
        -append "console=ttyS0 quiet loglevel=1 panic=-1 MAC=$MAC CHECKS=$checks HTTP=${http:-} SINK=${sink:-} IPERF=${iperf:-} $*"
}

tell() { # text: typed at the machine's console
    printf '%s\n' "$1" >"$keys"
}

heard() { # regular expression: was it said since the last hear
    tail -c "+$((seen + 1))" "$console" 2>/dev/null | tr -d '\r' | grep -aqE "$1"
}

hear() { # seconds, regular expression: wait for it on the console
    hear_until=$(($(date +%s) + $1))
    while ! heard "$2"; do
        kill -0 "$machine" 2>/dev/null || { heard "$2"; return; }
        [ "$(date +%s)" -le "$hear_until" ] || return 1
        sleep 0.2
    done
    seen=$(wc -c <"$console")
}

stop() { # pid: at once
    kill -9 "$1" 2>/dev/null
    wait "$1" 2>/dev/null
}

stop_device() { # as its owner would: files are written to the end
    [ "$DEVICE" = e1000 ] && return
    kill "$device" 2>/dev/null
    wait "$device" 2>/dev/null
}

# Waits for a Linux guest to come through; what it asks for is answered by ready_NAME.
attend() { # seconds
    attend_until=$(($(date +%s) + $1))
    asked=0
    while kill -0 "$machine" 2>/dev/null; do
        n=$(grep -ac '^READY ' "$console" 2>/dev/null)
        while [ "$asked" -lt "${n:-0}" ]; do
            asked=$((asked + 1))
            "ready_$(tr -d '\r' <"$console" | grep -a '^READY ' | sed -n "${asked}s/^READY \([a-z]*\).*/\1/p")"
        done
        if [ "$(date +%s)" -gt "$attend_until" ]; then
            stop "$machine"
            return 1
        fi
        sleep 0.3
    done
}
