#!/bin/sh
# what udhcpc calls with a lease
[ "$1" = bound ] || exit 0
ifconfig "$interface" "$ip" netmask "$subnet"
[ -z "${router:-}" ] || route add default gw "${router%% *}" dev "$interface"
for d in ${dns:-}; do echo "nameserver $d"; done >/etc/resolv.conf
