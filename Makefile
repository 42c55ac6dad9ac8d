# `make run` and `make test` are all the set-up there is; `make help` lists the rest.

# An empty variable counts as unset. `?=` would keep it.
override PYTHON := $(or $(value PYTHON),python3)
VENV := .venv
BIN := $(VENV)/bin
DBT := $(BIN)/dbt
# Of `make docs`.
override PORT := $(or $(PORT),8080)
# Looked for by `make check` alone.
SCRIPTS = $(shell grep -rlE '^\#!/(bin/sh|usr/bin/env bash)' deploy)

.DEFAULT_GOAL := help
.PHONY: help run audit remote test test-fast test-slow test-nightly test-browser test-clone test-compose test-mariadb test-spark coverage publish spark duckdb \
	duckdb-file bench check \
	format openapi reference screenshots api docs stop clean lock secrets backup restore

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'

run: $(VENV)/.run-installed ## Load the sample (or INGEST_INPUT), export Parquet, build the models, write the daily report
	@$(BIN)/python -m ingest
	@$(BIN)/python -m transform
	@$(BIN)/python -m report --text
	@printf '\nOpen the daily report in a browser: ' && $(BIN)/python -m report

audit: $(VENV)/.run-installed ## Test all rows of all models, not only new ones
	@$(BIN)/python -m warehouse.start_server
	@$(DBT) test --project-dir dbt_project --vars 'audit: true'

test: $(VENV)/.dev-installed ## Run the tests, on their own servers
	@$(BIN)/python -m pytest -n auto --dist worksteal

test-fast: $(VENV)/.dev-installed ## Run the tests that need no server, in seconds
	@$(BIN)/python -m pytest -m fast -n auto

coverage: $(VENV)/.dev-installed ## Run the tests and show which lines of the packages they reach
	@$(BIN)/python -m pytest -n auto --dist worksteal --cov --cov-report term:skip-covered

reference: $(VENV)/.dev-installed ## Write the reference of the Python packages to exports/reference
	@$(BIN)/python -m pdoc --docformat google --output-directory exports/reference ingest transform report refresh publish warehouse number_api
	@echo exports/reference/index.html

test-slow: $(VENV)/.dev-installed ## Run the longest tests: kills, upgrades, cut networks, random loads; PgBouncer (apt-get install pgbouncer)
	@$(BIN)/python -m pytest -m "slow and not mariadb and not nightly" -n auto --dist worksteal

test-nightly: $(VENV)/.dev-installed ## Run the tests that take too long for each push
	@$(BIN)/python -m pytest -m nightly -n auto --dist worksteal

test-browser: $(VENV)/.dev-installed ## Test the pages in the system's Chromium (apt-get install chromium)
	@$(BIN)/python -m pytest -m browser

test-clone: $(VENV)/.dev-installed ## Run the README's commands in fresh clones, as root and as an ordinary user
	@$(BIN)/python -m pytest -m clone

test-compose: $(VENV)/.dev-installed ## Start the containers on the local Docker engine and test them
	@$(BIN)/python -m pytest -m compose

test-mariadb: $(VENV)/.dev-installed ## Test publishing to a private MariaDB, with kills (apt-get install mariadb-server)
	@$(BIN)/python -m pytest -m mariadb

test-spark: $(VENV)/.spark-installed ## Build the models on Spark and PostgreSQL and compare (apt-get install openjdk-17-jre-headless)
	@$(BIN)/python -m pytest -m spark

remote: $(VENV)/.remote-installed ## Install the libraries for files at https:// and s3:// addresses

publish: $(VENV)/.publish-installed ## Publish the marts to the database in PUBLISH_URL; installs the libraries for it
	@$(BIN)/python -m publish

spark: $(VENV)/.spark-installed ## Extract what is loaded and build the models in a local Spark session (needs Java 17)
	@$(BIN)/python -m ingest extract --partition-by-load
	@$(DBT) build --project-dir dbt_project --target spark

DUCKDB_FILE := exports/warehouse.duckdb
NEXT_DUCKDB_FILE := $(dir $(DUCKDB_FILE)).next/$(notdir $(DUCKDB_FILE))

duckdb: $(VENV)/.duckdb-installed ## Extract what is loaded and build the models into exports/warehouse.duckdb
	@$(BIN)/python -m warehouse.run_locked $(dir $(NEXT_DUCKDB_FILE)).lock $(MAKE) --no-print-directory duckdb-file

duckdb-file: override export EXTRACT_LOCATION := $(or $(value EXTRACT_LOCATION),exports/raw)
# Beside the file that readers have, which is replaced when all tests have passed.
duckdb-file:
	@rm -rf $(NEXT_DUCKDB_FILE) $(NEXT_DUCKDB_FILE).*
	@$(BIN)/python -m ingest extract --partition-by-load --output "$$EXTRACT_LOCATION"
	@DUCKDB_PATH=$(NEXT_DUCKDB_FILE) $(DBT) build --project-dir dbt_project --target duckdb \
		--exclude-resource-type unit_test --target-path "$$(cd $(dir $(NEXT_DUCKDB_FILE)) && pwd)/target"
	@mv $(NEXT_DUCKDB_FILE) $(DUCKDB_FILE)
	@echo $(DUCKDB_FILE)

bench: $(VENV)/.bench-installed $(VENV)/.duckdb-installed $(VENV)/.spark-installed ## Measure loads, extracts, builds and requests against alternatives (needs wrk, Java 17 and mariadb-server); print Markdown
	@$(BIN)/python -m benchmarks.ingest
	@$(BIN)/python -m benchmarks.models
	@$(BIN)/python -m benchmarks.engines
	@$(BIN)/python -m benchmarks.publish
	@$(BIN)/python -m benchmarks.number_api

check: $(VENV)/.dev-installed ## Check format, lint, types, models, images, scripts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/sqlfmt --check dbt_project
	@$(BIN)/hadolint deploy/*/Dockerfile
	@$(BIN)/shellcheck .ci/run $(SCRIPTS)
	@$(DBT) parse --project-dir dbt_project --no-partial-parse --show-all-deprecations --warn-error

format: $(VENV)/.dev-installed ## Format Python and SQL
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/sqlfmt dbt_project

openapi: $(VENV)/.run-installed ## Update the committed OpenAPI description after a change to the API
	@$(BIN)/python -m number_api openapi > tests/number_api/documentation/openapi.json

screenshots: $(VENV)/.dev-installed ## Take the README's screenshots in the system's Chromium
	@$(BIN)/python -m docs.screenshots

api: $(VENV)/.run-installed ## Serve the number API on 127.0.0.1:8000
	@$(BIN)/python -m number_api serve

docs: $(VENV)/.run-installed ## Generate the documentation of the models and serve it on 127.0.0.1:8080 (or PORT)
	@$(BIN)/python -c 'import socket; socket.create_server(("127.0.0.1", $(PORT)))' 2> /dev/null \
		|| { echo "Port $(PORT) of 127.0.0.1 is in use: stop what listens there, or choose another with make docs PORT=8081" >&2; exit 1; }
	@$(BIN)/python -m warehouse.start_server
	@$(DBT) docs generate --project-dir dbt_project
	@$(DBT) docs serve --project-dir dbt_project --host 127.0.0.1 --port $(PORT)

stop: ## Stop the embedded PostgreSQL
	@$(BIN)/python -m ingest server stop

clean: ## Stop the embedded PostgreSQL and delete everything generated here, including its data
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m ingest server remove; fi
	rm -rf .postgres .refresh .spark $(VENV) data/sample.csv exports logs dbt_project/target dbt_project/logs
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis

secrets: ## Create the containers' missing passwords and certificates in secrets/
	@deploy/make-secrets

backup: ## Write a backup of the containers' warehouse to backups/
	@deploy/backup

restore: ## Restore the containers' warehouse from a backup: make restore BACKUP=backups/...
	@deploy/restore $(if $(DROP_DEPENDENTS),--drop-dependents) "$(BACKUP)"

# What may be installed beside the rest; the tests need all of it.
TESTED_GROUPS := --group remote --group duckdb --group publish
COMPILE_OPTIONS := --quiet --universal --upgrade --generate-hashes --no-strip-extras --no-header --python-version 3.11
COMPILE := $(BIN)/uv pip compile pyproject.toml $(COMPILE_OPTIONS)
COMPILE_IMAGE := $(BIN)/uv pip compile $(COMPILE_OPTIONS) --constraint requirements/publish.txt

lock: $(VENV)/.dev-installed ## Lock the newest versions that pyproject.toml allows
	$(COMPILE) --output-file requirements/run.txt
	$(COMPILE) --group remote --constraint requirements/run.txt --output-file requirements/remote.txt
	$(COMPILE) --group duckdb --constraint requirements/run.txt --output-file requirements/duckdb.txt
	$(COMPILE) --group publish --constraint requirements/run.txt --output-file requirements/publish.txt
	$(COMPILE) --group dev $(TESTED_GROUPS) --constraint requirements/remote.txt --constraint requirements/duckdb.txt \
		--constraint requirements/publish.txt --output-file requirements/dev.txt
	$(COMPILE) --group dev $(TESTED_GROUPS) --group bench --constraint requirements/dev.txt --output-file requirements/bench.txt
	$(COMPILE) --group dev $(TESTED_GROUPS) --group spark --constraint requirements/bench.txt --output-file requirements/spark.txt
	$(COMPILE_IMAGE) --group image-api --output-file requirements/image-api.txt
	$(COMPILE_IMAGE) --group image-data-processor --output-file requirements/image-data-processor.txt

# A virtual environment names its place in its programs. One that came along with a moved or copied checkout starts those
# of the other place, if they are still there, so it is made anew.
IS_HERE := test ! -e $(BIN)/activate || grep -qF "$$(pwd -P)/$(VENV)" $(BIN)/activate
ifneq ($(shell $(IS_HERE) || echo moved),)
.PHONY: $(addprefix $(VENV)/.,run-installed bench-installed remote-installed duckdb-installed publish-installed spark-installed dev-installed)
endif

# Every file is locked with its hash and all of them are named, so nothing is left to resolve.
define install
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.11 ..." >&2; exit 1; }
	@$(IS_HERE) || { echo "This checkout was moved or copied, and $(VENV) belongs to the other place: it is recreated."; \
		rm -rf $(VENV) 2> /dev/null || { echo "$(VENV) cannot be deleted: make this directory writable, or copy the checkout to one that is" >&2; exit 1; }; }
	@echo "Installing the locked dependencies into $(VENV) (once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement $<
	@touch $@
endef

$(VENV)/.run-installed: requirements/run.txt
	$(install)

$(VENV)/.bench-installed: requirements/bench.txt
	$(install)

$(VENV)/.remote-installed: requirements/remote.txt
	$(install)

$(VENV)/.duckdb-installed: requirements/duckdb.txt
	$(install)

$(VENV)/.publish-installed: requirements/publish.txt
	$(install)

$(VENV)/.spark-installed: requirements/spark.txt
	$(install)

$(VENV)/.dev-installed: requirements/dev.txt
	$(install)
	@touch $(VENV)/.run-installed $(VENV)/.duckdb-installed
