#!/bin/sh
# replay.sh - recordings of real drivers, lived again by the model: the same answers, the same trace
#
# Usage: replay.sh PROGRAM FOLDER, from the top of the tree; the folder is for what is written. After a change of
# what traces say: e1000lab replay --trace golden/replay/NAME.trace golden/replay/NAME.e1000rec. Where the model now
# answers otherwise, and is right, the session has to be had again: vfio-user/live/record.sh.
set -u
program=$1 folder=$2
passed=0 failed=0
mkdir -p "$folder"
for recording in golden/replay/*.e1000rec; do
    name=$(basename "$recording" .e1000rec)
    if "$program" replay --trace "$folder/$name.trace" "$recording" 2>&1 &&
        diff "golden/replay/$name.trace" "$folder/$name.trace" | head -n 20 >"$folder/$name.diff" &&
        [ ! -s "$folder/$name.diff" ]; then
        passed=$((passed + 1))
        echo "ok - $name"
    else
        failed=$((failed + 1))
        echo "not ok - $name"
        cat "$folder/$name.diff" 2>/dev/null
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
