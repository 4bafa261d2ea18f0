#!/bin/sh
# Lint, format and types; all three run, so that one run shows everything.
set -eu
cd "$(dirname -- "$0")/.."
bin=.venv/bin
status=0
"$bin/ruff" check . || status=1
"$bin/ruff" format --check --quiet . || { echo 'lint: run: make format' >&2; status=1; }
"$bin/mypy" edge simulator || status=1
exit "$status"
