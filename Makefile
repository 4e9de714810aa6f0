# paperhouse: `make help` lists what can be done.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
UV ?= $(shell command -v uv || echo .uv/bin/uv)
UV_VERSION := 0.13.8
BIN := .venv/bin
SOURCE ?= hf_listing
INPUT ?=

# The environment is the project's own; nothing is asked, and no Python is downloaded.
export UV_PROJECT_ENVIRONMENT := .venv
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1
# Recipes read these from the environment, so that no character of a path can break a command.
export INPUT SOURCE

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z][a-z-]*:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 16

.venv/.synced: uv.lock pyproject.toml
	@if [ "$(UV)" = .uv/bin/uv ] && [ ! -x .uv/bin/uv ]; then \
		echo "installing uv into .uv"; \
		$(PYTHON) -m pip install --quiet --disable-pip-version-check --target .uv --upgrade "uv==$(UV_VERSION)" 2> >(grep -v '^WARNING' >&2); \
	fi
	@echo "syncing .venv from uv.lock"
	@"$(UV)" sync --quiet --locked --compile-bytecode --python "$$(command -v $(PYTHON))"
	@touch .venv/.synced

.PHONY: setup
setup: .venv/.synced ## make the environment, .venv, from the lock file

.PHONY: run
run: setup ## run ingest_papers and build_marts; INPUT=file, folder or glob (default: the sample), SOURCE=name (default: hf_listing)
	@$(BIN)/paperhouse airflow run --source "$$SOURCE" -- "$${INPUT:-sample/hf_listing}"

.PHONY: up
up: setup ## start Airflow's scheduler and web UI on 127.0.0.1, with all DAGs
	@$(BIN)/paperhouse airflow up

.PHONY: down
down: setup ## stop what `make up` started
	@$(BIN)/paperhouse airflow down

.PHONY: status
status: setup ## loads, last publication, rejects
	@$(BIN)/paperhouse status

.PHONY: lint
lint: setup ## format and lint checks: ruff, mypy, sqlfluff, import directions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --processes 2 dbt_project/models dbt_project/tests

.PHONY: format
format: setup ## mend what ruff and sqlfluff can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/sqlfluff fix --processes 2 dbt_project/models dbt_project/tests

.PHONY: test
test: lint ## lint, then every test, with the coverage of transforms/
	$(BIN)/pytest --cov=transforms --cov-report=term:skip-covered --cov-fail-under=95

.PHONY: benchmark-claims
benchmark-claims: setup ## how fast claims and links are read; BENCHMARK="--papers 1000000", "--snapshot FILE" or "--listing FILE"
	@$(BIN)/python -W ignore -m benchmarks.claims $(BENCHMARK)

.PHONY: benchmark-identity
benchmark-identity: setup ## how well and how fast papers are found to be one; BENCHMARK="--records 1000000" or "--errors 5"
	@$(BIN)/python -W ignore -m benchmarks.identity $(BENCHMARK)

.PHONY: docs
docs: setup ## make docs/data-dictionary.md from dbt's metadata and docs/sources.md from the sources' YAML
	@$(BIN)/python -m warehouse.dictionary

.PHONY: test-services
test-services: ## install what some tests need beside Python: so far nothing
	@echo "no test needs a service yet"

.PHONY: compose-env
compose-env: ## write random secrets for docker compose into .env, unless it is there
	@[ -e .env ] || (umask 077; $(PYTHON) -c 'import base64, os, secrets; \
		[print(f"PAPERHOUSE_{name}={secrets.token_urlsafe(32)}") for name in ("POSTGRES_PASSWORD", "API_SECRET", "JWT_SECRET")]; \
		print("PAPERHOUSE_FERNET_KEY=" + base64.urlsafe_b64encode(os.urandom(32)).decode())' > .env)

.PHONY: clean
clean: ## remove the environment and all state (var/)
	rm -rf .venv .uv var .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
