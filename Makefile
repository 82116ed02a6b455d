# `make` alone lists the commands.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help install demo run backup test quick check bench bench-fidelity bench-agreement bench-sampler bench-series bench-load bench-pages bench-queries bench-conclusions clean-queries fleet fault-injection fuzz screenshots docs reference lock

help:  ## show this list
	@sed -n 's/^\([a-z-]*\):.*  ## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name words; do \
		printf '  make %-17s %s\n' "$$name" "$$words"; done

install: .venv/local.installed  ## create .venv with the pinned packages that demo and run need

demo: .venv/local.installed  ## run a real session on this machine and show its results (to stop everything then: EXIT=1)
	@$(BIN)/python -m cli demo $(if $(EXIT),--exit)

run: .venv/local.installed  ## run Gait on port 8000 until Ctrl-C (other port: GAIT_PORT=8001 make run)
	@$(BIN)/python -m cli up

backup: .venv/local.installed  ## copy the database while Gait runs: make backup TO=copy.db
	@$(BIN)/python -m cli admin backup $(if $(TO),"$(TO)")

test: .venv/dev.installed  ## run all tests
	@$(BIN)/python -m tests

quick: .venv/dev.installed  ## run the fast tests
	@$(BIN)/python -m tests quick

check: .venv/dev.installed  ## check lint, format, types, scripts, OpenAPI document, documentation site, Dockerfile, workflows and known vulnerabilities of pinned packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports
	$(BIN)/python -m testbed.openapi_document var/openapi.json
	$(BIN)/openapi-spec-validator var/openapi.json
	@if $(HAS_NPM) 2> /dev/null; then echo npm run check; $(MAKE) --silent node_modules && \
		npm run --silent check && npm run --silent check:openapi; \
		else echo 'Node.js 20.19 or later with npm was not found, so neither scripts nor the style of the OpenAPI document were checked'; fi
	$(BIN)/python -m testbed.documentation.site
	@echo zizmor .github; $(BIN)/zizmor --offline --quiet --no-progress .github
	@if [ -e docker/Dockerfile ]; then echo hadolint docker/Dockerfile; $(BIN)/hadolint docker/Dockerfile; fi
	@$(BIN)/python -m local.audit requirements/dev.txt local/ollama/ollama.txt

bench: .venv/local.installed  ## measure the delay of messages, the cost of the sampler, and a session's time beyond its requests
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench.session_time

bench-fidelity: .venv/local.installed  ## compare Gait's time stamps with a server's own log (with guidellm and aiperf: PEERS=1)
	@$(BIN)/python -m bench.fidelity $(if $(PEERS),--peers)

bench-agreement: .venv/local.installed  ## compare the client's times with the server's fields, for every test type
	@$(BIN)/python -m bench.fidelity.agreement

bench-sampler: .venv/local.installed  ## measure the sampler's cost and punctuality, next to glances and a psutil loop
	@$(BIN)/python -m bench.sampler

bench-series: .venv/local.installed  ## measure the size of stored readings and the time to read them
	@$(BIN)/python -m bench.series

bench-load: .venv/dev.installed  ## load the API with a thousand WebSockets and two thousand submissions (6 minutes)
	@$(BIN)/python -m bench.load

bench-pages: .venv/dev.installed  ## measure the speed of large pages, on the server and in Chromium (4 minutes; DATABASE=url: of a fleet)
	@$(BIN)/python -m bench.pages $(if $(DATABASE),--database $(DATABASE))

bench-queries: .venv/dev.installed  ## measure every read in a million results, on both databases (SCALE=100000 to try; 25 minutes)
	@$(BIN)/python -m bench.queries

bench-conclusions: .venv/dev.installed  ## measure how often conclusions are wrong, simulated and through the product (PAIRS=0 only simulates; 40 minutes)
	@$(BIN)/python -m bench.conclusions $(if $(PAIRS),--pairs $(PAIRS)) $(if $(TABLE),--table "$(TABLE)")

fleet: .venv/dev.installed  ## fill a database with forty nights of a modelled fleet, to look at the pages with (10 minutes)
	@$(BIN)/python -m bench.fleet

clean-queries:  ## remove the databases of bench-queries, some 27 GB
	rm -rf var/bench-queries

fault-injection: .venv/dev.installed  ## kill, stop and starve Gait's parts while sessions run, and check the results (15 minutes)
	@$(BIN)/python -m bench.fault_injection

screenshots: .venv/dev.installed  ## take a picture of every page into var/screenshots, and those of the documents (on a busy machine: DOUBLE=1; 20 minutes)
	@$(BIN)/python -m bench.fleet.pictures
	@$(BIN)/python -m testbed.screenshots $(if $(DOUBLE),--double)

docs: .venv/docs.installed  ## build the documentation site into var/site/html, and check its links
	@$(BIN)/python -m testbed.documentation.site

reference: .venv/dev.installed  ## write the parts of docs/ that repeat the code: settings, metrics, verdicts, routes, commands
	@$(BIN)/python -m testbed.documentation.reference

fuzz: .venv/dev.installed  ## send the API 5,000 requests generated from its OpenAPI document (8 minutes)
	@$(BIN)/python -m bench.fuzz

# dev includes all others, so its versions apply to all of them.
lock: .venv/dev.installed  ## pin requirements/*.in again, with hashes, in requirements/*.txt
	@cd requirements && for name in dev base api worker sampler scheduler local docs uv; do \
		echo "$$name"; $(LOCK) --universal $$([ $$name = dev ] || echo -c dev.txt) $$name.in -o $$name.txt || exit 1; done
	@cd requirements && echo peers && $(LOCK) --universal peers.in -o peers.txt
	@cd requirements && echo recorders && $(LOCK) --universal recorders.in -o recorders.txt
	@cd requirements && echo codecs && $(LOCK) --universal codecs.in -o codecs.txt
	@cd local/ollama && echo ollama && ../$(LOCK) --no-deps ollama.in -o ollama.txt
LOCK := ../$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --python-version 3.11 \
	--no-emit-index-url --custom-compile-command 'make lock'

HAS_NPM := command -v npm > /dev/null && \
	node -e 'process.exit(Number(process.versions.node.localeCompare("20.19", "en", {numeric: true}) < 0))'
# ESLint, Prettier and TypeScript, as package-lock.json pins them.
node_modules: package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch node_modules

.venv/%.installed: requirements/%.txt local/install.py
	@$(PYTHON) local/install.py $*
