SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
PAGES := $(BIN)/python -m web.build
PYTHON ?= python3

.PHONY: help install run demo test test-browser screens check bench faults laws ledger voice clean

help:
	@echo "make run      install what is needed and run the phone system; Ctrl-C stops it"
	@echo "make demo     the same, with synthetic callers and agents on real SIP phones"
	@echo "make install  install into $(VENV), fetch Asterisk, make secrets and the database"
	@echo "make test     static checks, then every test"
	@echo "make test-browser  the phone in a real Chromium (needs Debian's chromium)"
	@echo "make screens  pictures of every page and state into docs/pages (needs Debian's chromium)"
	@echo "make check    static checks only"
	@echo "make bench    every benchmark, one JSON line per figure"
	@echo "make faults   recordings harmed in every way: what was injected, what was found, what was lost (3 min)"
	@echo "make laws     every law of a property test held against new random examples, LAWS=6 times over (25 min)"
	@echo "make ledger   10,000 real calls while the service is killed and cut off: nobody is dialled twice (25 min)"
	@echo "make voice    what is needed to render prompts anew"
	@echo "make clean    remove $(VENV) and what was built; data in var/ and fetched software stay"

install: $(VENV)/.installed
	@$(PAGES)
	@$(BIN)/kring serve --set-up

$(VENV)/.installed: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || \
	  { echo "Python is missing. Install it:  sudo apt install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than 3.11. Name a newer one:  make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "Python's venv is missing. Install it:  sudo apt install python3-venv"; exit 1; }
	@echo "Installing into $(VENV) (once; about a minute)"
	@echo "  1/4 making the environment"
	@$(PYTHON) -m venv $(VENV)
	@echo "  2/4 fetching $$(wc -l < requirements.lock) packages"
	@$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.lock
	@echo "  3/4 installing kring"
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@echo "  4/4 building the pages"
	@$(PAGES)
	@touch $@

# The pages are built anew only when one of their sources changed.
run: $(VENV)/.installed
	@$(PAGES)
	@$(BIN)/kring serve --keep

demo: $(VENV)/.installed
	@$(PAGES)
	@$(BIN)/python -m service.demo

check: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PAGES) --check

# The tests of one file share one Asterisk and stay in one worker. Two workers fit two cores; calls on real
# phones mostly wait, so three fit. Both parts are run whatever the first one says.
test: check
	@$(PAGES)
	@failed=0; \
	$(BIN)/pytest -n 2 --dist loadfile --ignore tests/sip || failed=1; \
	$(BIN)/pytest -n 3 --dist loadfile tests/sip || failed=1; \
	exit $$failed

test-browser: $(VENV)/.installed
	@$(PAGES)
	KRING_TEST_BROWSER=1 $(BIN)/pytest tests/browser

screens: $(VENV)/.installed
	@$(PAGES)
	$(BIN)/python -m tests.browser.screens

bench: $(VENV)/.installed
	$(BIN)/python -m bench

# Fails as well when a kind of fault was injected nowhere (tests/fault_report.py).
FAULTS := tests/failures tests/sip/test_recording_story.py tests/sip/test_recorded_talks.py \
  tests/unit/test_recording_container.py tests/unit/test_recording_manifest.py \
  tests/unit/test_recording_disk.py tests/unit/test_capture_driver.py \
  tests/storage/test_storage_recording_keeping.py tests/storage/test_storage_sealing.py \
  tests/storage/test_storage_sound_stores.py tests/web/test_listening_refused.py \
  tests/web/test_listening_sealed.py

faults: $(VENV)/.installed
	@$(PAGES)
	$(BIN)/pytest -n 2 --dist loadfile -p tests.fault_report $(FAULTS)

LAWS ?= 6

# `make test` asks the same examples each time; a law that breaks here prints the example to add to its test.
laws: $(VENV)/.installed
	@failed=0; \
	for round in $$(seq $(LAWS)); do \
	  $(BIN)/pytest -q -n 2 -m hypothesis --ignore tests/web --hypothesis-profile searching \
	    --hypothesis-seed $$RANDOM tests || failed=1; \
	done; \
	exit $$failed

ledger: $(VENV)/.installed
	$(BIN)/python -m bench ledger

voice: $(VENV)/.installed
	$(BIN)/pip install --disable-pip-version-check --editable '.[voice]'

clean:
	rm -rf $(VENV) web/static web/ui/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -not -path './var/*' -not -path './.cache/*' -prune -exec rm -rf {} +
