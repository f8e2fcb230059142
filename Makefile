# Every target calls Python; `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
STAMP := $(VENV)/.ready
RIVALS := .venv-bench
MAKEFLAGS += --no-print-directory

.DEFAULT_GOAL := help
.PHONY: help setup report train seeds verify sample bench test lint lab clean lock

help:  ## list the targets and the knobs
	@echo "make report    train, explain and write reports/<run>/report.html and report.pdf"
	@echo "make train     train every network of a data set and put it into data/pretrained, to be shipped (DATASET=fer2013)"
	@echo "make seeds     train CNN and DNN with several seeds, add mean and spread to the report (SEEDS=0,1,2 RUN=name)"
	@echo "make verify    run a finished report again and name every result that differs (RUN=name)"
	@echo "make test      run the tests"
	@echo "make lab       open the notebooks in JupyterLab"
	@echo "make lint      check the style of code and notebooks"
	@echo "make setup     make .venv and install the locked packages (the others do it when needed)"
	@echo "make sample    make docs/sample.pdf and its screenshots again, from a report on the drawn faces"
	@echo "make bench     time the explanations against the libraries that offer the same, and print a table"
	@echo "make lock      make requirements.lock again after an edit of requirements*.txt (needs uv)"
	@echo "make clean     remove .venv and caches; data/ and reports/ stay"
	@echo
	@echo "Knobs of make report, all optional, written behind it:"
	@echo "  DATASET=faces     faces (drawn, the default), fer2013, food11, or a folder of images in data/"
	@echo "  DATA=path         where the data is: a folder, .zip or .csv; data/<DATASET> if not given"
	@echo "  EPOCHS=3          the most epochs any training may take"
	@echo "  SEED=1            seed of every random generator"
	@echo "  QUICK=1           a small recipe: under three minutes, to see that everything runs"
	@echo "  RETRAIN=1         train afresh what is shipped with the workbook"
	@echo "  SIZE=96           side of the images in pixels, where the data set leaves it open"
	@echo "  RUN=name          the folder in reports/; DATASET if not given"
	@echo "  MODEL=my.keras    explain this network, trained elsewhere (.keras or .h5), instead of training one"
	@echo "  RANGE=0..1        the pixel range MODEL was trained on: 0..255 (the default), 0..1 or -1..1"
	@echo "  HISTORY=log.csv   the training curves of MODEL, .csv or .json as Keras writes them"

setup: $(STAMP)

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
report: $(STAMP)
	@WORKBOOK_KNOBS="$(GIVEN)" $(BIN)/python -m helpers.report

train: $(STAMP)
	@WORKBOOK_KNOBS="$(GIVEN)" $(BIN)/python -m helpers.train

seeds: $(STAMP)
	@WORKBOOK_KNOBS="$(GIVEN)" $(BIN)/python -m helpers.seeds

verify: $(STAMP)
	@WORKBOOK_KNOBS="$(GIVEN)" $(BIN)/python -m helpers.report.verify

sample: $(STAMP)
	@$(BIN)/python -m helpers.report.sample

bench: $(RIVALS)/.ready
	@WORKBOOK_KNOBS="$(GIVEN)" PYTHONPATH=$(RIVALS) $(BIN)/python -m bench

$(RIVALS)/.ready: requirements-bench.txt $(STAMP)
	@rm -rf $(RIVALS)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target $(RIVALS) -r requirements-bench.txt
	@touch $@

test: $(STAMP)
	@$(BIN)/python -m pytest

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

lab: $(STAMP)
	@$(BIN)/jupyter lab notebooks

lock:
	@uv pip compile --quiet --universal --python-version 3.11 --no-header --upgrade \
	  requirements-test.txt --output-file requirements.lock

clean:
	@rm -rf $(VENV) .venv-* .pytest_cache .ruff_cache .hypothesis *.egg-info data/.cache
	@find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
