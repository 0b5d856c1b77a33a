# `make` alone shows the verbs. All of them need Python 3.11 or newer and nothing else; whatever
# they use beside it is installed into .venv, .venv-wheel, .venv-newest, .venv-lowest, .clients and
# build, and nowhere else.

PYTHON ?= python3
JOBS ?= 2
BIN := .venv/bin
PIP := -m pip --disable-pip-version-check --no-input -qq

# Compiled modules are kept, whatever the machine says: hundreds of processes of the tests import the
# same ones.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup test lint format types contracts docs docs-check requirements wheel bounds pytest demo soak bench bench-parts clients clean

help: ## Show the verbs
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

setup: .venv/.stamp ## Build .venv, as every other verb does where it is missing or old

# What a user of plancast needs, and no more.
.venv/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "plancast needs Python 3.11 or newer. Name one: make PYTHON=python3.12"; exit 1; }
	@echo "Installing plancast into .venv ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python $(PIP) install -c constraints.txt hatchling
	@$(BIN)/python $(PIP) install -c constraints.txt --no-build-isolation -e .
	@touch $@

.venv/.stamp: .venv/.installed
	@echo "Installing the tools of development into .venv ..."
	@$(BIN)/python $(PIP) install -c constraints.txt --no-build-isolation -e '.[dev]'
	@touch $@

# What does not use both cores by itself runs side by side: what waits for registries begins.
test: .venv/.stamp ## Run all that CI runs but `make bounds` and `make bench`: format, lint, types, contracts, docs, wheel, tests
	@$(MAKE) --no-print-directory -j3 clients lint wheel docs-check
	@$(MAKE) --no-print-directory pytest

lint: .venv/.stamp ## Check format, style, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: .venv/.stamp ## Bring the code into form, mend what can be mended
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

docs: .venv/.stamp ## Write the generated pages and the tour in README.md anew
	$(BIN)/python tools/gen_docs.py
	$(BIN)/python tools/tour.py

docs-check: .venv/.stamp ## Check that the generated pages are current
	$(BIN)/python tools/gen_docs.py --check

requirements: .venv/.stamp ## Write the hashes of what CI installs, from pyproject.toml and constraints.txt
	$(BIN)/python tools/gen_requirements.py

wheel: .venv/.stamp ## Build sdist and wheel, install the wheel elsewhere, check that it is whole
	$(BIN)/python tools/check_wheel.py

# Which tests: tools/check_bounds.py. They are those that call what plancast depends on.
bounds: .venv/.stamp ## Run tests with the newest and the lowest versions of the dependencies; BOUND=newest for one
	$(BIN)/python tools/check_bounds.py --jobs $(JOBS) $(BOUND)

pytest: .venv/.stamp ## Run the tests alone; K=word picks some, JOBS=1 runs them one after the other
	$(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal $(if $(K),-k "$(K)")

demo: .venv/.installed ## Plan, apply and change a queue in the local Buffer; PROVIDER=buffer-graphql too
	@$(BIN)/python examples/demo.py $(PROVIDER)

soak: .venv/.stamp ## Kill and disturb applies for SECONDS=60, by SEED; docs/reliability.md
	@$(BIN)/python -m tests.reliability.soak $(or $(SECONDS),60) $(SEED)

bench: .venv/.stamp ## Measure plancast against floors and a peer, write docs/performance.md; QUICK=1, FULL=1, ONLY=group, CHECK=1, BASELINE=1: bench/README.md
	@$(BIN)/python bench/run.py $(if $(QUICK),--quick) $(if $(FULL),--full) $(if $(ONLY),--only "$(ONLY)") \
	  $(if $(CHECK),--check) $(if $(BASELINE),--write-baseline)

bench-parts: .venv/.stamp ## Measure renames, the page, long texts, and 200 creates against a limit
	@$(BIN)/python bench/renames.py
	@$(BIN)/python bench/page.py
	@$(BIN)/python bench/text.py
	@$(BIN)/python bench/pace.py

clients: .clients/.stamp ## Install the Buffer clients of others that tests drive against the sandbox

# A machine without Node.js, or out of reach of the packages, skips those tests and says so.
.clients/.stamp: tools/install_clients.py
	@$(PYTHON) tools/install_clients.py .clients

clean: ## Remove everything that was built, but .venv
	rm -rf dist build .venv-wheel .venv-newest .venv-lowest .clients .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
