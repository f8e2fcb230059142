# Every target calls Python; `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
STAMP := $(VENV)/.ready
RIVALS := .venv-bench
MAKEFLAGS += --no-print-directory

.DEFAULT_GOAL := help
.PHONY: help setup report train verify desk sample bench test test-all lint lab clean lock

help:  ## list the targets and the options
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/make \1 \2/p' $(firstword $(MAKEFILE_LIST)) | \
	  while read -r make target what; do printf '%s %-8s %s\n' "$$make" "$$target" "$$what"; done
	@echo
	@$(PYTHON) -m helpers.report --help

setup: $(STAMP)  ## make .venv and install the locked packages (the others do it when needed)

# Made anew when the lock or the package changes; a half-made one has no stamp.
$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) was not found: install Python 3.11, 3.12 or 3.13"; exit 1; }
	@$(PYTHON) -c "import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v[:2] <= (3, 13) else \
	  'Python 3.11, 3.12 or 3.13 is needed (TensorFlow has no other), and $(PYTHON) is %d.%d: ' % v[:2] + \
	  'install one and say make PYTHON=python3.13')"
	@echo "Setting up $(VENV): a few minutes and about 3.5 GB, once"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $(STAMP)

# make exports what stands behind the target; the program reads the names given here, and checks them.
GIVEN = $(filter-out PYTHON,$(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name))))
report: $(STAMP)  ## train, explain and write reports/<run>/report.html and report.pdf
	@WORKBOOK_OPTIONS="$(GIVEN)" $(BIN)/python -m helpers.report

train: $(STAMP)  ## train every network of a data set and put it into data/pretrained, to be shipped
	@WORKBOOK_OPTIONS="$(GIVEN)" $(BIN)/python -m tools.ship

verify: $(STAMP)  ## run a finished report again and name every result that differs (RUN=name)
	@WORKBOOK_OPTIONS="$(GIVEN)" $(BIN)/python -m helpers.report.verify

desk: $(STAMP)  ## a report for each student's folder in SUBMISSIONS, and one index of them all (SUBMISSIONS=folder, TEST=path)
	@WORKBOOK_OPTIONS="$(GIVEN)" $(BIN)/python -m helpers.desk

sample: $(STAMP)  ## make docs/sample.pdf and docs/page1.png again, from a report on the drawn faces
	@$(BIN)/python -m tools.sample

bench: $(RIVALS)/.ready  ## time the explanations against the libraries that offer the same
	@WORKBOOK_OPTIONS="$(GIVEN)" PYTHONPATH=$(RIVALS) $(BIN)/python -m tools.bench

$(RIVALS)/.ready: requirements-bench.txt $(STAMP)
	@rm -rf $(RIVALS)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target $(RIVALS) -r requirements-bench.txt
	@touch $@

test: $(STAMP)  ## run the tests that are quick
	@$(BIN)/python -m pytest -m "not slow"

test-all: $(STAMP)  ## run all tests, also those with browsers, killed processes and whole reports
	@$(BIN)/python -m pytest

lint: $(STAMP)  ## check the style of code and notebooks
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

lab: $(STAMP)  ## open the notebooks in JupyterLab
	@$(BIN)/python -m helpers.lab

lock:  ## make requirements.lock again after an edit of requirements*.txt (needs uv)
	@uv pip compile --quiet --universal --python-version 3.11 --no-header --upgrade \
	  requirements-test.txt --output-file requirements.lock

clean:  ## remove .venv and caches; data/ and reports/ stay
	@rm -rf $(VENV) .venv-* .pytest_cache .ruff_cache .hypothesis *.egg-info data/.cache
	@find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
