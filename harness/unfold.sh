#!/bin/sh
# make unfold S=name: a scenario's lines, those inside folds too, against what they were when its golden was accepted
#
# Of a fold a golden has the number of lines and their CRC. The lines themselves come from the commit that wrote the golden
# last: its tree is built below build/accepted and runs its scenario.
#
#   unfold.sh LAB SCENARIO      LAB as the Makefile builds it, build/<kind>/e1000lab
# Exit status: 0 nothing differs, 1 something does, 2 one of the two could not be had.
set -u
lab=$1 scenario=$2
make=${MAKE:-make}
name=$(basename "$scenario" .lua)
out=build/accepted

give_up() {
    echo "unfold: $1" >&2
    exit 2
}

golden=$(git ls-files "golden/*/$name.trace" 2>/dev/null) || give_up "no git repository here, so nobody knows what was accepted"
[ -n "$golden" ] || give_up "golden/*/$name.trace is not committed, so there is nothing to go back to"
git diff --quiet HEAD -- "$golden" || echo "unfold: $golden is not committed as it is; this goes by the one before" >&2
rev=$(git log -1 --format=%h -- "$golden")

mkdir -p $out || exit 2
if [ ! -x "$out/$rev/$lab" ]; then
    rm -rf "$out/$rev"
    mkdir "$out/$rev" && git archive "$rev" | tar -x -C "$out/$rev" || give_up "cannot unpack $rev"
    echo "building $rev: $(git log -1 --format=%s "$rev")" >&2
    $make -s -C "$out/$rev" "$lab" >"$out/$rev.log" 2>&1 || give_up "$rev does not build here; see $out/$rev.log"
fi
then=$(ls "$out/$rev"/scenarios/*/"$name.lua") || give_up "$rev has no scenario $name"

# Whether it passes is not asked, but without a trace there is nothing to compare.
lines() { # program, scenario, file
    "$1" run --show --unfold --no-golden --out "$out/run" "$2" >"$3" 2>"$3.log"
    [ -s "$3" ] || give_up "$2 gave no trace; see $3.log"
}
lines "$out/$rev/$lab" "$then" "$out/$name.$rev"
lines "$lab" "$scenario" "$out/$name.now"
diff -u -L "$name at $rev" -L "$name now" "$out/$name.$rev" "$out/$name.now"
