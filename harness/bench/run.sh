#!/bin/sh
# Run the benchmark on one core, so that it is not moved about: sh run.sh path/to/bench [--check]
set -eu
bench=$1
shift
if taskset -c 0 true 2>/dev/null; then
    core=$(awk '/^Cpus_allowed_list:/ {n = split($2, part, /[-,]/); print part[n]}' /proc/self/status)
    exec taskset -c "$core" "$bench" "$@"
fi
echo "run.sh: no taskset here; the figures may wander" >&2
exec "$bench" "$@"
