# `make demo` and `make test` do all the set-up they need. `make help` lists the rest.

SHELL := /bin/bash
.DEFAULT_GOAL := help
BIN := .venv/bin
DATA ?= .data
export DJANGO_SETTINGS_MODULE := encaisse.config.settings
# What a developer's shell points at must never reach a check or a test.
CLEAN := env -u ENCAISSE_DATABASE_URL -u ENCAISSE_OWNER_DATABASE_URL -u ENCAISSE_DATA_DIR \
	-u ENCAISSE_PUBLIC_URL -u ENCAISSE_SANDBOX_URL -u ENCAISSE_SMTP_URL -u ENCAISSE_URL \
	-u ENCAISSE_SECRET_KEY_FILE -u ENCAISSE_KEYSET -u ENCAISSE_KEYSET_FILE -u ENCAISSE_DEMO -u LAN

.PHONY: help setup setup-demo demo run worker static test check test-unit lint types arch templates words \
	migrations-check docs openapi errors permissions limits asvs migrations lock bench

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install everything the tests need
	@tools/setup dev

setup-demo:
	@tools/setup demo

demo: setup-demo ## Try everything here, with an invented firm (LAN=1: from a telephone too)
	@exec $(BIN)/encaisse demo --data-dir "$(DATA)"

run: demo ## The same as demo

worker: setup-demo ## Run one more background worker for the instance that runs
	@exec $(BIN)/encaisse worker --data-dir "$(DATA)"

static: lint types arch templates words migrations-check

test: static ## Everything the continuous integration runs: lint, types, walls, tests
	@$(CLEAN) $(BIN)/pytest -n 2

check: test ## The same as test

test-unit: setup ## The pure tests only, without a database
	@$(CLEAN) $(BIN)/pytest --no-postgres tests/unit

lint: setup ## Style and formatting
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .

types: setup ## Static types
	@$(CLEAN) $(BIN)/mypy --no-error-summary

arch: setup ## The walls between packages
	@$(CLEAN) $(BIN)/lint-imports --no-logo

templates: setup
	@git ls-files 'src/encaisse/*.html' | xargs -r $(BIN)/djlint --lint --quiet

words: setup
	@git ls-files -z | xargs -0 $(BIN)/codespell --quiet-level 3

migrations-check: setup
	@$(CLEAN) $(BIN)/python -W ignore::RuntimeWarning -m django makemigrations --check --dry-run

docs: openapi errors permissions limits asvs ## Generate the documents that follow from the code

openapi: setup ## Generate docs/api/openapi.json
	@$(CLEAN) $(BIN)/python tools/openapi.py

errors: setup ## Generate docs/errors.md
	@$(CLEAN) $(BIN)/python tools/errors.py

asvs: setup ## Generate docs/security/asvs.md
	@$(CLEAN) $(BIN)/python tools/asvs.py

permissions: setup ## Generate docs/permissions.md
	@$(CLEAN) $(BIN)/python tools/permissions.py

limits: setup ## Generate docs/security/limits.md
	@$(CLEAN) $(BIN)/python tools/limits.py

migrations: setup ## Write the migrations that the models ask for
	@$(CLEAN) $(BIN)/python -W ignore::RuntimeWarning -m django makemigrations

COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --no-header --no-annotate \
	--python-version 3.11 --no-emit-index-url

lock: setup ## Choose the newest compatible versions again, with their hashes
	@printf 'hatchling\nuv\n' | $(COMPILE) --upgrade -o requirements/build.txt -
	@$(COMPILE) --upgrade --extra embedded --extra sandbox --extra train --extra dev \
		-o requirements/dev.txt pyproject.toml
	@$(COMPILE) --constraint requirements/dev.txt --extra embedded --extra sandbox --extra train \
		-o requirements/demo.txt pyproject.toml
	@$(COMPILE) --constraint requirements/dev.txt -o requirements/core.txt pyproject.toml

bench: setup ## Measure, and print ratios
	@for script in bench/bench_*.py; do $(BIN)/python "$$script" || exit 1; done
