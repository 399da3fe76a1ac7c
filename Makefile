# make run    set up, index the sample FAQ if there is no index, build the page, serve it and the API
# make test   set up, run all tests
# make page   build the page, for which Node 20.19 or later is needed
# make browser      test the page in Chromium against the real server
# make screenshots  make the pictures of docs/images/ again
# make audit        print which locked packages have known vulnerabilities
# make measure      print how fast the page is
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORPUS ?=
BOT_NAME ?=
# Test processes at once. Each starts servers of its own, and half of the time waits for them
JOBS ?= 4

PAGE := frontend
# The page is built, linted and tested where there is npm; without it the API is served all the same
NODE_FITS := const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)
NPM := $(shell node -e '$(NODE_FITS)' 2>/dev/null && command -v npm)

# The system's own browser: none is downloaded
CHROMIUM ?= $(firstword $(wildcard /usr/bin/chromium /usr/bin/chromium-browser /usr/bin/google-chrome))

.PHONY: run serve index page no-page no-chromium test browser screenshots measure popular rollups hourly
.PHONY: evaluate fuzz audit lint format lock clean
.DEFAULT_GOAL := run

run: $(if $(NPM),page,no-page) index serve

no-page:
	@echo "웹 페이지를 건너뜁니다. Node.js 20.19 이상과 npm을 설치해 주세요. API는 그대로 쓸 수 있습니다."

page: $(PAGE)/dist/.built

serve: $(VENV)/.run
	@exec $(BIN)/python -m functions.local

# Exit code 3: some rows were left out, which has been said; the others are served
index: $(VENV)/.run
ifeq ($(strip $(CORPUS)),)
	@$(BIN)/python scripts/vectorize.py data/sample_faq.jsonl --if-absent || [ $$? -eq 3 ]
else
	@$(BIN)/python scripts/vectorize.py "$(CORPUS)" $(if $(BOT_NAME),--name "$(BOT_NAME)") || [ $$? -eq 3 ]
endif

test: $(VENV)/.dev $(if $(NPM),$(PAGE)/node_modules/.installed,no-page)
	$(if $(NPM),npm --prefix $(PAGE) test)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

# Where one is missing, a line says so, and that is no failure: `make test` has tested all else
browser screenshots measure: $(if $(NPM),$(if $(CHROMIUM),$(VENV)/.dev page,no-chromium),no-page)
	$(if $(and $(NPM),$(CHROMIUM)),PYTHON="$(CURDIR)/$(BIN)/python" CHROMIUM="$(CHROMIUM)" npm --prefix $(PAGE) run $@)

no-chromium:
	@echo "브라우저 시험을 건너뜁니다. Chromium이 없습니다. chromium과 fonts-noto-cjk를 설치하거나 CHROMIUM에 실행 파일을 적어 주세요."

# What was asked most in 14 days, for every bot: to be run once an hour
popular: $(VENV)/.run
	@$(BIN)/python scripts/popular.py

# What the days of the history log amount to, for every bot: to be run once an hour
rollups: $(VENV)/.run
	@$(BIN)/python scripts/rollups.py

# Both, now and once an hour, until it is stopped
hourly: $(VENV)/.run
	@$(BIN)/python scripts/hourly.py

# The sample FAQ's own figures may not fall below the committed ones by more than their intervals
evaluate: $(VENV)/.dev
	@DATA_DIR=$$(mktemp -d) && export DATA_DIR && trap 'rm -rf "$$DATA_DIR"' EXIT && \
		$(BIN)/python scripts/vectorize.py data/sample_faq.jsonl && \
		$(BIN)/python scripts/evaluate.py data/sample_questions.jsonl --baseline data/baselines/sample.json

# Requests that the OpenAPI document allows, and others, for a minute: SEED=2 make fuzz
fuzz: $(VENV)/.dev
	@$(BIN)/python scripts/fuzz.py --seconds 60 $(if $(SEED),--seed $(SEED))

# Known vulnerabilities of what is locked. The tool has an environment of its own: it brings thirty packages
audit: $(VENV)/.run
	@$(PYTHON) -m venv $(VENV)/audit && $(VENV)/audit/bin/python -m pip install -q --disable-pip-version-check pip-audit || \
		echo "pip-audit could not be installed" >&2
	@$(BIN)/python scripts/audit_dependencies.py --pip-audit $(VENV)/audit/bin/pip-audit

lint: $(VENV)/.dev $(if $(NPM),page,no-page)
	$(if $(NPM),npm --prefix $(PAGE) run lint)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev $(if $(NPM),$(PAGE)/node_modules/.installed,no-page)
	$(if $(NPM),npm --prefix $(PAGE) run format)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Two stamps: what running needs, and what testing needs on top. Made again when a lock changes.
$(VENV)/.run: requirements.lock scripts/environment.sh
	@sh scripts/environment.sh $(PYTHON) $(VENV) requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@sh scripts/environment.sh $(PYTHON) $(VENV) requirements-dev.lock
	@touch $@

# By the lock, but not `npm ci`: that refuses a lock without the optional packages of platforms that a registry lacks
$(PAGE)/node_modules/.installed: $(PAGE)/package-lock.json $(PAGE)/.npmrc
	@cd $(PAGE) && npm install --no-save --loglevel=error
	@touch $@

$(PAGE)/dist/.built: $(PAGE)/node_modules/.installed $(wildcard $(PAGE)/*.html) $(wildcard $(PAGE)/vite*.ts) \
		$(shell find $(PAGE)/src $(PAGE)/public -type f)
	@npm --prefix $(PAGE) run --silent build
	@touch $@

# The locks hold hashes for every platform and no address
LAMBDA_SETS := store answer operate
lock: $(VENV)/.run
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --no-annotate --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --no-annotate --no-header pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	for set in $(LAMBDA_SETS); do \
		$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--no-emit-find-links --no-annotate --no-header --group lambda-$$set -c requirements.lock \
			-o infra/locks/$$set.lock || exit 1; \
	done

clean:
	rm -rf $(VENV) $(PAGE)/node_modules $(PAGE)/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
