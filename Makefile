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
AS_ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

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
format: setup ## fix what ruff and sqlfluff can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/sqlfluff fix --processes 2 dbt_project/models dbt_project/tests

# Coverage slows all that it watches by a fifth: it watches the tests of what it measures.
COVERED := transforms tests/transforms tests/bad_inputs tests/warehouse/steps/test_fetch.py
# Runs of Airflow leave a processor idle: lint and the tests of benchmarks go beside them.
AIRFLOW := tests/end_to_end tests/benchmarks
PYTEST := $(BIN)/pytest -n 3 --dist loadfile -m "not trust"

.PHONY: test
test: setup ## the tests, with the coverage of transforms/, and lint
	$(PYTEST) $(COVERED) --cov=transforms --cov-report=term:skip-covered --cov-fail-under=95
	$(PYTEST) warehouse tests $(patsubst %,--ignore %,$(AIRFLOW) $(COVERED))
	@$(MAKE) --no-print-directory --jobs 2 --output-sync lint test-airflow

.PHONY: test-airflow
test-airflow: setup ## the tests that run Airflow, and those of benchmarks
	$(BIN)/pytest -n 2 --dist loadfile $(AIRFLOW)

.PHONY: test-trust
test-trust: setup ## the long tests of faults, orders of loading, clocks and decisions
	$(BIN)/pytest -n 2 --dist loadfile -m trust tests/faults tests/warehouse

.PHONY: benchmark-claims
benchmark-claims: setup ## how fast claims and links are read; BENCHMARK="--papers 1000000", "--snapshot FILE" or "--listing FILE"
	@$(BIN)/python -W ignore -m benchmarks.claims $(BENCHMARK)

.PHONY: benchmark-training
benchmark-training: setup ## what the scorer of claims has learnt, on papers not seen; BENCHMARK="--gold tests/gold/claims.jsonl"
	@$(BIN)/python -W ignore -m benchmarks.training $(BENCHMARK)

.PHONY: benchmark-external
benchmark-external: setup ## how well claims and names are read on what others annotated; BENCHMARK="--shared ../shared"
	@$(BIN)/python -W ignore -m benchmarks.external $(BENCHMARK)

.PHONY: benchmark-identity
benchmark-identity: setup ## how well and how fast papers are found to be one; BENCHMARK="--records 1000000" or "--errors 5"
	@$(BIN)/python -W ignore -m benchmarks.identity $(BENCHMARK)

.PHONY: benchmark-eprints
benchmark-eprints: setup ## how fast e-prints are read, linked and published; BENCHMARK="--sources FOLDER"
	@$(BIN)/python -W ignore -m benchmarks.eprints $(BENCHMARK)

.PHONY: benchmark-pipeline
benchmark-pipeline: setup ## how long land … publish takes, against DuckDB's read_json; BENCHMARK="--papers 1000000", "--dlt" (against dlt, installed beside)
	@case " $(BENCHMARK) " in *" --dlt "*) [ -x .venv-dlt/bin/python ] || { "$(UV)" venv --quiet .venv-dlt --python $(BIN)/python && \
		VIRTUAL_ENV=.venv-dlt "$(UV)" pip install --quiet "dlt[duckdb]==1.31.*" "duckdb==1.5.5"; };; esac
	@$(BIN)/python -W ignore -m benchmarks.pipeline $(BENCHMARK)

.PHONY: benchmark-refresh
benchmark-refresh: setup ## what a refresh costs beside what it brings; BENCHMARK="--papers 1000000 --increments 10,1000,10000"
	@$(BIN)/python -W ignore -m benchmarks.refresh $(BENCHMARK)

.PHONY: benchmark-web
benchmark-web: setup ## how long pages of the explorer take, and whether readers notice a new publication; BENCHMARK="--papers 1000000 --readers 50"
	@$(BIN)/python -W ignore -m benchmarks.web $(BENCHMARK)

.PHONY: benchmark-walls
benchmark-walls: setup ## what a corpus of many works would take: storage, hours, money; BENCHMARK="--works 100000000 --workers 16"
	@$(BIN)/python -W ignore -m benchmarks.walls $(BENCHMARK)

.PHONY: benchmark-queries
benchmark-queries: setup ## how long the ten commonest questions take on the publication; BENCHMARK="--file FILE"
	@$(BIN)/python -W ignore -m benchmarks.queries $(BENCHMARK)

.PHONY: extras
extras: setup ## install the optional parts: similar papers (meaning), MetricFlow (metrics), PostgreSQL for Airflow (postgres)
	@"$(UV)" sync --quiet --locked --inexact --all-extras --python $(BIN)/python

.PHONY: pictures
pictures: setup ## make the pictures of the docs anew, from the sample: those that the tests of pages take; needs make test-services
	$(BIN)/pytest -q tests/warehouse/web/test_web.py tests/warehouse/publishing/test_pages.py tests/bi -k "card or sorted or every_chart or drawn or narrow"
	@cp var/screenshots/digest-light.png docs/pictures/digest.png
	@for name in explorer-paper explorer-table explorer-leaderboard report superset-claims superset-overview; do cp "var/screenshots/$$name.png" docs/pictures/; done

.PHONY: web
web: setup ## show the publication as a site on http://127.0.0.1:8000
	@$(BIN)/paperhouse web

.PHONY: sample
sample: setup ## load all of the bundled sample, without Airflow
	@for source in hf_listing hf_daily pwc link_checks arxiv_source; do $(BIN)/paperhouse run --source $$source sample/$$source || exit; done

.PHONY: answers
answers: sample ## write the answers of the sample below the queries of the docs
	@$(BIN)/python -m tests.docs.answers docs/cookbook.md

.PHONY: docs
docs: setup ## make docs/data-dictionary.md from dbt's metadata and docs/sources.md from the sources' YAML
	@$(BIN)/python -m warehouse.operations.docs

.PHONY: bi
bi: setup superset ## start Apache Superset on 127.0.0.1 with the dashboards over the publication; PORT=8088
	@$(BIN)/python -W ignore -m bi.serve --port "$${PORT:-8088}"

.PHONY: superset
superset: setup
	@UV_PROJECT_ENVIRONMENT=../.venv-bi "$(abspath $(UV))" sync --quiet --locked --project bi --python "$(abspath $(BIN))/python"

.PHONY: pwc-client
pwc-client: setup
	@UV_PROJECT_ENVIRONMENT="$(abspath .)/.venv-pwc" "$(abspath $(UV))" sync --quiet --locked --project tests/warehouse/web/pwc_client --python "$(abspath $(BIN))/python"

.PHONY: validators
validators: setup
	@UV_PROJECT_ENVIRONMENT="$(abspath .)/.venv-validators" "$(abspath $(UV))" sync --quiet --locked --project tests/warehouse/operations/validators --python "$(abspath $(BIN))/python"
	@# Its adapters of others' data need Python 3.12 and much else; its validator does not.
	@test -d .venv-validators/every-eval-ever || $(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --ignore-requires-python --target .venv-validators/every-eval-ever every-eval-ever==0.3.0 2> >(grep -v '^WARNING' >&2) || echo "every-eval-ever did not come: the test of its records skips"

.PHONY: test-services
test-services: extras superset pwc-client validators ## install what some tests need beside the environment: the extras, Superset, the client of Papers with Code, validators, and strace, Chromium, PostgreSQL and Redis from Debian's packages
	@type -P strace > /dev/null && type -P chromium > /dev/null && type -P redis-server > /dev/null && ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1 || { $(AS_ROOT) apt-get update -qq && $(AS_ROOT) apt-get install -y -qq --no-install-recommends strace chromium fonts-dejavu-core postgresql redis-server; }

.PHONY: test-cluster
test-cluster: extras ## 100,000 papers on two Celery workers, of which one is killed, into DuckLake on PostgreSQL and S3, all on loopback; CLUSTER="--papers N"
	@$(BIN)/python -W ignore -m tests.cluster $(CLUSTER)

.PHONY: faults
faults: setup ## break paperhouse on purpose, each fault TIMES times (default 20), and print the outcomes; takes hours, and root for the disks
	@$(BIN)/python -W ignore -m tests.faults --times "$${TIMES:-20}"
	@$(BIN)/python -W ignore -m tests.faults.readers

.PHONY: fuzz
fuzz: setup ## fuzz the parser of SOURCE (or `texts`) for SECONDS_OF_FUZZING (default 600); findings lie in var/fuzzing
	@UV_PROJECT_ENVIRONMENT=.venv-fuzz "$(UV)" sync --quiet --locked --group fuzz --python $(BIN)/python
	@.venv-fuzz/bin/python -W ignore -m tests.fuzzing "$$SOURCE" --seconds "$${SECONDS_OF_FUZZING:-600}"

# They are made in a copy: a change of a module must never be left in the project.
.PHONY: mutants
mutants: setup ## change identity, invariants, papers, dates and groups in one place at a time, and list the changes that no unit test sees; takes an hour
	@UV_PROJECT_ENVIRONMENT=.venv-mutants "$(UV)" sync --quiet --locked --group mutants --python $(BIN)/python
	@rm -rf var/mutants && mkdir -p var/mutants && git ls-files -z | xargs -0 cp --parents -t var/mutants
	@export PATH="$$PWD/.venv-mutants/bin:$$PATH" && cd var/mutants && cosmic-ray init tests/mutants.toml mutants.sqlite && \
		cr-filter-operators mutants.sqlite tests/mutants.toml && cosmic-ray exec tests/mutants.toml mutants.sqlite && \
		cr-report --surviving-only --show-diff mutants.sqlite

.PHONY: audit
audit: setup ## look for known vulnerabilities of what uv.lock names, insecure code, and secrets in the repository
	@UV_PROJECT_ENVIRONMENT=.venv-audit "$(UV)" sync --quiet --locked --only-group audit --no-install-project --python $(BIN)/python
	$(BIN)/ruff check --quiet .
	git ls-files -z | xargs -0 .venv-audit/bin/detect-secrets-hook --exclude-secrets '^varchar$$' --exclude-files '^docs/tour\.md$$'
	@"$(UV)" export --quiet --frozen --no-emit-project --all-extras --all-groups --format requirements-txt -o .venv-audit/requirements.txt
	.venv-audit/bin/pip-audit --requirement .venv-audit/requirements.txt --disable-pip --require-hashes --strict --progress-spinner off

.PHONY: compose-env
compose-env: ## write random secrets for docker compose into .env, unless it is there
	@[ -e .env ] || (umask 077; $(PYTHON) -c 'import base64, os, secrets; \
		[print(f"PAPERHOUSE_{name}={secrets.token_urlsafe(32)}") for name in ("POSTGRES_PASSWORD", "LAKE_PASSWORD", "STORE_SECRET", "API_SECRET", "JWT_SECRET", "SERVE_TOKEN")]; \
		print("PAPERHOUSE_FERNET_KEY=" + base64.urlsafe_b64encode(os.urandom(32)).decode())' > .env)

.PHONY: clean
clean: ## remove the environment and all state (var/)
	rm -rf .venv .venv-* .uv var .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
