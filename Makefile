# All the commands a newcomer needs. Each can be run again and is then quick.
#   make run    set up, load the demo into an empty database, serve on http://127.0.0.1:8000/ (PORT=… changes it)
#   make test   set up and run the whole suite (LONG=1 adds the long runs; TESTS=tests/comments runs a part)
#   make bench  set up and measure, some ten minutes (BENCH="posting --databases sqlite" measures a part; BENCH=--help)
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
export PORT
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
STATIC := $(shell find static -type f 2>/dev/null)

.PHONY: setup run test lint bench demo lock

$(VENV)/.python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 is missing. On Debian: sudo apt install python3.11 python3.11-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Rostrum needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V). On Debian 12: sudo apt install python3.11 python3.11-venv"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing. On Debian: sudo apt install python3.11-venv"; exit 1; }
	@echo "Creating $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: $(VENV)/.python requirements.txt
	@echo "Installing requirements.txt (a minute or two, once)"
	@$(PIP) install --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.txt
	@echo "Installing requirements-dev.txt"
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

$(VENV)/.static: $(VENV)/.runtime $(STATIC)
	@$(PY) manage.py collectstatic --noinput --clear -v 0
	@touch $@

setup: $(VENV)/.runtime $(VENV)/.static
	@$(PY) manage.py migrate --noinput -v 0
	@$(PY) manage.py createcachetable --database cache -v 0

run: setup
	@$(PY) manage.py load_demo --if-empty
	@exec $(PY) manage.py serve

demo: setup
	@$(PY) manage.py load_demo

test: $(VENV)/.dev $(VENV)/.static
	@$(PY) -m tests $(TESTS)

lint: $(VENV)/.dev
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(PY) manage.py check --fail-level WARNING
	@$(PY) manage.py makemigrations --check --dry-run -v 0 || { echo "Models changed without a migration: manage.py makemigrations -n name"; exit 1; }
	@$(PY) -m tests.lint

bench: setup $(VENV)/.dev
	@$(PY) -m bench $(BENCH)

lock: $(VENV)/.dev
	@$(VENV)/bin/uv pip compile -q --generate-hashes --python-version 3.11 --no-header requirements.in -o requirements.txt
	@$(VENV)/bin/uv pip compile -q --generate-hashes --python-version 3.11 --no-header requirements-dev.in -o requirements-dev.txt
