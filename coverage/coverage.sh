#!/bin/sh
# make coverage: which lines and branches the tests reach, which register bits and sections the scenarios show
#
# Builds for gcov, runs the unit tests, every scenario, some of them behind a socket and the tests of the program, and
# writes below build/coverage:
#   lines.txt      lines and branches of each file of model/ and harness/       lines/index.html   the same, in colour
#   registers.txt  for each register the bits seen at 0 and at 1, and by whom
#   manual.txt     sections that the model cites beside those that a scenario claims
# Thresholds are in coverage/thresholds, waivers in coverage/waivers.txt. Exit status 1 if anything is missed.
set -u
export CK_TIMEOUT_MULTIPLIER=15 # limits are for what never ends, not for a busy machine
cd "$(dirname "$0")/.." || exit 2

make=${MAKE:-make}
b=build/gcc-O0-cov # what the Makefile calls a build with COV=1
out=build/coverage
# A branch that only a broken model takes is none that a test should reach.
rc='--rc lcov_branch_coverage=1 --rc lcov_excl_br_line=ASSERT\(|LCOV_EXCL_BR_LINE'
passed=0 failed=0
start=$(date +%s)

give_up() { # message, log
    echo "coverage: $1${2:+; the end of $2:}" >&2
    [ -z "${2:-}" ] || tail -n 20 "$2" >&2
    exit 2
}

for tool in lcov genhtml gcov; do
    command -v $tool >/dev/null || give_up "there is no $tool; make deps installs it"
done
rm -rf $out
mkdir -p $out || exit 2

# ---- build and run ----

$make -s COV=1 SAN= CC=gcc CFLAGS=-g $b/e1000lab $b/model-test $b/harness-test >$out/build.log 2>&1 ||
    give_up "the build failed" $out/build.log
find $b -name '*.gcda' -exec rm -f {} +
# The other end of a socket, which is not counted itself; without its libraries those lines are missing.
server=build/gcc-O2/e1000-vfio-user
$make -s CC=gcc OPT=-O2 SAN= COV= CFLAGS=-g vfio-user >$out/server.log 2>&1 || server=

run() { # name, command...: its output goes to a log
    name=$1
    shift
    "$@" >"$out/$name.log" 2>&1 </dev/null
    echo $? >"$out/$name.status"
}
# Each writes its own counts when it ends, and adds them to what is there.
run model-test $b/model-test &
run harness-test $b/harness-test &
run program sh harness/test/cli.sh $b/e1000lab $server &
[ -z "$server" ] || run socket sh harness/test/socket.sh $b/e1000lab $server $b/out-socket &
run scenarios $b/e1000lab run --timeout 120 --coverage $out/scenarios --out $b/out scenarios
wait

bad=
for name in model-test harness-test program scenarios ${server:+socket}; do
    [ "$(cat $out/$name.status)" = 0 ] || bad="$bad $out/$name.log"
    rm -f $out/$name.status
done
if [ -z "$bad" ]; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
    echo "FAIL  tests failed, so some lines and bits may be missing below; make check shows more:"
    echo "     $bad"
fi

# ---- registers and sections ----

$b/e1000lab coverage --waivers coverage/waivers.txt --thresholds coverage/thresholds \
    --registers $out/registers.txt --manual $out/manual.txt $out/scenarios >$out/summary.txt 2>$out/coverage.log
status=$?
[ $status -le 1 ] || give_up "no report on registers" $out/coverage.log
rm -f $out/coverage.log

# ---- lines ----

# shellcheck disable=SC2086
lcov -q $rc --capture --directory $b --base-directory "$PWD" --no-external \
    --exclude '*/test/*' --exclude '*/bench/*' --exclude '*/driver/*' --exclude "$PWD/build/*" --exclude '/usr/*' \
    --output-file $out/all.info >$out/lcov.log 2>&1 || give_up "lcov failed" $out/lcov.log
# A header counts once, whoever includes it.
# shellcheck disable=SC2086
lcov -q $rc --add-tracefile $out/all.info --output-file $out/lines.info >$out/lcov.log 2>&1 ||
    give_up "lcov failed" $out/lcov.log
genhtml -q --branch-coverage --legend --prefix "$PWD" --title e1000lab --output-directory $out/lines \
    $out/lines.info >$out/genhtml.log 2>&1 || give_up "genhtml failed" $out/genhtml.log
rm -f $out/lcov.log $out/genhtml.log $out/all.info

# A line for each file, a total for each folder.
awk -v top="$PWD/" '
    function percent(part, whole) { return whole == 0 ? "     -" : sprintf("%5.1f%%", 100 * part / whole) }
    function row(name, lh, lf, bh, bf) {
        printf "%-32s %s %5d /%5d   %s %5d /%5d\n", name, percent(lh, lf), lh, lf, percent(bh, bf), bh, bf
    }
    BEGIN { printf "%-32s %-20s   %s\n", "", "lines", "branches" }
    /^SF:/ {
        name = substr($0, 4)
        if (index(name, top) == 1) name = substr(name, length(top) + 1)
        lf = lh = bf = bh = 0
    }
    /^LF:/ { lf = substr($0, 4) }
    /^LH:/ { lh = substr($0, 4) }
    /^BRF:/ { bf = substr($0, 5) }
    /^BRH:/ { bh = substr($0, 5) }
    /^end_of_record/ {
        folder = name
        sub(/\/.*/, "/", folder)
        if (folder != last && last != "") { row(last " in all", t1, t2, t3, t4); print ""; t1 = t2 = t3 = t4 = 0 }
        last = folder
        row(name, lh, lf, bh, bf)
        t1 += lh; t2 += lf; t3 += bh; t4 += bf
    }
    END { if (last != "") row(last " in all", t1, t2, t3, t4) }
' $out/lines.info >$out/lines.txt

# Folder, threshold, "lines" or "branches": one line of the summary. Percentages are cut, not rounded up.
judge() {
    awk -v folder="$1/" -v name="$2" -v what="$3" -v report="$out/lines.txt" '
        FNR == NR { if ($1 == name) { limit = $2; known = 1 } next }
        $1 == folder && $2 == "in" { found = 1; line = $0 }
        END {
            if (!known || !found) {
                print "FAIL  " name ": " (known ? "no " folder " in " report : "not in coverage/thresholds")
                exit 1
            }
            gsub(/[%\/]/, " ", line)
            split(line, f, " ")
            hit = f[what == "lines" ? 5 : 8]; all = f[what == "lines" ? 6 : 9]
            value = all == 0 ? 0 : int(1000 * hit / all) / 10
            good = value >= limit
            printf "%-4s  %-24s %12s   %-16s %s\n", good ? "ok" : "FAIL", folder " " what,
                sprintf("%.1f %%", value), "at least " limit " %", report
            exit !good
        }' coverage/thresholds $out/lines.txt
}
count() {
    if judge "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        awk -v folder="$1/" -v what="$3" '
            index($1, folder) == 1 && $2 != "in" {
                line = $0
                gsub(/[%\/]/, " ", line)
                split(substr(line, length($1) + 1), f, " ")
                if (f[1] == "-") next
                hit = what == "lines" ? f[2] : f[5]; all = what == "lines" ? f[3] : f[6]
                if (all > hit) print all - hit, $1
            }' $out/lines.txt | sort -rn | head -n 4 |
            awk -v what="$3" '{ printf "      %5d %s missed in %s\n", $1, what, $2 }'
        echo "      next: a test that reaches them; $out/lines/index.html shows which"
    fi
}
count model model_lines lines
count model model_branches branches
count harness harness_lines lines

grep -v -E '^[0-9]+ passed, [0-9]+ failed$' $out/summary.txt
totals=$(tail -n 1 $out/summary.txt)
passed=$((passed + ${totals%% *}))
totals=${totals#*, }
failed=$((failed + ${totals%% *}))
rm -f $out/summary.txt

echo "reports in $out: lines.txt, lines/index.html, registers.txt, manual.txt; measured in $(($(date +%s) - start)) s"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
