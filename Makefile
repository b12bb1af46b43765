# What to do with a checkout. `make help` lists it. Needs: make, Python 3.11+; the rest comes
# from requirements-dev.lock (pinned, hashed) into $(VENV).

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.from-lock
SITE ?=
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help venv demo test lint types imports crawl bench trials lock docs pictures build clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): requirements-dev.lock pyproject.toml tools/make-venv
	@tools/make-venv "$(PYTHON)" "$(VENV)"
	@touch $@

venv: $(STAMP) ## make .venv from the lock file
	@echo "$(VENV) holds what requirements-dev.lock says"

demo: $(STAMP) ## crawl three replica sites on loopback, and show what came of it
	@$(BIN)/python -m tests.replicas.demo $(ARGS)

test: $(STAMP) ## the whole test suite (ARGS="-k name" for a part)
	@$(BIN)/pytest -n 2 --dist worksteal $(ARGS)

lint: $(STAMP) ## ruff: all rules, and the format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(STAMP) ## mypy, strict
	@$(BIN)/mypy

imports: $(STAMP) ## the import rules
	@$(BIN)/lint-imports

crawl: $(STAMP) ## crawl the live web: make crawl SITE=ptt ARGS="--board Stock --limit 50"
	@test -n "$(SITE)" || { echo 'say which site: make crawl SITE=ptt ARGS="--board Stock"'; exit 2; }
	@$(BIN)/shenglu crawl $(SITE) $(ARGS)

bench: $(STAMP) ## speed and memory, as ratios measured in one run
	@$(BIN)/pytest -m bench -n 0 -s $(ARGS)

trials: $(STAMP) ## the long trials: hundreds of kills, other people's readers
	@$(BIN)/pytest -m trials -n 0 $(ARGS)

lock: ## remake both lock files from pyproject.toml (needs uv on the PATH)
	uv pip compile --universal --python-version 3.11 --generate-hashes --quiet --no-config \
	  --custom-compile-command "make lock" pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --quiet --no-config \
	  --custom-compile-command "make lock" pyproject.toml --all-extras --group dev -o requirements-dev.lock

docs: $(STAMP) ## write the help texts into docs/cli.md, the sources into docs/sites.md
	@$(BIN)/python tools/cli_reference.py
	@$(BIN)/python tools/sites_table.py

pictures: $(STAMP) ## take the pictures in docs/images again (after make demo; needs Chromium)
	@$(BIN)/python tools/pictures.py

build: $(STAMP) ## wheel and source archive in dist/
	@$(BIN)/hatchling build

clean: ## remove what the tools left behind; never the archive
	rm -rf dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
