# Every target is also a command: `.venv/bin/cnnlab lab`, or without make: `uv run cnnlab lab`.
# LESSON=01 chooses a lesson; ARGS passes options on (make lab ARGS="--no-browser --port 8890");
# PYTHON=/path/to/python3.12 chooses the interpreter for .venv.

.DEFAULT_GOAL := help
CNNLAB := .venv/bin/python -m cnnlab
export PYTHON

.PHONY: help set-up lab progress review reset doctor build check test release grade feedback bundle site clean lock

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

set-up:  ## the environment in .venv (the other targets do this by themselves)
	@sh scripts/set-up

lab: set-up  ## learner: copies of the lessons into work/, JupyterLab where you left off
	@$(CNNLAB) lab $(ARGS)

progress: set-up  ## learner: how far you are
	@$(CNNLAB) progress $(ARGS)

review: set-up  ## learner: questions about mistakes that you met
	@$(CNNLAB) review $(ARGS)

reset: set-up  ## learner: a fresh copy of LESSON=01; yours is kept beside it
	@$(CNNLAB) reset $(LESSON) $(ARGS)

doctor: set-up  ## learner: what this machine lacks, and what to do about it
	@$(CNNLAB) doctor $(ARGS)

build: set-up  ## author: masters to notebooks, only what changed; LESSON=01 for one
	@$(CNNLAB) build $(LESSON) $(ARGS)

check: set-up  ## author: style, types and the quick tests (figures: make test)
	@$(CNNLAB) check $(ARGS)

test: set-up  ## author: style, types and every test
	@$(CNNLAB) test $(ARGS)

release: set-up  ## instructor: register LESSON=01 with nbgrader, ready to hand out
	@$(CNNLAB) release $(LESSON) $(ARGS)

grade: set-up  ## instructor: grade what lies in submitted/ for LESSON=01
	@$(CNNLAB) grade $(LESSON) $(ARGS)

feedback: set-up  ## instructor: write feedback/ for LESSON=01
	@$(CNNLAB) feedback $(LESSON) $(ARGS)

bundle: set-up  ## instructor: the learner's half alone, as a zip in dist/
	@$(CNNLAB) bundle $(ARGS)

site: set-up  ## the course's web site, a folder of static files in site/
	@$(CNNLAB) site $(ARGS)

clean:  ## remove caches and build leftovers; work/ and .venv stay
	@rm -rf dist artifacts site .pytest_cache .ruff_cache .hypothesis
	@find cnnlab tests notebooks solutions -name __pycache__ -prune -exec rm -rf {} +
	@find notebooks solutions -name .ipynb_checkpoints -prune -exec rm -rf {} +

lock: set-up  ## maintainer: resolve requirements.lock anew from pyproject.toml
	@.venv/bin/uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
	  --all-extras --quiet pyproject.toml -o requirements.lock $(ARGS)
