#!/bin/sh
# A Linux guest starts, gets its address by DHCP and pings, and what its driver did is written down:
# the recording that make check lives again. Usage: record.sh FILE, from the top of the tree
set -u
file=${1:?usage: record.sh FILE}
. vfio-user/live/lib.sh
start_device record user --record "$run/session" --no-sandbox || exit 1
start_linux record user probe,dhcp,ping
attend 300
stop_device
grep -aE '^(PASS|FAIL|DONE)' "$console"
[ "$(grep -ac '^PASS' "$console")" = 3 ] && cp "$run/session" "$file"
