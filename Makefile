# Two commands for everybody: make demo, make test. The others are for those who change the program.
#   make PYTHON=python3.13 VENV=.venv-3.13 test    another interpreter, in its own environment
#   make PYTEST_ARGS='-k moscow -x' test           other arguments for pytest

PYTHON ?= python3
VENV ?= .venv
PYWB ?= .venv-pywb
# Four at once on two cores: the tests of servers wait more than they work.
PYTEST_ARGS ?= -n 4 --dist worksteal
# Without servers, kills, a browser and tests of many examples; of the others a fifth.
QUICK := -n 2 --dist worksteal --hypothesis-profile=quick -m 'not slow and not wheel and not faults'
RECORDINGS ?= tests/fixtures/recordings
DEMO ?= data/demo
LISTINGS ?= ../shared/listings
DOCS ?= $(wildcard README.md docs/*.md docs/*/*.md)

BIN := $(VENV)/bin
PIP_INSTALL := -m pip install -qq --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test quick check faults score recordings lint format docs docs-check site release-check messages wheel-test constraints clean $(VENV) $(PYWB)

help:
	@echo "make demo         read the sample into data/demo/, print what changed 2015 -> 2021, write the report"
	@echo "make test         the tests, with a real pywb (4 minutes on two cores)"
	@echo "make quick        the fast ones of them (half a minute)"
	@echo "make check        lint and the fast tests: before each commit"
	@echo "make faults       kill and refuse commands at each of their events (hours)"
	@echo "make score        how well real list pages are read, LISTINGS=FOLDER, and the floors"
	@echo "make recordings   recorded answers of the Wayback Machine, RECORDINGS=FOLDER, against our client"
	@echo "make lint         ruff, mypy, import-linter"
	@echo "make format       ruff's formatter and its safe fixes"
	@echo "make docs         renew what README.md and docs/ show of the program"
	@echo "make docs-check   fail if that is out of date"
	@echo "make site         the documentation as a web site, build/site"
	@echo "make release-check  what is released: sdist, wheel, metadata, installs, types, links"
	@echo "make messages     print every message and help text, to be read from top to bottom"
	@echo "make wheel-test   build the wheel, install it in a fresh environment, run it"
	@echo "make constraints  renew constraints.txt and constraints-pywb.txt"
	@echo "make clean        remove environments and caches; never the archive in data/"

# The sample is invented, so it gets a home of its own: never the default home, never an archive of yours.
# `ingest` brings an archive of an older release to the present schema, `reread` to the present reader.
demo: $(VENV)
	@$(BIN)/ilo-archive --home $(DEMO) ingest data/sample || \
	    { echo "cannot use the archive in $(DEMO): remove that folder, then run make demo again" >&2; exit 1; }
	@$(BIN)/ilo-archive --home $(DEMO) reread --apply
	@$(BIN)/ilo-archive --home $(DEMO) diff moscow 2015 2021
	@echo
	@echo "This is the sample: invented pages of the Moscow office, in an archive of their own, $(DEMO)."
	@echo "To ask more: export ILO_ARCHIVE_HOME=$(DEMO), then $(BIN)/ilo-archive entries"
	@echo "The report of its whole history, for a browser:"
	@$(BIN)/ilo-archive --home $(DEMO) report

# Each process of a test would compile the program anew where bytecode is not written.
test quick faults wheel-test: export PYTHONDONTWRITEBYTECODE =

test: $(VENV) $(PYWB)
	$(BIN)/python -m pytest $(PYTEST_ARGS)

score: $(VENV)
	$(BIN)/python -m tests.support.page_scores $(LISTINGS)

quick: $(VENV)
	$(BIN)/python -m pytest $(QUICK)

check: lint quick

faults: $(VENV)
	$(BIN)/python -m pytest -n 2 -m faults

recordings: $(VENV)
	$(BIN)/python -m tests.support.cassettes $(RECORDINGS)

lint: $(VENV)/docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(VENV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Pages and notebooks show real output: cog runs the commands in them, so the commands come first in PATH.
docs: $(VENV)/docs
	$(BIN)/python -m tests.support.notebooks
	$(if $(DOCS),PATH="$(abspath $(BIN)):$$PATH" $(BIN)/cog -P -I . -r $(DOCS))

docs-check: $(VENV)/docs
	$(if $(DOCS),PATH="$(abspath $(BIN)):$$PATH" $(BIN)/cog -P -I . --check --diff --check-fail-msg="run: make docs" $(DOCS))

# The documentation as a web site, in build/site; a warning is an error.
site: $(VENV)/docs
	$(BIN)/mkdocs build --quiet --strict
	@echo build/site/index.html

# What only the documentation needs: the generator of its web site.
$(VENV)/docs: $(VENV)/ready
	@$(BIN)/python $(PIP_INSTALL) -c constraints.txt -e '.[docs]'
	@touch $@

messages: $(VENV)
	@$(BIN)/python -m docs.messages

wheel-test: $(VENV)
	$(BIN)/python -m pytest -m wheel

# What is released, in dist/: REPOSITORY is the address that README's links lead to. PYTHONS are installed with.
REPOSITORY ?=
PYTHONS ?= $(PYTHON)
release-check: $(VENV)
	@test -n "$(REPOSITORY)" || { echo "say make release-check REPOSITORY=https://... (for README's links)" >&2; exit 1; }
	$(BIN)/python -m tools.release_check $(REPOSITORY) --python $(PYTHONS)

# What the two environments are made of. The stamp is written last: an interrupted set-up is done again.
$(VENV): $(VENV)/ready
$(VENV)/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	    { echo "Python 3.11 or newer is needed, '$(PYTHON)' is not: say make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Setting up $(VENV) (a minute, once)" >&2
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python $(PIP_INSTALL) -c constraints.txt -e '.[dev,all]'
	@touch $@

# pywb asks for older versions of packages that Scrapy needs newer, and for pkg_resources, which
# setuptools 81 dropped: it lives apart, only the tests talk to it. So do wacz with frictionless, and
# roc-validator, which judge what `export` writes and bring sixty packages that nothing else wants;
# rocrate before 0.16 has the context of RO-Crate 1.1, which the validator would fetch.
$(PYWB): $(PYWB)/ready
$(PYWB)/ready: constraints-pywb.txt
	@echo "Setting up $(PYWB), a web archive for the tests (a minute, once)" >&2
	@$(PYTHON) -m venv $(PYWB)
	@$(PYWB)/bin/python $(PIP_INSTALL) -c constraints-pywb.txt 'setuptools<81' pywb wacz roc-validator 'rocrate<0.16'
	@touch $@

# With the oldest Python that is supported: what it can install, the newer ones can.
constraints:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
	    { echo "constraints are made with Python 3.11: make constraints PYTHON=/path/to/python3.11" >&2; exit 1; }
	rm -rf .venv-constraints
	$(PYTHON) -m venv .venv-constraints
	.venv-constraints/bin/python $(PIP_INSTALL) -e '.[dev,all,docs]'
	{ echo "# Versions the tests passed with. Renew: make constraints"; \
	  .venv-constraints/bin/python -m pip freeze --exclude-editable; } > constraints.new
	mv constraints.new constraints.txt
	rm -rf .venv-constraints
	$(PYTHON) -m venv .venv-constraints
	.venv-constraints/bin/python $(PIP_INSTALL) --upgrade 'setuptools<81' pywb wacz roc-validator 'rocrate<0.16'
	{ echo "# Versions of pywb's own environment (.venv-pywb). Renew: make constraints"; \
	  .venv-constraints/bin/python -m pip freeze --all --exclude pip; } > constraints.new
	mv constraints.new constraints-pywb.txt
	rm -rf .venv-constraints

clean:
	rm -rf .venv .venv-* dist build .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
