# The commands of the project; plain `make` prints them.

PYTHON ?= python3
BIN := .venv/bin
# Tools that load the settings need a key; pages are served with one of their own (make run).
TOOLS := SECRET_KEY=only-for-tools $(BIN)

.DEFAULT_GOAL := help
.PHONY: help run test test-fast lint fix messages bench clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/run ## start everything with a demo world (EMPTY=1: without it)
	@exec $(BIN)/python -m mirrorsite.demo $(if $(EMPTY),--empty)

test: .venv/dev ## run the whole suite, on SQLite and on PostgreSQL, with coverage
	@tests/install_programs
	@rm -f .coverage .coverage.*
	$(BIN)/pytest --numprocesses=auto --cov --cov-report= $(ARGS)
	$(BIN)/python tests/with_postgres.py $(BIN)/pytest --numprocesses=auto --cov --cov-append --cov-report= -m "not sqlite_only" $(ARGS)
	$(BIN)/coverage report --fail-under=90
	$(BIN)/coverage report --include='*/logic/*' --fail-under=100

test-fast: .venv/dev ## run the suite once, on SQLite, without installing programs
	$(BIN)/pytest --numprocesses=auto $(ARGS)

lint: .venv/dev ## check format, style, types, layers, templates, settings and migrations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/djlint --check --lint --quiet templates
	$(TOOLS)/python manage.py check --fail-level WARNING
	$(TOOLS)/python -W error manage.py makemigrations --check --dry-run --settings tests.settings

fix: .venv/dev ## format and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djlint --reformat --quiet templates || true

messages: .venv/dev ## collect what is to be translated, and compile what is
	$(BIN)/python -m development.collect_sentences
	$(BIN)/ruff format --quiet registry/reference
	$(TOOLS)/python manage.py makemessages -l de -l zh_Hans --no-location --no-obsolete --ignore .venv --ignore 'tests/*' --ignore 'templates/admin/*' -v0
	$(TOOLS)/python manage.py compilemessages -l de -l zh_Hans --ignore .venv -v0

bench: .venv/dev ## run a benchmark, NAME=edge for example
	$(TOOLS)/python benchmarks/$(NAME).py $(ARGS)

clean: ## remove the virtual environment and the demo's data
	rm -rf .venv var

# Installed again whenever the pins change.
.venv/run: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev: requirements.txt requirements-dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch .venv/run $@
