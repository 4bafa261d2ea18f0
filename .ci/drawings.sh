#!/bin/sh
# Draws the harnesses of hardware/harness/ anew. WireViz has an environment of its own, .cache/
# drawings, since nothing else needs it; Graphviz comes from the system's packages.
set -eu
part=drawings
. "$(dirname -- "$0")/common.sh"

command -v dot >/dev/null || apt_install graphviz ||
    fail "Graphviz is missing; run: sudo apt-get install graphviz"
[ -x "$cache/drawings/bin/wireviz" ] || {
    say "installing WireViz"
    python=$(find_python) || fail "no Python of 3.11 or newer was found"
    quietly "$python" -m venv "$cache/drawings"
    quietly "$cache/drawings/bin/pip" install --require-hashes -r "$root/requirements/drawings.txt"
}
cd "$root" && exec .venv/bin/python -m tests.support.drawings "$cache/drawings/bin/wireviz"
