# One front door: `make run` to use it, `make test` to prove it. Python 3.11 or later, make and a network are enough.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8501
STORE  ?= $(if $(PLUMBLINE_STORE),$(PLUMBLINE_STORE),data/store/plumbline.duckdb)
SRC    := src tests app.py asgi.py pages bench

.PHONY: run test test-long suite setup setup-test check bench clean

setup: $(VENV)/.run                 ## the environment to run in
setup-test: $(VENV)/.test           ## the environment to test in

$(VENV)/.run: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Plumbline needs Python 3.11 or later; this is " + sys.version.split()[0] + ". Set PYTHON=python3.11 (or later).")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	# Where Python may not write what it compiles, as in many containers, every start would compile our sources again.
	$(BIN)/python -m compileall -q src
	touch $@

$(VENV)/.test: $(VENV)/.run requirements-test.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-test.txt
	touch $@

run: setup                          ## the app on http://localhost:8501, with the sample estate if the store is empty
	test -e "$(STORE)" || $(BIN)/plumbline demo --store "$(STORE)"
	$(BIN)/plumbline serve --store "$(STORE)" --port $(PORT)

check: setup-test                   ## format, lint, types, layers, known weaknesses, bill of materials
	$(BIN)/ruff format --check $(SRC)
	$(BIN)/ruff check $(SRC)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m tests.supply_chain.sbom
	$(BIN)/python -m tests.supply_chain.audit

# Types are read by one core: tests run beside them.
test: setup-test                    ## everything that lands must pass
	$(MAKE) --no-print-directory --jobs=2 check suite

# Three processes on two cores: one of them mostly waits for its browser. They may write what they compile, even where
# Python as a rule may not: each would rewrite the assertions of every file by itself.
suite: setup-test
	sh tests/browser/chromium.sh
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 3

test-long: setup-test               ## slow proofs; every skip is printed with its reason
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-long.txt
	$(BIN)/pytest -n 3 --long

bench: setup-test                   ## printed tables with ratios; peers run where `python -m bench.peers --install` has put them
	$(BIN)/python bench/pages.py
	$(BIN)/python -m bench.count
	$(BIN)/python -m bench.accuracy
	$(BIN)/python -m bench.coverage
	$(BIN)/python -m bench.peers

clean:                              ## leaves only what git tracks
	git clean -fdxq
