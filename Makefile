# Everything a newcomer needs: `make demo`, `make test`. Targets set up what they need.
# Debian/Ubuntu with Python >= 3.11; other systems: see README, "Installation".

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: demo test test-foreign lint typecheck bench benchmarks-smoke docs-smoke clean setup \
	setup-cpu setup-farm setup-system venv

demo: setup
	$(BIN)/unrealperson demo

# Files in the order of tests/conftest.py, long ones first: sorted by their number of tests, as xdist
# would, the few long tests against real servers came last, with nothing left to do beside them. Five
# processes, on two cores too, because those tests mostly wait.
TEST_PROCESSES ?= 5
# One thread each for matrix products: threads of several processes would wait for one another.
test: export OMP_NUM_THREADS ?= 1
test: export OPENBLAS_NUM_THREADS ?= 1
test: lint typecheck
	$(BIN)/python -m tests.suite --numprocesses $(TEST_PROCESSES) --dist loadfile \
		--no-loadscope-reorder $(PYTEST_ARGS)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

# Readers of others, each in an environment of its own, which this makes (about 3 GB, minutes).
test-foreign: setup
	PYTHON=$(BIN)/python tests/foreign/make_environments.sh
	REQUIRE_FOREIGN=1 $(BIN)/python -m pytest tests/foreign

typecheck: setup
	$(BIN)/pyright

bench: setup
	$(BIN)/python -m benchmarks.demo

# Every benchmark in its short form: shows that they run, measures nothing.
benchmarks-smoke: setup
	$(BIN)/python -m benchmarks.smoke

# The tutorial, command by command, with short trainings; then what other pages tell people to type,
# as far as it takes less than a minute, and why the rest is not run.
docs-smoke: setup
	$(BIN)/python -m tests.docs.tutorial
	$(BIN)/python -m tests.docs.run_commands

setup: setup-system $(STAMP)

# The renderer needs three system libraries; the script installs them or says how to.
setup-system:
	@infra/setup/system-packages.sh

# The same with PyTorch for processors, which brings no CUDA: 2 GB in place of 6.7. What it needs comes
# from PyPI, in our versions: PyTorch's index has only some of them.
TORCH_CPU ?= https://download.pytorch.org/whl/cpu
setup-cpu: setup-system venv
	$(PIP_INSTALL) --no-deps --index-url $(TORCH_CPU) torch torchvision
	$(MAKE) setup

# A farm's server or render host: no torch, no tools of developers, 1 GB.
setup-farm: setup-system venv
	$(PIP_INSTALL) --editable ".[worker,video]"
	$(BIN)/unrealperson assets install

PIP_INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check \
	--constraint constraints.txt

venv:
	$(PYTHON) infra/setup/check_python.py
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)

$(STAMP): pyproject.toml constraints.txt
	$(MAKE) venv
	$(PIP_INSTALL) --editable ".[worker,training,zoo,video,dev]"
	$(BIN)/unrealperson assets install
	touch $@

clean:
	rm -rf out build dist *.egg-info .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
