# `make` lists the targets. Set-up is idempotent; nothing outside this folder is changed but missing Debian packages.
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.ready
PACKAGES := chromium tesseract-ocr tesseract-ocr-script-hang fonts-nanum fonts-dejavu fonts-liberation xvfb openbox xdotool xclip at-spi2-core dbus-x11 libgl1 libglib2.0-0 postgresql x11-xserver-utils
PROGRAMS := chromium tesseract Xvfb openbox xdotool xclip dbus-run-session

.DEFAULT_GOAL := help
.PHONY: help setup system demo test test-all check fix bench docs clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: system $(STAMP) ## install everything needed into .venv

system:
	@missing=""; for p in $(PROGRAMS); do command -v $$p >/dev/null || missing="$$missing $$p"; done; \
	if [ -z "$$(find /usr/share/tesseract-ocr -name Hangul.traineddata 2>/dev/null)" ] || ! ls /usr/share/fonts/truetype/nanum >/dev/null 2>&1; then missing="$$missing korean"; fi; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$$missing postgresql"; \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(PACKAGES) >/dev/null; \
	  else \
	    echo "Missing:$$missing. Please install: sudo apt-get install $(PACKAGES)"; \
	  fi; fi

$(STAMP): requirements.lock constraints.txt pyproject.toml
	@test -x $(PY) || python3 -m venv $(VENV)
	@$(PY) -m pip install -q "uv>=0.5,<1" 2>/dev/null || $(PY) -m pip install -q uv
	@$(PY) -m pip install -q -r constraints.txt
	@# Compiled once here: every run starts a process of its own, which must not compile its libraries again.
	@$(VENV)/bin/uv pip install -q --compile-bytecode --python $(PY) --require-hashes -r requirements.lock
	@$(VENV)/bin/uv pip install -q --python $(PY) --no-deps -e .
	@$(PY) -m compileall -q flows ocr bots rpa
	@touch $@

demo: setup ## read supplier bills and post them in a real ERP, then replay what failed
	@$(PY) -m tests.acceptance.demo

test: setup ## all fast tests (under 15 minutes on 2 cores)
	@# What fails beside another test on a busy machine is tried once more alone; what fails alone fails.
	@$(PY) -m pytest -m "not heavy and not gpu" -n 2 --dist loadfile || $(PY) -m pytest -m "not heavy and not gpu" --last-failed --last-failed-no-failures none -n 0

test-all: setup ## also heavy programs and long runs
	@$(PY) -m pytest -m "not gpu"

check: setup ## style, types; changes nothing
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy

fix: setup ## mend what a tool can mend
	@$(VENV)/bin/ruff check --fix .

DATA ?= ../shared/data
bench: setup ## measure what needs no other tool; DATA=folder of real documents with truth
	@$(PY) -m bench.check
	@$(PY) -m bench.ledger
	@$(PY) -m bench.browser
	@$(PY) -m bench.desktop
	@if [ -d $(DATA)/sroie ]; then $(PY) -m bench.reading $(DATA)/sroie --limit 20 && $(PY) -m bench.fields $(DATA) --receipts 20; \
	 else echo "No documents in $(DATA): reading and fields are not measured."; fi
	@echo "Comparisons with other tools name their Python; see the head of each bench/*.py."

docs: setup ## rewrite generated pages and snapshots
	@$(PY) -m pytest -q --update tests/flows

clean: ## remove caches (not the environment)
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
