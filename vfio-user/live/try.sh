#!/bin/sh
# make live: a Linux guest on this terminal, its network through the device. Usage: try.sh [OPTION of the device]...
set -u
. vfio-user/live/lib.sh
start_device try "user" "$@" || exit 1
tail -f "$live/try.device.log" &
started $!
IFS='
'
set -f
# shellcheck disable=SC2046
set -- $(device_arguments try user,)
set +f
unset IFS
(qemu qemu-system-x86_64 -accel tcg -M q35,memory-backend=m -m 256 -object memory-backend-memfd,id=m,size=256M,share=on \
    -nographic -vga none "$@" -kernel "$kernel" -initrd "$live/initramfs.gz" \
    -append "console=ttyS0 quiet loglevel=1 panic=-1 MAC=$MAC CHECKS=shell LIMIT=1000000")
