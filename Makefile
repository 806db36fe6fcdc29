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

# What browsers get beside the pages. Node is the machine's, or PyPI's where that has none that is new enough.
FRONT := hub/web/front
PACKAGES := $(FRONT)/node_modules/.package-lock.json
PAGES := hub/web/built/manifest.json
NODE := PATH="$(abspath $(BIN)):$$PATH"

$(PACKAGES): $(READY) $(FRONT)/package.json $(FRONT)/package-lock.json $(FRONT)/node.lock
	@$(NODE) node -e 'process.exit(+(process.versions.node.split(".")[0] < 20))' 2>/dev/null && $(NODE) npm --version >/dev/null 2>&1 || \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $(FRONT)/node.lock
	cd $(FRONT) && $(NODE) npm ci --ignore-scripts --loglevel=error
	touch $@

$(PAGES): $(PACKAGES) $(wildcard $(FRONT)/*.mjs $(FRONT)/palette.json $(FRONT)/src/* $(FRONT)/src/*/* tenants/reference/*/*)
	cd $(FRONT) && $(NODE) node build.mjs

.PHONY: pages
pages: $(PAGES) ## Styles, scripts, faces and pictures that the pages need

.PHONY: words
words: $(READY) ## Bring the Arabic catalogues up to date with what the pages say
	@for part in portal:portal hub/web:web; do \
	  folder=$${part%%:*} name=$${part##*:}; \
	  $(BIN)/pybabel -q extract -F babel.cfg -k say -k count:1,2 --no-location -o $(VENV)/$$name.pot $$folder && \
	  $(BIN)/pybabel -q update -i $(VENV)/$$name.pot -d $$folder/locale -D $$name -l ar --no-fuzzy-matching --no-wrap --ignore-obsolete; \
	done
	@grep -n -B1 -A1 'msgstr ""$$' portal/locale/ar/LC_MESSAGES/portal.po hub/web/locale/ar/LC_MESSAGES/web.po | grep msgid || true

PICTURES ?=

.PHONY: pictures
pictures: $(PAGES) ## What every page looks like, into docs/pictures
	$(BIN)/python -m tests.pages.pictures $(PICTURES)

.PHONY: demo
demo: $(PAGES) ## The main job, shown: a case's life, a month of six agencies, their figures, then the API, until Ctrl+C
	$(BIN)/hub demo

.PHONY: test
test: lint types layers check ## Everything that has to pass

.PHONY: check
check: $(PAGES) ## The tests; one part: make check TESTS=tests/hub/sla
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
slow: $(PAGES) ## The long proofs: whole cities, ten thousand clocks
	$(BIN)/python -m pytest -m slow $(TESTS)

.PHONY: kill-test
kill-test: $(PAGES) ## Two hundred rounds of kill -9 at web, worker, beat and database; the database away for a minute
	HUB_KILL_ROUNDS=200 HUB_AWAY_SECONDS=60 $(BIN)/python -m pytest -m kill -s tests/kill

BENCH ?=
OUT ?=

.PHONY: bench
bench: $(PAGES) ## How fast it is, in half an hour; one part: make bench BENCH=opening OUT=figures.json
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
	rm -rf $(VENV) hub/web/built hub/web/front/node_modules .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
