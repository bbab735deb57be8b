# Two commands for a fresh machine with Python 3.11 or later: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: demo test docs check bench bench-accessibility bench-composite bench-outputs clean

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.tested: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	touch $@

$(VENV)/.documented: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable ".[docs]"
	touch $@

demo: $(VENV)/.installed
	$(BIN)/inclusion-marker compute --city cucuta --overwrite

test: $(VENV)/.tested
	$(BIN)/python -m pytest -n auto

# The site in build/site: open index.html.
docs: $(VENV)/.documented
	$(BIN)/sphinx-build -W --keep-going -n -q -c docs -d build/pages . build/site

check:
	bash .ci/run

bench: $(VENV)/.tested
	$(BIN)/python benchmarks/run.py

# Peers that this machine cannot install are skipped by name: the run needs none of them.
bench-accessibility: $(VENV)/.tested
	$(BIN)/python -m pip install --quiet --editable ".[bench]" || \
	  for peer in cityseer igraph networkit pandana pandarm; do \
	    $(BIN)/python -m pip install --quiet $$peer || echo "$$peer cannot be installed here"; \
	  done
	$(BIN)/python benchmarks/accessibility.py $(BENCH)

bench-composite: $(VENV)/.tested
	for peer in pymcdm scikit-criteria esda libpysal inequality; do \
	  $(BIN)/python -m pip install --quiet $$peer || echo "$$peer cannot be installed here"; \
	done
	$(BIN)/python benchmarks/composite.py $(BENCH)

bench-outputs: $(VENV)/.tested
	$(BIN)/python benchmarks/outputs.py $(BENCH)

clean:
	rm -rf $(VENV) build outputs .pytest_cache .mypy_cache .ruff_cache
