# Two commands do everything: `make book` and `make test`. Each makes its own environment in .venv; nothing needs activating.
PYTHON ?= python3
BIN := .venv/bin
BUILD := $(BIN)/jupyter-book build . -W -n --keep-going
# Two processes share two cores: one thread each for NumPy's matrix products.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1

.PHONY: help book test serve lab notebooks benchmark clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## (.*)/  make \1\t\2/' | expand -t 20

book: .venv/book  ## build the book; prints where to open it
	$(BUILD) -q
	@echo "The book is built. Open $(CURDIR)/_build/html/index.html, or run: make serve"

test: .venv/test  ## every check: blocks, chapters (nbval), prose, and the built site in a real browser
	$(BIN)/python -m pytest -n 2 --nbval --nbval-current-env tests dlblocks chapters

serve: book  ## show the book at http://localhost:8000
	$(BIN)/python -m http.server 8000 --bind 127.0.0.1 --directory _build/html

lab: .venv/book  ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab chapters

notebooks: .venv/book  ## execute every chapter again and store what it prints
	$(BIN)/python -m dlblocks.book.execute chapters/*.ipynb

benchmark: .venv/test  ## time each block against PyTorch, and the sliders in a slowed browser
	$(BIN)/python benchmarks/blocks.py
	$(BIN)/python benchmarks/sliders.py

clean:  ## remove the environment and everything built
	rm -rf .venv _build *.egg-info

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' || { echo "Python's venv module is missing; install it (Debian and Ubuntu: apt install python3-venv)"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/book: .venv/bin/python requirements.txt requirements.lock pyproject.toml
	$(BIN)/python -m pip install -q -r requirements.txt -c requirements.lock
	@touch $@

.venv/test: .venv/bin/python requirements.txt requirements-test.txt requirements.lock pyproject.toml
	$(BIN)/python -m pip install -q -r requirements-test.txt -c requirements.lock
	@touch .venv/book $@
