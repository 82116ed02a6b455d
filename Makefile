# `make` alone lists the commands.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help install demo run test quick check bench bench-fidelity bench-agreement bench-sampler bench-series bench-load bench-pages torture fuzz screenshots lock

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*  ## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name words; do \
		printf '  make %-14s %s\n' "$$name" "$$words"; done

install: .venv/local.installed  ## make .venv with everything pinned that demo and run need

demo: .venv/local.installed  ## run a real benchmark session on this machine, show it, stop everything again
	@$(BIN)/python -m local demo

run: .venv/local.installed  ## keep Gait up on port 8000 until Ctrl-C (another port: PORT=8001 make run)
	@$(BIN)/python -m local run

test: .venv/dev.installed  ## run all tests
	@$(BIN)/python -m tests

quick: .venv/dev.installed  ## run the tests that take seconds
	@$(BIN)/python -m tests quick

check: .venv/dev.installed  ## lint, format, types, Dockerfile, known vulnerabilities in what is pinned
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@if [ -e docker/Dockerfile ]; then echo hadolint docker/Dockerfile; $(BIN)/hadolint docker/Dockerfile; fi
	@$(BIN)/python -m local.audit requirements/dev.txt requirements/ollama.txt

bench: .venv/local.installed  ## measure Gait itself: relay, cost of the sampler, what a session takes beyond its requests
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench.session_time

bench-fidelity: .venv/local.installed  ## hold Gait's stamps against a known truth (beside guidellm and aiperf: PEERS=1)
	@$(BIN)/python -m bench.fidelity $(if $(PEERS),--peers)

bench-agreement: .venv/local.installed  ## hold Gait's rates against the server's own fields, for every test type
	@$(BIN)/python -m bench.agreement

bench-sampler: .venv/local.installed  ## hold the sampler's cost and punctuality against glances and a plain psutil loop
	@$(BIN)/python -m bench.sampler

bench-series: .venv/local.installed  ## what the stored readings of a session cost, in bytes and in time
	@$(BIN)/python -m bench.series

bench-load: .venv/dev.installed  ## watch with a thousand WebSockets, submit two thousand sessions while one runs (6 minutes)
	@$(BIN)/python -m bench.load

bench-pages: .venv/dev.installed  ## how quick the pages are with much on them, on the server and in a real Chromium (4 minutes)
	@$(BIN)/python -m bench.pages

torture: .venv/dev.installed  ## kill, stop and starve Gait's parts while sessions run; print what is left (12 minutes)
	@$(BIN)/python -m bench.torture

screenshots: .venv/dev.installed  ## a picture of every page, wide and narrow, light and dark, in var/screenshots
	@$(BIN)/python -m tests.pages.screenshots

fuzz: .venv/dev.installed  ## ask the API 5,000 requests made up from its OpenAPI document (7 minutes)
	@$(BIN)/python -m bench.fuzz

# dev holds all others, so its versions are everybody's.
lock: .venv/dev.installed  ## pin requirements/*.in anew, with hashes, in requirements/*.txt
	@cd requirements && for name in dev base api worker sampler local; do \
		echo "$$name"; $(LOCK) --universal $$([ $$name = dev ] || echo -c dev.txt) $$name.in -o $$name.txt || exit 1; done
	@cd requirements && echo peers && $(LOCK) --universal peers.in -o peers.txt
	@cd requirements && echo recorders && $(LOCK) --universal recorders.in -o recorders.txt
	@cd requirements && echo ollama && $(LOCK) --no-deps ollama.in -o ollama.txt
LOCK := ../$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --python-version 3.11 \
	--no-emit-index-url --custom-compile-command 'make lock'

.venv/%.installed: requirements/%.txt local/install.py
	@$(PYTHON) local/install.py $*
