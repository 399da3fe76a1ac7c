# make run    set up, index the sample FAQ if there is no index, serve the page and the API
# make test   set up, run all tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORPUS ?=
BOT_NAME ?=
# Test processes at once; each starts servers of its own
JOBS ?= 2

.PHONY: run serve index test popular evaluate lint format lock clean
.DEFAULT_GOAL := run

run: index serve

serve: $(VENV)/.run
	@exec $(BIN)/python -m functions.local

# Exit code 3: some rows were left out, which has been said; the others are served
index: $(VENV)/.run
ifeq ($(strip $(CORPUS)),)
	@$(BIN)/python scripts/vectorize.py data/sample_faq.jsonl --if-absent || [ $$? -eq 3 ]
else
	@$(BIN)/python scripts/vectorize.py "$(CORPUS)" $(if $(BOT_NAME),--name "$(BOT_NAME)") || [ $$? -eq 3 ]
endif

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile

# What was asked most in 14 days, for every bot: to be run once an hour
popular: $(VENV)/.run
	@$(BIN)/python scripts/popular.py

# The sample FAQ's own figures may not fall below the committed ones by more than their intervals
evaluate: $(VENV)/.dev
	@DATA_DIR=$$(mktemp -d) && export DATA_DIR && trap 'rm -rf "$$DATA_DIR"' EXIT && \
		$(BIN)/python scripts/vectorize.py data/sample_faq.jsonl && \
		$(BIN)/python scripts/evaluate.py data/sample_questions.jsonl --baseline data/baselines/sample.json

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Two stamps: what running needs, and what testing needs on top. Made again when a lock changes.
$(VENV)/.run: requirements.lock scripts/environment.sh
	@sh scripts/environment.sh $(PYTHON) $(VENV) requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@sh scripts/environment.sh $(PYTHON) $(VENV) requirements-dev.lock
	@touch $@

# The locks hold hashes for every platform and no address
lock: $(VENV)/.run
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --no-annotate --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --no-annotate --no-header pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
