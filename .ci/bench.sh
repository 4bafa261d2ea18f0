#!/bin/sh
# Runs the benchmarks of benchmarks/ one after the other, or those named: make bench ARGS=replay.
# A benchmark is a module with a `main()` that prints its figures.
set -eu
cd "$(dirname -- "$0")/.."

if [ $# = 0 ]; then
    # shellcheck disable=SC2046
    set -- $(grep -l '^def main' benchmarks/*.py 2>/dev/null | sed 's|.*/||; s|\.py$||')
fi
[ $# -gt 0 ] || echo 'bench: benchmarks/ holds none yet'
for name in "$@"; do
    printf '\n== %s\n' "$name"
    .venv/bin/python -m "benchmarks.$name"
done
