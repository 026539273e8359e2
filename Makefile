# The two commands of the README are `make demo` and `make test`; both make their own environment in .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MEMORY := $(shell test -w /dev/shm && echo /dev/shm)
PYTEST := $(if $(MEMORY),TMPDIR=$(MEMORY) )$(BIN)/pytest -n 2 --dist worksteal
SPEC_COMMIT := c2afc86
SPEC := https://github.com/agentic-commerce-protocol/agentic-commerce-protocol

.PHONY: demo test lint types walls unit bench disable chaos kill-matrix spec clean

demo: $(VENV)/.mock
	@$(BIN)/python -m merchant_mock.demo

test: $(VENV)/.dev
	@$(MAKE) --no-print-directory lint types walls unit

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

walls: $(VENV)/.dev
	$(BIN)/lint-imports

# The tests open thousands of small databases that flush each commit: where there is memory for them, it is there.
unit: $(VENV)/.dev
	$(BIN)/coverage erase
	$(PYTEST) -m apart
	$(PYTEST) -m 'not apart' --cov --cov-report=
	$(BIN)/coverage report

# Measure the server and the client against bare twins (about ten minutes, on a machine that does nothing else).
bench: $(VENV)/.dev
	@$(BIN)/python -m pip install --quiet --group bench
	$(BIN)/python -m benchmarks --write

# Switch off each behaviour of the server and see that a test notices (about ten minutes).
disable: $(VENV)/.dev
	$(BIN)/python tools/disable.py

# Kill a shop a thousand times while agents buy, and compare the books (about eight minutes); CHAOS_SEED=N repeats one.
chaos: $(VENV)/.dev
	@$(BIN)/python -m tests.chaos

# Try the conformance suite on every mutant and variation, and write docs/kill-matrix.md (about ten minutes).
kill-matrix: $(VENV)/.dev
	$(if $(MEMORY),TMPDIR=$(MEMORY) )$(BIN)/python -m tests.kill_matrix --write

# The published schemas and examples, for the tests that compare with them.
spec:
	@test -d .acp-spec/.git || git clone --quiet $(SPEC) .acp-spec
	@git -C .acp-spec checkout --quiet $(SPEC_COMMIT)
	@rm -rf .acp-spec/data && mkdir .acp-spec/data
	@for version in .acp-spec/spec/*; do cp -r $$version .acp-spec/data/; \
	  mkdir -p .acp-spec/data/$$(basename $$version)/examples; \
	  cp -r .acp-spec/examples/$$(basename $$version)/. .acp-spec/data/$$(basename $$version)/examples/ 2>/dev/null || true; done
	@echo 'Now: ACP_SPEC_DIR=.acp-spec/data make test'

clean:
	rm -rf $(VENV) .coverage* .mypy_cache .ruff_cache .pytest_cache dist build

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with PYTHON=…")'
	@echo 'Making $(VENV); this takes half a minute.'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.mock: pyproject.toml | $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet --editable '.[mock,conformance]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet --editable '.[all]' --group dev
	@touch $@
