# Two commands do all set-up on a fresh machine with Python 3.11, make and git: `make demo` and `make test`.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
TESTS ?= tests
WORKERS ?= 2

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is missing: install it (Debian: apt-get install python3.11 python3.11-venv)"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

.PHONY: demo
demo: $(READY) ## The main job, shown: a case's life, a month of six agencies, their figures, then the API, until Ctrl+C
	$(BIN)/hub demo

.PHONY: test
test: lint types layers check ## Everything that has to pass

.PHONY: check
check: $(READY) ## The tests; one part: make check TESTS=tests/hub/sla
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not slow and not alone" $(TESTS) || test $$? -eq 5
	$(BIN)/python -m pytest -m "alone and not slow" $(TESTS) || test $$? -eq 5

.PHONY: lint
lint: $(READY) ## Style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: types
types: $(READY) ## Types
	$(BIN)/mypy

.PHONY: layers
layers: $(READY) ## Who may import whom
	$(BIN)/lint-imports

.PHONY: slow
slow: $(READY) ## The long proofs: whole cities, ten thousand clocks
	$(BIN)/python -m pytest -m slow $(TESTS)

.PHONY: kill-test
kill-test: $(READY) ## Two hundred rounds of kill -9 at web, worker, beat and database; the database away for a minute
	HUB_KILL_ROUNDS=200 HUB_AWAY_SECONDS=60 $(BIN)/python -m pytest -m kill -s tests/kill

BENCH ?=
OUT ?=

.PHONY: bench
bench: $(READY) ## How fast it is, in half an hour; one part: make bench BENCH=opening OUT=figures.json
	$(BIN)/python -m tests.benchmarks $(BENCH) $(if $(OUT),--out $(OUT))

.PHONY: format
format: $(READY) ## Bring the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: lock
lock: $(READY) ## Pin the newest versions that pyproject.toml allows
	$(BIN)/uv pip compile --upgrade --universal --group dev --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  pyproject.toml --output-file requirements.lock

.PHONY: clean
clean: ## Remove what was made here; the hub's own database stays where `hub doctor` says it is
	rm -rf $(VENV) .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
