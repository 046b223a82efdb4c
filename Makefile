# Two commands: `make demo` shows gehoor at work, `make test` proves that it works. Both set up .venv by themselves.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

# as the processes of gehoor compute: more threads wait in a busy loop
export OPENBLAS_NUM_THREADS := 1
# where it is set, every process that a test starts compiles all of gehoor again
export PYTHONDONTWRITEBYTECODE :=

BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest

.PHONY: help setup setup-dev demo serve test quick check proof bench bench-peer docs clean

help:  ## say what there is to make
	@sed -nE 's/^([a-z-]+):.*  ## (.*)/  make \1	\2/p' Makefile | expand -t 18

setup:  ## put gehoor into .venv
	@tools/setup.sh

setup-dev:  ## the same, with what the tests need
	@tools/setup.sh dev

demo: setup  ## an ash cloud over a Dutch airline, live, on your screen
	@$(BIN)/gehoor demo

serve: setup  ## start gehoor in ./workspace (make one with: .venv/bin/gehoor init workspace)
	@$(BIN)/gehoor serve workspace

# three at a time, for they wait a third of it; then, with nothing beside them, those that measure time: to read the
# other files again would cost half a minute
test: setup-dev  ## all tests but the long proofs (at most 10 minutes)
	@mkdir -p build; rm -f build/junit*.xml; status=0; \
	$(PYTEST) -rs -n 3 --dist loadfile --no-loadscope-reorder -m "not proof and not alone" || status=1; \
	if [ -f build/junit.xml ]; then mv build/junit.xml build/junit-beside.xml; fi; \
	$(PYTEST) -rs -m "alone and not proof" $$(grep -rl --include='test_*.py' 'mark\.alone' tests) || status=1; \
	exit $$status

quick: setup-dev  ## the unit tests (at most 60 s)
	@$(PYTEST) tests/unit

check: setup-dev  ## style, types, layers, house rules (at most 20 s once warm)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(PYTEST) tests/house

proof: setup-dev  ## crash matrices, browser matrices and long benches (an hour or more)
	@$(PYTEST) -m proof -rs

bench: setup  ## posts per second and µs per post, on this machine
	@$(BIN)/gehoor bench --posts 300000 --json

bench-peer: setup  ## the same 20,000 lines through obsei 1.1.1 and gehoor (installs obsei into build/peer)
	@$(BIN)/python tools/bench_peer.py

docs: setup-dev  ## the documentation as a site, in build/site
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

clean:  ## take away .venv and everything that was made
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis src/*.egg-info
	@find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
