# The commands of Rollcall. `make` alone lists them. The work is in .ci/ and in the commands named.
# PYTHON=python3.12 chooses the interpreter, ARGS="--port 8080" passes options on.

.PHONY: help venv tools demo test soak bench accuracy lint format docs words screenshots drawings pins
.DEFAULT_GOAL := help

help:  ## list these targets
	@sed -n 's/^\([a-z]*\):.*##  *\(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: venv  ## a whole simulated school on this machine, with its page
	@exec .venv/bin/rollcall demo $(ARGS)

# Three at once on two cores, since the longest tests mostly wait. In the order of the tree: by
# number of tests, as is the default, files of few and long tests would come last and alone.
test: venv-dev tools lint  ## everything that must hold: lint, types, tests
	@exec .venv/bin/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(ARGS)

venv:  ## .venv/ with the `rollcall` command
	@.ci/venv.sh run

tools:  ## mosquitto, MicroPython, Chromium: what tests need
	@.ci/tools.sh

lint: venv-dev  ## ruff and mypy
	@.ci/lint.sh

format: venv-dev  ## let ruff format and fix the code
	@.venv/bin/ruff format --quiet . && .venv/bin/ruff check --fix --quiet .

docs: venv-dev  ## write the command reference of docs/cli.md anew
	@.venv/bin/python -m tests.support.cli_page

words: venv-dev  ## gather what the pages say for translation, into edge/api/locale/
	@.ci/words.sh

screenshots: venv-dev tools  ## take the pictures of README and docs from a running demo
	@exec .venv/bin/python .ci/screenshots.py

drawings: venv-dev  ## draw the harnesses of hardware/ anew (WireViz, Graphviz)
	@exec .ci/drawings.sh

soak: venv-dev tools  ## the long proofs with their full counts; writes docs/soak.md
	@exec .venv/bin/python .ci/soak.py $(ARGS)

bench: venv-dev tools  ## measure what benchmarks/ holds
	@exec .ci/bench.sh $(ARGS)

accuracy: venv-dev  ## how right the engine is, beside simpler rules; writes docs/accuracy.md
	@exec .venv/bin/python -m benchmarks.accuracy $(ARGS)

pins:  ## work out requirements/ anew from pyproject.toml
	@.ci/pins.sh $(ARGS)

.PHONY: venv-dev
venv-dev:
	@.ci/venv.sh dev
