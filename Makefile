# Leadwise: every command a developer needs. `make` alone lists them.
# demo and test do all their set-up themselves: they need Python 3.11 or newer, make and git.

VENV ?= .venv
BIN := $(VENV)/bin
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The first Python that is new enough and can make a virtual environment.
PYTHON ?= $(shell for python in python3 python3.11 python3.12 python3.13 python3.14; do \
	if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	>/dev/null 2>&1; then echo $$python; break; fi; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development

# Processes that run tests: one more than two cores, for a test that waits leaves its core to another.
WORKERS ?= 3
# Where the service of the demo listens.
PORT ?= 8000
BANK := examples/bank-telemarketing
LEADS := --leads $(BANK)/bank-additional-full.csv.gz --column 'lead_id=\#row'

.PHONY: help
help: ## List these commands
	@grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | \
		while IFS=: read -r name rest; do printf '  make %-11s %s\n' "$$name" "$${rest#*## }"; done

.PHONY: demo
demo: $(RUNTIME) ## Score 41,188 real leads, start the service on a simulated past, play a sales call, say where to sign in
	@mkdir -p .demo
	$(BIN)/leadwise check $(BANK)/card.yaml
	@echo
	$(BIN)/leadwise score $(BANK)/card.yaml $(LEADS)
	@echo
	$(BIN)/leadwise explain $(BANK)/card.yaml $(LEADS) --lead 37507
	@echo
	$(BIN)/leadwise evaluate $(BANK)/card.yaml $(LEADS) \
		--outcomes $(BANK)/bank-additional-full.csv.gz --column outcome=y --html .demo/evaluation.html
	@cp -n $(BANK)/card.yaml .demo/card.yaml
	@printf '%s\n' '' 'The page with the charts: file://$(CURDIR)/.demo/evaluation.html' \
		'' 'What to try next:' \
		'  Change some points in .demo/card.yaml, a copy of the card, and see what that would do:' \
		'    $(BIN)/leadwise compare $(BANK)/card.yaml .demo/card.yaml \' \
		'      --leads $(BANK)/bank-additional-full.csv.gz --column lead_id=#row --days 0' \
		'  See a lead move in time:' \
		'    $(BIN)/leadwise history examples/everything/card.yaml --lead fay \' \
		'      --leads examples/everything/leads.csv --events examples/everything/events.csv \' \
		'      --from 2026-03-01 --to 2026-06-07' \
		'  Read the query:    $(BIN)/leadwise sql $(BANK)/card.yaml --engine postgres' \
		'  All commands:      $(BIN)/leadwise --help'
	@printf '%s\n' '' 'A sales call, from the form to the score in the CRM:'
	$(BIN)/python examples/sales-call/play.py
	$(BIN)/python examples/bank-live/demo.py --data .demo/live --port $(PORT)

.PHONY: demo-stop
demo-stop: ## Stop the service that `make demo` started
	$(BIN)/python examples/bank-live/demo.py --data .demo/live --stop

.PHONY: test
# The tests start a hundred Pythons: each would compile all modules anew where none may keep them.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(DEVELOPMENT) ## Everything that must hold: lint, types, arrows between the parts, all tests
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory --jobs 2 types tests

.PHONY: tests
tests: $(DEVELOPMENT) ## All tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

.PHONY: lint
lint: $(DEVELOPMENT) ## Style, and the arrows between the parts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

.PHONY: types
types: $(DEVELOPMENT) ## Types, strictly
	$(BIN)/mypy

.PHONY: format
format: $(DEVELOPMENT) ## Bring the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: laws
laws: $(DEVELOPMENT) ## The laws of a score on many more random cards, the whole corpus on each store and engine (long)
	$(BIN)/python -m pytest -n 2 --dist loadgroup --hypothesis-profile=laws tests -k 'laws or corpus or conformance or worked_examples'

.PHONY: bench
bench: $(DEVELOPMENT) ## Measure against hand-written SQL, Polars, pandas, rules engines (long, 16 GB memory, 15 GB disk)
	$(BIN)/python -m bench --big

.PHONY: bench-live
bench-live: $(DEVELOPMENT) ## Measure the running service against a home-made one (long, 15 GB disk)
	$(BIN)/python -m bench.live

.PHONY: bench-pages
bench-pages: $(DEVELOPMENT) ## Measure the pages in Chromium with 100,000 leads (needs chromium)
	$(BIN)/python -m bench.pages

.PHONY: bench-learn
bench-learn: $(DEVELOPMENT) ## Measure learning against its peers on real and made-up pasts (long, 8 GB memory)
	$(BIN)/python -m bench.learn

.PHONY: texts
texts: $(DEVELOPMENT) ## Bring the catalogues of texts up to what the pages say
	$(BIN)/python -m tests.pages.catalogue

.PHONY: guide
guide: $(DEVELOPMENT) ## Make the pictures of docs/guide.md anew (needs chromium)
	$(BIN)/python -m tests.pages.guide

.PHONY: kills
kills: $(DEVELOPMENT) ## Kill the service 200 times under load on each store, then judge the record (long)
	$(BIN)/python -m tests.weather.kills --store sqlite --kills 200 --forked
	$(BIN)/python -m tests.weather.kills --store postgres --kills 200 --forked
	$(BIN)/python -m tests.weather.malformed --requests 10000

.PHONY: playbook-kills
playbook-kills: $(DEVELOPMENT) ## Kill processes that follow up, 200 runs on each store, count what they did (long)
	$(BIN)/python -m tests.playbooks.kills 200

.PHONY: call-kills
call-kills: $(DEVELOPMENT) ## Kill processes in the middle of 200 sales calls on each store, count what came of each (long)
	$(BIN)/python -m tests.playbooks.kills_of_calls --runs 200 --database sqlite
	$(BIN)/python -m tests.playbooks.kills_of_calls --runs 200 --database postgres

.PHONY: bench-playbooks
bench-playbooks: $(DEVELOPMENT) ## Let a million runs wait: memory, and how late those due begin (long)
	$(BIN)/python -m bench.playbooks

.PHONY: lock
lock: $(DEVELOPMENT) ## Work out the locked versions again from pyproject.toml
	requirements/lock $(BIN)/uv

.PHONY: clean
clean: ## Remove what these commands made
	rm -rf $(VENV) .demo .bench .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is made again when its lock or the project's own description changes. The build backend is
# in the locks, so installing the project itself downloads nothing further.
$(RUNTIME): requirements/runtime.lock pyproject.toml | $(BIN)/python
	@echo 'Installing requirements/runtime.lock into $(VENV) ...'
	@$(PIP) install --require-hashes -r requirements/runtime.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEVELOPMENT): requirements/dev.lock pyproject.toml | $(BIN)/python
	@echo 'Installing requirements/dev.lock into $(VENV) ...'
	@$(PIP) install --require-hashes -r requirements/dev.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@ $(RUNTIME)

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo 'Leadwise needs Python 3.11 or newer with its venv module, and none was found.' >&2; \
		echo 'On Debian or Ubuntu: apt-get install python3 python3-venv' >&2; \
		echo 'Elsewhere: install it, or name one: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)' >&2; \
		exit 1; fi
	$(PYTHON) -m venv $(VENV)
