#!/bin/sh
# Works out requirements/run.txt, dev.txt and drawings.txt anew from pyproject.toml, every file of
# every platform by its hash, and no download address. Versions move only with `--upgrade`.
set -eu
part=pins
. "$(dirname -- "$0")/common.sh"

# The oldest Python we support: what only newer ones leave out is then still listed.
python=$(PYTHON=python3.11 find_python) || fail "needs python3.11"
compiler=$cache/pins
[ -x "$compiler/bin/pip-compile" ] || {
    say "installing pip-tools"
    quietly "$python" -m venv "$compiler"
    quietly "$compiler/bin/pip" install pip-tools
}

compile() {
    (cd "$root" && quietly "$compiler/bin/pip-compile" --quiet --generate-hashes --strip-extras \
        --no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links "$@")
}
project() { compile --build-deps-for editable "$@" pyproject.toml; }

project "$@" --output-file requirements/run.txt
project "$@" --all-extras --constraint requirements/run.txt --output-file requirements/dev.txt
# What `make drawings` alone needs; nothing else installs it.
echo wireviz | compile "$@" --output-file requirements/drawings.txt -
say "written; see git diff requirements/"
