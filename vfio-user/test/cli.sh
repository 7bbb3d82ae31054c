#!/bin/sh
# The program as people run it: options and their errors, sockets, signals, the control socket.
# Usage: cli.sh PROGRAM
set -u
program=$1
passed=0 failed=0
d=$(mktemp -d)
chmod 755 "$d"
pids=
trap 'for p in $pids; do kill -9 "$p" 2>/dev/null; done; rm -rf "$d"' EXIT

result() { # 0 or not, what
    if [ "$1" = 0 ]; then
        passed=$((passed + 1))
        echo "ok - $2"
    else
        failed=$((failed + 1))
        echo "not ok - $2"
        sed 's/^/#   /' "$d/err" "$d/out" 2>/dev/null
    fi
}

# What must end at once: its status, and words of its message.
ends() { # status, words, arguments...
    status=$1 words=$2
    shift 2
    timeout 20 "$program" "$@" >"$d/out" 2>"$d/err"
    got=$?
    cat "$d/out" "$d/err" | grep -qF -- "$words" && [ "$got" = "$status" ]
    result $? "status $status, \"$words\": $* (got $got)"
}

wait_for() { # command...: true within 5 s
    n=0
    until "$@" >/dev/null 2>&1; do
        n=$((n + 1))
        [ $n -lt 250 ] || return 1
        sleep 0.02
    done
}

pid=
start() { # arguments...: in the background, until its socket is there
    "$program" --socket-path "$d/s" "$@" >"$d/out" 2>"$d/err" &
    pid=$!
    pids="$pids $pid"
    wait_for [ -S "$d/s" ]
}

# A background process of a shell ignores SIGINT: only SIGTERM is tried here.

finish() { # status, what
    ( trap 'kill $!; exit' TERM; sleep 20 & wait $!; kill -9 "$pid" ) >/dev/null 2>&1 & # and no sleep stays behind
    watchdog=$!
    wait "$pid"
    got=$?
    kill "$watchdog"
    [ "$got" = "$1" ]
    result $? "$2 (status $got)"
}

ends 0 "usage: e1000-vfio-user" --help
ends 0 "hostfwd=" --help
ends 0 "e1000-vfio-user " --version
ends 2 "--socket-path is missing"
ends 2 "give one of them" --socket-path "$d/s" --fd 3
ends 2 "--nett: no such option" --nett null
ends 2 "--mac wants a value" --mac
ends 2 '"file" is not an option' --once file
ends 2 "--socket-path is empty" --socket-path=
ends 2 "--fd x: not a descriptor" --fd=x
ends 2 "--fd 99: Bad file descriptor" --fd=99 --net=null
ends 2 "--fd 1: " --fd=1 --net null
ends 2 "--mac 1:2:3:4:5:6: not an address" --mac 1:2:3:4:5:6
ends 2 "--mac 03:00:00:00:00:00: a group address" --mac 03:00:00:00:00:00
ends 2 "--link fast: one of up, down" --link fast
ends 2 "--link 1000,double: one of up, down" --link 1000,double
ends 2 "--net wire: no such kind of network" --socket-path "$d/s" --net wire
ends 2 "--eeprom $d/none: No such file" --eeprom "$d/none"
ends 2 "--rom $d/none: No such file" --rom "$d/none"
ends 2 "--trace $d/no/t: No such file" --socket-path "$d/s" --net null --trace "$d/no/t"
ends 2 "--capture $d/no/c: No such file" --socket-path "$d/s" --net null --capture "$d/no/c"
ends 2 "--socket-path $d/no/s: No such file" --socket-path "$d/no/s" --net null
ends 2 "--user nobody-at-all: " --socket-path "$d/s" --net null --user nobody-at-all
long=$(printf '%0120d' 0)
ends 2 "choose a shorter one" --socket-path "/tmp/$long" --net null

i=0
while [ $i -lt 64 ]; do
    echo "ffff # word $i"
    i=$((i + 1))
done >"$d/eeprom"
ends 2 "--socket-path is missing" --eeprom "$d/eeprom"
head -n 63 "$d/eeprom" >"$d/short"
ends 2 "--eeprom $d/short: not 64 or 256 words" --eeprom "$d/short"
head -c 127 /dev/zero >"$d/short"
ends 2 "not 64 or 256 words" --eeprom "$d/short"
head -c 512 /dev/zero >"$d/eeprom"
ends 2 "--socket-path is missing" --eeprom="$d/eeprom" --mac=02:00:00:00:00:01
head -c 600000 /dev/zero >"$d/rom"
ends 2 "longer than 524288 bytes" --rom "$d/rom"

echo precious >"$d/s"
ends 2 "a file that is no socket" --socket-path "$d/s" --net null
[ "$(cat "$d/s")" = precious ]
result $? "and the file is as it was"
rm "$d/s"

for box in "" --no-sandbox; do
    start --net null $box
    [ "$(stat -c %a "$d/s")" = 600 ]
    result $? "the socket is for its owner only ${box:-(sandbox)}"
    ends 2 "in use by another process" --socket-path "$d/s" --net null
    kill -TERM "$pid"
    finish 0 "SIGTERM ends it"
    [ ! -e "$d/s" ]
    result $? "and its socket is gone"
done

start --net null --no-sandbox
kill -9 "$pid"
wait "$pid" 2>/dev/null
[ -S "$d/s" ]
result $? "killed without its sandbox, it leaves the socket"
start --net null --control "$d/ctl"
wait_for [ -S "$d/ctl" ] # which comes after the other: that one may still be the old one
kill -TERM "$pid"
finish 0 "the next takes the socket over"
start --net null
kill -9 "$pid"
wait "$pid" 2>/dev/null
wait_for [ ! -e "$d/s" ]
result $? "killed inside its sandbox, the socket goes, too"

# The socket of a network is handed over like the client's: its owner sends to it.
for net in "dgram,local.path=$d/wire,remote.path=$d/other" "stream,path=$d/wire,server=on"; do
    for box in "" --no-sandbox; do
        start --net "$net" $box
        wait_for [ "$(stat -c %U "$d/wire")" = "$(stat -c %U "$d/s")" ]
        result $? "--net ${net%%,*}: both sockets are of one owner ${box:-(sandbox)}"
        kill "$pid"
        finish 0 "SIGTERM ends it"
        [ ! -e "$d/wire" ] && [ ! -s "$d/err" ]
        result $? "and the network's socket is gone, without a word"
    done
done

for box in "" --no-sandbox; do
    start --net user --trace "$d/t" --capture "$d/c" --control "$d/ctl" $box
    wait_for [ -S "$d/ctl" ]
    kill -USR1 "$pid"
    wait_for grep -q '^net-dropped-in-bytes 0$' "$d/err"
    result $? "SIGUSR1 prints statistics ${box:-(sandbox)}"
    kill -HUP "$pid"
    wait_for grep -qF -- "--trace $d/t: still there; move it away first" "$d/err"
    result $? "SIGHUP overwrites nothing"
    mv "$d/t" "$d/t.old"
    mv "$d/c" "$d/c.old"
    kill -HUP "$pid"
    wait_for [ -s "$d/c" ] && [ -e "$d/t" ]
    result $? "SIGHUP goes on in new files"
    kill "$pid"
    finish 0 "SIGTERM ends it"
    [ ! -e "$d/ctl" ]
    result $? "and its control socket is gone"
    rm -f "$d/t" "$d/c"
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
