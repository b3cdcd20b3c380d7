# What there is to do here. Each target sets up what it needs, and only when pyproject.toml or the lock changed.
#   make demo ARGS="--no-browser"      options for the command behind a target
#   make test PYTHON=python3.12        another Python for .venv (3.11 or newer)
#   make test JOBS=0                   one test after the other, in this process

PYTHON ?= python3
ARGS ?=
JOBS ?= 2
BIN := .venv/bin
INPUTS := pyproject.toml requirements.lock scripts/setup.sh scripts/uv.lock

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench pictures secrets format lock clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: .venv/.ready-embedded ## set up .venv with all that demo, replay and run need

demo: .venv/.ready-embedded ## the whole product on this machine, with a simulated city; Ctrl-C ends it
	@$(BIN)/caseclock demo $(ARGS)

test: .venv/.ready-embedded-dev ## run all tests; CI=true makes a failure of what cannot be had
	@$(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadgroup --no-loadscope-reorder $(ARGS)

lint: .venv/.ready-embedded-dev ## check style, types and contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy --strict
	@$(BIN)/python -m schemas.contracts check
	@$(BIN)/python -m schemas.numbers_page check

bench: .venv/.ready-embedded-dev-bench ## measure, print a table, write bench/latest.json
	@$(BIN)/python -m bench $(ARGS)

pictures: .venv/.ready-embedded-dev ## take the pictures of the documentation from the demo, in a browser
	@$(BIN)/python -m scripts.pictures $(ARGS)

secrets: ## write random secrets for compose.yaml into deploy/secrets; never overwrites
	@sh scripts/secrets.sh

format: .venv/.ready-embedded-dev ## mend style where a machine can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: .venv/.ready-embedded-dev ## pin the newest versions that pyproject.toml allows
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --all-extras \
	  --custom-compile-command "make lock" pyproject.toml --output-file requirements.lock
	@grep '^uv==' requirements.lock | cut -d ' ' -f 1 | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	  --generate-hashes --custom-compile-command "make lock" - --output-file scripts/uv.lock

clean: ## remove .venv and all caches
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .cache build dist

.venv/.ready-%: $(INPUTS)
	@PYTHON="$(PYTHON)" sh scripts/setup.sh $(subst -, ,$*)
	@touch $@
