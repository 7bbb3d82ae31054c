#!/bin/sh
# cli.sh - the program itself on bad input: one clear message, the right exit status, nothing lost
#
# Usage: cli.sh PROGRAM [SERVER]. SERVER is e1000-vfio-user, if it was built. Prints TAP and, as its last line, totals.
set -u

program=${1:?usage: cli.sh PROGRAM}
case $program in
*/*) program=$(cd "$(dirname "$program")" && pwd)/$(basename "$program") ;;
esac
[ -x "$program" ] || {
    echo "cli.sh: there is no program $program; build it first" >&2
    exit 2
}
server=${2:-${program%/*}/e1000-vfio-user}
case $server in
/*) ;;
*) server=$PWD/$server ;;
esac
folder=$(mktemp -d "${TMPDIR:-/tmp}/e1000lab-cli-XXXXXX") || exit 2
pid=
trap '[ -z "$pid" ] || kill "$pid"; cd / && rm -rf "$folder"' EXIT
trap 'exit 2' HUP INT TERM
cd "$folder" || exit 2
mkdir -p scenarios/bad scenarios/good

passed=0 failed=0 count=0

result() { # good?, sentence
    count=$((count + 1))
    if [ "$1" = yes ]; then
        passed=$((passed + 1))
        echo "ok $count - $2"
    else
        failed=$((failed + 1))
        echo "not ok $count - $2"
        sed 's/^/# /' output
    fi
}

# The program ends with this status and says something that contains each of the texts.
check() { # sentence, status, texts separated by |, arguments...
    sentence=$1 status=$2 texts=$3
    shift 3
    "$program" "$@" >output 2>&1 </dev/null
    got=$?
    good=yes
    [ "$got" = "$status" ] || good=no
    rest=$texts
    while [ -n "$rest" ]; do
        text=${rest%%|*}
        case $rest in
        *\|*) rest=${rest#*|} ;;
        *) rest= ;;
        esac
        grep -qF -e "$text" output || good=no
    done
    [ $good = yes ] || echo "(status $got, expected $status; expected to see: $texts)" >>output
    result $good "$sentence"
}

# What came out last is one line, and no program's name but ours is in front of it.
one_line() { # sentence
    if [ "$(wc -l <output)" -eq 1 ] && grep -q '^e1000lab: ' output; then
        result yes "$1"
    else
        result no "$1"
    fi
}

same() { # sentence, file, file
    if cmp -s "$2" "$3"; then result yes "$1"; else result no "$1"; fi
}

absent() { # sentence, path
    if [ ! -e "$2" ]; then result yes "$1"; else result no "$1"; fi
}

# A scenario scenarios/bad/$1.lua whose third line is standard input.
bad() {
    {
        echo "local nic = scenario { name = \"$1\", manual = { \"13.4.1\" } }"
        echo 'step "something bad"'
        cat
    } >"scenarios/bad/$1.lua"
}

cat >scenarios/good/good.lua <<'END'
local nic = scenario { name = "good", manual = { "13.4.1" }, golden = { "wire" } }
step "one frame leaves"
nic:link_up { speed = 1000, duplex = "full" }
local tx = nic:tx_ring { entries = 8 }
local frame = pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02" } / pkt.pattern(60)
tx:legacy { buffer = frame, CMD = "EOP IFCS RS" }
tx:doorbell()
nic:run(us(100))
expect.eq(#nic:sent(), 1, "frames on the wire")
END

# ---- the command line ----------------------------------------------------------------------------

check "no command names help" 2 "which command?|e1000lab help"
one_line "no command is one line"
check "an unknown command names the nearest" 2 'no command "rnu"|nearest: run' rnu
check "an unknown option names the nearest" 2 "unknown option --stritc|nearest: --strict" run --stritc
one_line "an unknown option is one line"
check "an option without its argument names it" 2 "--junit needs FILE" run --junit
check "an option that is no number names it" 2 '--seed=N cannot be "many"' run --seed many
check "an unknown device under test names those there are" 2 "no device under test \"modle\"|model" \
    run --dut modle scenarios/good/good.lua
check "help lists every command" 0 "run |diff |golden |regs |decode |rules |version " --help
for command in run diff golden regs decode rules help version; do
    check "$command --help has options, examples and exit status" 0 \
        "usage: e1000lab $command|options:|examples:|exit status:" $command --help
done
check "help names the nearest command" 2 'no command "gloden"|nearest: golden' help gloden
check "version is printed" 0 "e1000lab " version

# ---- registers -----------------------------------------------------------------------------------

check "the table has every register" 0 "CTRL |RAL[16]|13.4.1" regs
check "a register in lower case is found" 0 "RCTL  |offset     00100|BSIZE" regs rctl
check "a register is found by its offset" 0 "RCTL  |BSIZE" regs 0x100
check "an element of an array is found by its offset" 0 "RAL[1]|offset     05408" regs 5408h
check "a field is found" 0 "RCTL|BSIZE" regs RCTL.BSIZE
check "a PHY register is found without PHY." 0 "PHY.PCTRL|number     0" regs pctrl
check "a PHY register is found with PHY." 0 "PHY.PCTRL" regs PHY.PCTRL
check "registers that are not modelled are listed" 0 "offset" regs --todo
check "an unknown register names the nearest" 2 "no register named RCTK|nearest: RCTL" regs RCTK
one_line "an unknown register is one line"
check "an unknown field names the nearest" 2 "RCTL has no field BSIZ|BSIZE" regs RCTL.BSIZ
check "an offset without a register is named" 2 "no register is declared at offset 0000c" regs 0x0000c
check "an element beyond the array is named" 2 "RAL has elements 0 to 15" regs "RAL[16]"
check "decode prints fields" 0 "RCTL|EN|BAM" decode RCTL 0x8002
check "decode takes h and no prefix" 0 "RCTL" decode rctl 8002h
check "decode refuses what is no number" 2 '"8002x" is no hexadecimal value' decode RCTL 8002x
check "decode refuses more bits than there are" 2 "too large|32 bits" decode RCTL 100000000
check "decode refuses more bits than a PHY register has" 2 "too large|16 bits" decode PHY.PCTRL 10000
check "decode names the nearest register" 2 "no register named RCTLL|nearest: RCTL" decode RCTLL 1
check "rules are listed" 0 "tail-outside-ring" rules

# ---- files that are not there ---------------------------------------------------------------------

check "a file that is not there is named" 2 "scenarios/nowhere.lua|No such file" run scenarios/nowhere.lua
one_line "a file that is not there is one line"
check "a name that is not there names the nearest" 2 "goood: no such file|nearest: good" run goood
mkdir empty
check "a folder without scenarios is named" 2 "empty: the folder holds no scenario" run empty
check "a pattern that nothing matches is named" 2 '"xyz"' run --match xyz scenarios/good
echo x >file
check "an output folder that cannot be is named" 2 "file" run --out file/out scenarios/good/good.lua
check "a report that cannot be written is named" 2 "nowhere/junit.xml" \
    run --no-golden --junit nowhere/junit.xml scenarios/good/good.lua

# ---- scripts with errors --------------------------------------------------------------------------

echo 'local x = = 1' | bad syntax
check "a syntax error names file and line" 2 "scenarios/bad/syntax.lua:3|0 passed, 1 failed" \
    run scenarios/bad/syntax.lua
check "a syntax error is seen by --list" 2 "scenarios/bad/syntax.lua|syntax" run --list scenarios/bad/syntax.lua
check "a script with an error is not accepted" 2 "scenarios/bad/syntax.lua:3|0 accepted, 1 refused" \
    golden scenarios/bad/syntax.lua
absent "nothing is written for a script with an error" golden/bad

echo 'nic:no_such_verb()' | bad verb
check "an undefined verb names file and line" 1 "scenarios/bad/verb.lua:3|no_such_verb" run --no-golden verb
echo 'no_such_function()' | bad undefined
check "an undefined function names file and line" 1 "scenarios/bad/undefined.lua:3|no_such_function" \
    run --no-golden undefined
echo 'nic.regs.RCTK:read()' | bad register
check "an unknown register in a script names file, line and register" 1 \
    "scenarios/bad/register.lua:3|RCTK" run --no-golden register
echo 'nic.regs.RCTL:write { BSIZ = 1 }' | bad field
check "an unknown field in a script names file, line, register and field" 1 \
    "scenarios/bad/field.lua:3|RCTL|BSIZ" run --no-golden field
echo 'local s = ("x"):rep(1 << 40)' | bad memory
check "a string beyond all memory names file and line" 1 "scenarios/bad/memory.lua:3" \
    run --no-golden memory
echo 'while true do end' | bad endless
check "an endless loop names file and line" 1 "scenarios/bad/endless.lua:3|0 passed, 1 failed" \
    run --no-golden --timeout 60 endless
# Inside one call no instruction is counted: here the clock on the wall ends it.
echo 'local _ = (("a"):rep(100000)):find(("a-"):rep(30) .. "b")' | bad stuck
check "a call that never ends is ended by the clock" 1 \
    "scenarios/bad/stuck.lua|did not end within 500 ms|--timeout" run --no-golden --timeout 0.5 stuck
echo 'expect.eq(1, 2, "one and two")' | bad wrong
check "a failed expectation names file, line, step and sections" 1 \
    "scenarios/bad/wrong.lua:3|something bad|one and two|[13.4.1]|make run S=wrong" run --no-golden wrong
cat >scenarios/bad/misnamed.lua <<'END'
local nic = scenario { name = "other", manual = { "13.4.1" } }
END
check "a name that is not the file's is an error" 2 '"other"|misnamed.lua' run --no-golden misnamed
echo 'print("a binary \27[31m line")' >scenarios/bad/nothing.lua
check "a script without a scenario is named" 2 "scenarios/bad/nothing.lua" run --no-golden nothing
head -c 4096 /dev/urandom >scenarios/bad/noise.lua
check "a file that is no script is named" 2 "scenarios/bad/noise.lua" run --no-golden noise
check "one bad script does not keep the others from running" 2 \
    "ok 1 - good|not ok|1 passed, 2 failed" run --no-golden syntax good wrong

# ---- goldens --------------------------------------------------------------------------------------

check "a missing golden names the file and what accepts it" 1 \
    "golden/good/good.trace|make golden S=good|0 passed, 1 failed" run good
absent "a missing golden is not made by a run" golden
check "a missing golden is a difference" 1 "golden/good/good.trace" diff good
absent "a missing golden is not made by a diff" golden
check "golden accepts and says what it wrote" 0 \
    "golden/good/good.trace: written|golden/good/good.wire.pcap: written|1 accepted, 0 refused" golden good
check "what was accepted passes" 0 "ok 1 - good|1 passed, 0 failed" run --twice good
check "a device that is saved and loaded at every event does the same" 0 "1 passed, 0 failed" run --reload good
check "and has no difference" 0 "" diff --reload good
check "reload is an argument of the model" 0 "1 passed, 0 failed" run --dut model:reload good
check "so is how often" 0 "1 passed, 0 failed" run --reload --dut model:reload=8 good
check "never is not how often" 2 "the model's arguments are" run --dut model:reload=0 good
check "others are named" 2 "the model's arguments are \"reload\", \"reload=CALLS\", \"defer\"|not \"x\"" run --dut model:x good
check "a run is recorded" 0 "1 passed, 0 failed" run --dut model:record=good.rec good
check "and lived again" 0 "good.rec: the same" replay good.rec
head -c 100 good.rec >cut.rec
{ head -c 60 good.rec; printf '\377\377'; tail -c +63 good.rec; } >damaged.rec
check "a recording cut short says where it ends" 1 "the file ends in it" replay cut.rec
check "a damaged one is not lived at all" 2 "damaged: its check is" replay damaged.rec
check "another file is no recording" 2 "not a recording" replay scenarios/good/good.lua
check "a missing one has a name" 2 "absent.rec: No such file" replay absent.rec
check "a server that is not there is named" 2 "absent.sock: No such file" run --dut vfio-user:absent.sock good
check "no golden comes from a clock of its own" 2 "it is no golden" golden --dut vfio-user:absent.sock good
check "reload and another argument exclude each other" 2 "no other argument" run --reload --dut model:x good
check "what was accepted has no difference" 0 "" diff good
[ ! -s output ] && result yes "no difference prints nothing" || result no "no difference prints nothing"
check "accepting again changes nothing" 0 "good.trace: unchanged|wire.pcap: unchanged" golden good

cp -R golden kept
echo "expect.eq(1, 2, \"broken on purpose\")" >>scenarios/good/good.lua
check "a failed scenario is not accepted" 1 "broken on purpose|not accepted|0 accepted, 1 refused" golden good
same "a refused trace stays as it was" golden/good/good.trace kept/good/good.trace
same "refused frames stay as they were" golden/good/good.wire.pcap kept/good/good.wire.pcap
sed '$d' scenarios/good/good.lua >shorter && cp shorter scenarios/good/good.lua

head -c 50 kept/good/good.wire.pcap >golden/good/good.wire.pcap
cp golden/good/good.wire.pcap truncated
check "a truncated golden pcap is named" 1 "golden/good/good.wire.pcap|cut off|make golden S=good" run good
same "a truncated golden pcap is left as it is" golden/good/good.wire.pcap truncated
: >golden/good/good.wire.pcap
check "an empty golden pcap is named" 1 "golden/good/good.wire.pcap|empty" run good
rm golden/good/good.wire.pcap
check "a missing golden pcap is named" 1 "golden/good/good.wire.pcap" run good
cp kept/good/good.wire.pcap golden/good/
sed '2s/.*/== another step/' kept/good/good.trace >golden/good/good.trace
check "a different trace shows its first difference" 1 \
    "first difference from golden/good/good.trace, line 2:|make diff S=good|make golden S=good" run good
check "diff shows a unified diff" 1 "--- golden/good/good.trace|-== another step|@@ -1," diff good
rm golden/good/good.trace && mkdir golden/good/good.trace
check "a golden that is a folder is named" 1 "golden/good/good.trace" run good
check "a golden that cannot be written is named" 2 "golden/good/good.trace" golden good
rmdir golden/good/good.trace && cp kept/good/good.trace golden/good/
cp kept/good/good.wire.pcap golden/good/good.old.pcap
check "golden frames that nobody lists are a failure" 1 "good.old.pcap|does not list \"old\"" run good
check "golden removes frames that nobody lists" 0 "good.old.pcap: removed" golden good
absent "frames that nobody lists are gone" golden/good/good.old.pcap
if [ -z "$(find . -name '*.new*')" ]; then
    result yes "no half-written file is left"
else
    result no "no half-written file is left"
fi

# ---- a scenario outside the tree, and reports ------------------------------------------------------

mkdir elsewhere
sed 's/name = "good"/name = "mine"/' scenarios/good/good.lua >"elsewhere/mine.lua"
check "a scenario elsewhere has its golden beside it" 0 "elsewhere/golden/mine.trace: written" \
    golden elsewhere/mine.lua
check "a scenario elsewhere is run again by its path" 1 "e1000lab golden --golden other elsewhere/mine.lua" \
    run --golden other elsewhere/mine.lua
check "a report for CI is written" 2 "1 passed, 2 failed" \
    run --junit junit.xml good scenarios/bad/syntax.lua scenarios/bad/wrong.lua
check_junit=no
grep -q '<testsuite name="e1000lab" tests="3" failures="1" errors="1" skipped="0">' junit.xml &&
    grep -q '<testcase classname="good" name="good"' junit.xml && check_junit=yes
cp junit.xml output
result $check_junit "the report has every scenario"
check "any number at a time gives the same report" 2 "" run --format text -j 1 scenarios/bad/syntax.lua good wrong
cp output one
check "many at a time run, too" 2 "" run --format text -j 8 wrong good scenarios/bad/syntax.lua
same "reports come in the order of names" one output
check "scenarios are listed with their sections" 0 "good  scenarios/good/good.lua  13.4.1" run --list good
sed 's/name = "good"/long = true, name = "patient"/' scenarios/good/good.lua >elsewhere/patient.lua
check "a long scenario is left out on request, and counted" 0 "1 passed, 0 failed, 1 skipped" \
    run --quick --no-golden good elsewhere/patient.lua
check "a long scenario runs unless told otherwise" 0 "2 passed, 0 failed" run --no-golden good elsewhere/patient.lua
check "a trace is printed on request" 0 "== one frame leaves|1 passed, 0 failed" run -v good

# ---- a card behind a socket ------------------------------------------------------------------------

check "its options are named" 2 "not understood: fast" run --dut vfio-user:a.sock,fast good
check "a memory of another kind is not understood" 2 "not understood: memory=none" run --dut vfio-user:a.sock,memory=none good
check "a clock stops by a control socket" 2 "clock=stopped needs control=" run --dut vfio-user:a.sock,clock=stopped good
check "who is started brings its own" 2 "control= is for a server that is there" run --dut vfio-user:exec=a,control=c good
check "frames have two ends" 2 "dgram= and peer= go together" run --dut vfio-user:a.sock,dgram=here good
check "a path that is too long is not understood" 2 "not understood: control=" \
    run --dut "vfio-user:a.sock,control=$(printf '%0120d' 0)" good
check "a control socket that is not there is named" 2 "absent.ctl: No such file" \
    run --dut vfio-user:a.sock,control=absent.ctl good
check "a program that is no server is an end" 2 "good.lua|the server c" run --dut vfio-user:exec=true good

wait_for() { # command...: true within 5 s
    n=0
    until "$@" 2>/dev/null; do
        n=$((n + 1))
        [ $n -lt 100 ] || return 1
        sleep 0.05
    done
}
if [ -x "$server" ]; then
    cat >behind.lua <<'END'
local nic = scenario { name = "behind", manual = { "3.2", "3.3" } }
local r = nic.regs
step "there and back"
nic:link_up { speed = 1000, duplex = "full" }
local tx, rx = nic:tx_ring { entries = 8 }, nic:rx_ring { entries = 8, SECRC = 1 }
tx:send(pkt.eth { src = nic.mac, dst = "02:00:00:00:00:02", type = 0x88b5 } / pkt.pattern(46))
expect.eq(#nic:sent(), 1, "sent")
local back = pkt.eth { src = "02:00:00:00:00:02", dst = nic.mac, type = 0x88b5 } / pkt.pattern(46)
nic:receive(back)
rx:wait { index = 0, DD = 1 }
expect.bytes(rx:data(0), back, "received")
step "two mistakes of one kind"
r.TDT:write(9)
r.TDT:write(10)
END
    "$server" --no-sandbox --socket-path "$folder/n" --net "dgram,local.path=$folder/there,remote.path=$folder/here" \
        --control "$folder/c" --trace trace --lint >lint 2>&1 &
    pid=$!
    wait_for [ -S c ]
    card=vfio-user:n,control=c,dgram=here,peer=there
    check "a server that is there has a card, too" 0 "1 passed, 0 failed" \
        run --format text --no-golden --dut "$card" behind.lua
    wait_for grep -q 'bad TDT       0000000a  tail-outside-ring \[3.2.6\]' trace
    good=$?
    cp trace output
    result "$([ $good = 0 ] && kill -0 "$pid" && echo yes)" "its trace can be read while it runs"
    for more in clock=stopped clock=stopped,memory=messages clock=real; do
        check "and again: $more" 0 "1 passed, 0 failed" \
            run --format text --no-golden --dut "$card,$more" behind.lua
    done
    kill "$pid"
    wait "$pid"
    pid=
    cp lint output
    result "$([ "$(grep -c '^lint: \[3.2.6\] tail-outside-ring: .* (TDT 00000009)$' lint)" = 1 ] && echo yes)" \
        "lint names a mistake once, when it happens"
    result "$([ "$(tail -n 1 lint)" = "lint:        8 x [3.2.6] tail-outside-ring" ] && echo yes)" "and counts it in the end"
    "$server" --no-sandbox --socket-path "$folder/n" --net null --lint >lint 2>&1 &
    pid=$!
    wait_for [ -S n ]
    kill "$pid"
    wait "$pid"
    pid=
    cp lint output
    result "$([ "$(cat lint)" = "lint: no mistake seen" ] && echo yes)" "or says that there was none"
fi

echo "1..$count"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
