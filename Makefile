# Set-up, checks and measurements. `make demo` and `make test` each work on a fresh clone.
SHELL := /bin/bash
PYTHON ?= python3.11
PYTHON_FOUND := $(shell command -v $(PYTHON) || command -v python3)
BIN := .venv/bin
# uv asks the same package index and trusts the same certificates as pip does here.
UV := UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-}}" UV_SYSTEM_CERTS=1 $(BIN)/uv

.PHONY: setup setup-dev demo test lint format bench lock golden vendor clean

setup: .venv/.runtime
setup-dev: .venv/.dev

.venv/.uv: requirements.lock
	@echo "Making .venv with $(PYTHON_FOUND)"
	@$(PYTHON_FOUND) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "Python 3.11 to 3.13 is needed; $(PYTHON_FOUND) is another. Try: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON_FOUND) -m venv .venv
	@awk '/^uv==/ {keep=1} keep {print} keep && !/\\$$/ {exit}' requirements.lock > .venv/uv.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt
	@touch $@

.venv/.runtime: .venv/.uv requirements.lock pyproject.toml
	@echo "Installing the pinned packages"
	@$(UV) pip install --require-hashes -r requirements.lock \
		|| $(BIN)/python -m pip install --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --no-deps --no-build-isolation -e . \
		|| $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.runtime requirements-dev.lock
	@echo "Installing the pinned packages that the checks need"
	@$(UV) pip install --require-hashes -r requirements-dev.lock \
		|| $(BIN)/python -m pip install --require-hashes -r requirements-dev.lock
	@touch $@

demo: setup
	@exec $(BIN)/overwatch demo

test: setup-dev
	@$(BIN)/python tests/install_chromium.py
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest -n 3 --max-worker-restart 0 --dist loadfile

lint: setup-dev
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports

format: setup-dev
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: setup
	@$(BIN)/overwatch bench

# Make anew what of the README and tests/golden comes from the code.
golden: setup-dev
	@$(BIN)/python tests/documents.py

# Pin again, after pyproject.toml has changed. Names and hashes only: the index stays yours.
lock: setup-dev
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--extra build pyproject.toml -o requirements.lock
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--extra build --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

# Make web/static/vendor again out of pinned, checked packages. Needs node.
vendor: setup
	@$(BIN)/python -m web.vendor.refresh

clean:
	rm -rf .venv build *.egg-info
