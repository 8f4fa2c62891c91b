# Everything a person needs is `make run` and `make test`; `make help` tells the rest.
SHELL := /bin/sh
VENV ?= .venv
BIN := $(VENV)/bin
PYTHON ?= python3
KAM_DATA_DIR ?= $(CURDIR)/var
export KAM_DATA_DIR
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: audit backups schema-fixtures sbom help drill golden run setup test fuzz faults bench lint format lock schemas short-form report-authoring translations clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: setup ## Install what is missing, prepare the database, start the server and print its address
	@$(BIN)/kam-assess db upgrade
	@$(BIN)/kam-assess serve

setup: $(VENV)/.run-installed ## Install system libraries and Python packages for running

$(VENV)/.run-installed: requirements/run.txt pyproject.toml scripts/system-packages
	@sh scripts/system-packages run
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked packages ..."
	@$(BIN)/pip install --quiet --require-hashes -r requirements/run.txt
	@sh scripts/link-package $(VENV)
	@touch $@

$(VENV)/.dev-installed: requirements/dev.txt $(VENV)/.run-installed
	@sh scripts/system-packages test
	@echo "Installing the locked packages for tests ..."
	@$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

test: $(VENV)/.dev-installed lint ## Lint, type-check and run every test, browser and PostgreSQL included
	$(BIN)/pytest -n 2 --dist loadfile

lint: $(VENV)/.dev-installed ## Lint, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(VENV)/.dev-installed ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

fuzz: $(VENV)/.dev-installed ## Hostile input in thousands: the API, files, saves, documents, pictures, scripts (KAM_FUZZ_EXAMPLES, KAM_FUZZ_SEED)
	KAM_FUZZ_EXAMPLES=$${KAM_FUZZ_EXAMPLES:-60} $(BIN)/pytest -n 2 tests/api/test_schemathesis.py tests/content/test_fuzz.py \
	  tests/web/test_saving.py tests/web/test_scripts.py tests/render/test_evil.py tests/render/test_images.py

faults: $(VENV)/.dev-installed ## Kill, fill, lock and restart, again and again, and count what is lost (KAM_FAULTS_SEED)
	$(BIN)/python -m tests.faults

backups: $(VENV)/.dev-installed ## Make 20 backups under load on each database, restore and compare them (KAM_BACKUPS, KAM_BACKUPS_SEED)
	$(BIN)/python -m tests.bench.backups $${KAM_BACKUPS:-20} $${KAM_BACKUPS_SEED:-1}

bench: $(VENV)/.dev-installed ## Measure, and print ratios
	$(BIN)/python -m tests.bench

drill: $(VENV)/.run-installed ## Follow docs/operations.md word for word, as an installation of its own on a free port
	$(BIN)/python scripts/follow_operations.py --environment $(VENV) --own-port --with exposed

golden: $(VENV)/.dev-installed ## Renew the golden pictures of the report; look at them before you commit
	$(BIN)/python -m tests.render.golden

schema-fixtures: $(VENV)/.dev-installed ## Keep the database of a newly released schema, for the tests of upgrades
	$(BIN)/python -m tests.schemas

schemas: $(VENV)/.dev-installed ## Write docs/schema/ anew
	$(BIN)/python scripts/write_schemas.py

short-form: $(VENV)/.dev-installed ## Write the short form anew from the core questionnaire
	$(BIN)/python scripts/write_short_form.py

report-authoring: $(VENV)/.dev-installed ## Write the list of variables in docs/report-authoring.md anew
	$(BIN)/python scripts/write_report_authoring.py

translations: $(VENV)/.dev-installed ## Extract the messages, update and compile the catalogues
	$(BIN)/python -m tests.web.catalogues

audit: $(VENV)/.dev-installed ## Ask whether a locked package has a known advisory; fails when that could not be found out
	$(BIN)/python scripts/audit.py

sbom: $(VENV)/.dev-installed ## Write the bill of materials of a server to build/sbom.cdx.json
	$(BIN)/python scripts/write_sbom.py

lock: ## Write the locks anew (needs uv)
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" pyproject.toml -o requirements/run.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command "make lock" -c requirements/run.txt pyproject.toml --all-extras --group dev -o requirements/dev.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command "make lock" -c requirements/dev.txt pyproject.toml --all-extras -o requirements/server.txt
	echo "hatchling>=1.27" | uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" -c requirements/dev.txt - -o requirements/build.txt

clean: ## Remove what was installed and built, never the data
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
