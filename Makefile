# Everything for people at work on this repository. `make` alone lists the targets; all of them live in .venv.
# Paths are relative, so that a checkout in a folder with spaces or accents works. GNU make 3.81 (macOS) is enough.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
WORKERS ?= 2

# Newest first; these are the releases that the project is tried on. `make PYTHON=…` takes another.
PYTHONS := $(or $(PYTHON),python3.13 python3.12 python3.11 python3)
PY := .venv/bin/python
RUN := $(PY) -m runner
PIP := $(PY) -m pip install -qq --disable-pip-version-check --root-user-action=ignore
# Exit code 1 says that there is something to read, not that anything failed.
FINDINGS_ARE_FINE := || [ $$? -eq 1 ]

.PHONY: help nightly serve docs bench test test-15 soak lint lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

nightly: .venv/.ready ## the whole chain on the embedded server (or DATABASE_URL), with sample files if it is empty
	@$(RUN) migrate $(FINDINGS_ARE_FINE)
	@$(RUN) demo --if-empty $(FINDINGS_ARE_FINE)
	@$(RUN) nightly $(FINDINGS_ARE_FINE)

serve: .venv/.ready ## the page and the API
	@$(RUN) migrate $(FINDINGS_ARE_FINE)
	@$(RUN) serve

docs: .venv/.ready ## the models' documentation as a page
	@$(RUN) docs

# What it compares itself with is no dependency of anything else. BENCH='--leads 1000000 --weeks 200' makes it large.
bench: .venv/.ready ## the measurements of benchmarks/scale: builds, nights, lists beside a floor and DuckDB
	@$(PIP) 'duckdb>=1.4,<2'
	@$(PY) -m benchmarks.scale.run $(BENCH)

test: .venv/.ready ## all tests but the long ones
	@$(PY) -m pytest -n $(WORKERS) --dist worksteal

# What differs between versions of PostgreSQL is SQL: migrations, loading, write-backs and the models against their oracles.
ON_15 := migrations load_merge identity_keys oracle_worlds identity_quality payments_oracle reconcile_claims web_role
test-15: .venv/.ready ## the tests of SQL on the system's PostgreSQL 15
	@CABINET14D_TEST_SERVER=15 $(PY) -m pytest -n $(WORKERS) --dist worksteal $(ON_15:%=tests/integration/test_%.py)

soak: .venv/.ready ## the long tests, and many more examples of the others
	@$(PY) -m pytest --soak

lint: .venv/.ready ## style, types, SQL, conventions of the models; says nothing when there is nothing to say
	@mkdir -p target/lint
	@$(PY) -m ruff check --quiet .
	@$(PY) -m mypy --no-error-summary
	@$(PY) -m sqlfluff lint --nocolor --disable-progress-bar --processes $(WORKERS) models tests/rules >target/lint/sql.txt 2>&1 || { cat target/lint/sql.txt; exit 1; }
	@cp profiles.example.yml target/lint/profiles.yml
	@$(dir $(PY))dbt --quiet parse --profiles-dir target/lint --target-path target/lint --log-path target/lint
	@$(dir $(PY))dbt-bouncer run --show-all-failures >target/lint/conventions.txt 2>&1 || { cat target/lint/conventions.txt; exit 1; }

lock: .venv/.ready ## write requirements.lock anew after a change of dependencies; keeps versions that still fit
	@$(PIP) uv
	@$(PY) -m uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --quiet \
		--no-header --no-annotate --no-emit-index-url --output-file requirements.lock

clean: ## stop the embedded server, remove what was made here (never the data in home)
	@if [ -x $(PY) ]; then $(RUN) server stop || true; fi
	@rm -rf .venv target logs dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find runner tests -name __pycache__ -prune -exec rm -rf {} +

.venv/.ready: requirements.lock pyproject.toml
	@$(PY) -c '' 2>/dev/null || { \
		for python in $(PYTHONS) ''; do \
			if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; \
		done; \
		if [ -z "$$python" ]; then \
			echo "No Python 3.11 or newer was found (looked for: $(PYTHONS))." >&2; \
			echo "Install one, or name it: make PYTHON=…" >&2; exit 2; \
		fi; \
		echo "Making .venv with $$("$$python" -V); this takes about half a minute, once." >&2; \
		rm -rf .venv && "$$python" -m venv .venv; }
	@$(PIP) -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@rm -rf .venv/lib/python*/site-packages/runner # an editable install copies the wheel's dbt project: soon stale
	@touch $@
