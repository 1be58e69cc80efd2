# make run   installs what is needed into .venv and starts the demo
# make test  installs what the tests need and runs all of them
# Everything here can be done by hand; the README says how.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Whole files go to a worker, the longest first. One more worker than processors: some always wait for a browser,
# a disk, or a process that they have killed.
WORKERS = $(shell $(BIN)/python -c "import os; print((os.cpu_count() or 1) + 1)")
PYTEST = $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# What runs a second time, on a PostgreSQL that the tests start: whatever leans on the database.
ON_POSTGRESQL := $(addprefix tests/, \
  service/test_postgresql.py service/test_db.py service/test_migrations.py service/test_moving.py service/test_audit.py service/test_mail_queue.py \
  service/test_accounts_people.py service/test_accounts_sessions.py keys/test_cabinet.py \
  issuer/test_issuance.py issuer/test_bulk_chunk.py issuer/test_bulk_desk.py issuer/test_takeback.py \
  issuer/test_deciding.py issuer/test_revocation.py issuer/test_status_job.py earning/test_awarding.py earning/test_review.py \
  earning/test_cases.py recognition/test_claims.py recognition/test_deciding.py recognition/test_ledger.py \
  recognition/test_reversals.py verifier/test_memory.py attacks/test_e1_self_review.py \
  attacks/test_e2_races_and_stale_forms.py attacks/test_n2_double_counting.py \
  faults/test_kill_postgres.py faults/test_kill_in_mid_issue.py faults/test_kill_in_mid_bulk.py faults/test_status_lists.py)

.PHONY: run test check format lock bench clean

run: $(VENV)/.installed
	$(BIN)/hallmark demo $(DEMO)

test: $(VENV)/.installed-test
	@sh tests/journeys/get-chromium.sh
	PYTHONDONTWRITEBYTECODE= $(PYTEST) -m "not postgresql" $(TESTS)
	PYTHONDONTWRITEBYTECODE= $(PYTEST) --database=postgresql $(or $(TESTS),$(ON_POSTGRESQL))

check: $(VENV)/.installed-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.installed-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# A quarter of an hour on a quiet machine; BENCH="--quick" tries everything, BENCH="--only http" does a part again.
bench: $(VENV)/.installed-test
	$(BIN)/python -m benchmarks $(BENCH)

# Exact versions with hashes and without any address: whoever installs chooses the index by their own pip settings.
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --extra build --extra pdf --extra scan pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --extra build --extra pdf --extra scan --extra postgres --extra s3 --extra test -c requirements.lock pyproject.toml -o requirements-test.lock

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Hallmark needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Set PYTHON=python3.11 or newer.")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(BIN)/python requirements.lock pyproject.toml
	@echo "Installing Hallmark into $(VENV) …"
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed requirements-test.lock
	@echo "Installing what the tests need …"
	$(PIP) install --require-hashes -r requirements-test.lock
	@touch $@
