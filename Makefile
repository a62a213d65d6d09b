# Guxin's commands. Each does its own set-up and is quick the second time; the work is in scripts/.
# Build output of dependencies is shared between clones; set CARGO_TARGET_DIR to keep it elsewhere.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/guxin/target
SHELL := /bin/bash
.DEFAULT_GOAL := help

# make demo PROFILE=release measures and feels like production, but takes longer to build.
PROFILE ?= dev
LISTEN ?= 127.0.0.1:3000
folder_dev := debug
folder_release := release
GUXIN := target/$(folder_$(PROFILE))/guxin
# The address people type; passkeys need a name here, not an address.
export GUXIN_PUBLIC_URL ?= http://localhost:$(lastword $(subst :, ,$(LISTEN)))
export GUXIN_SITE_ROOT ?= $(CURDIR)/target/site

.PHONY: help setup build demo serve test check bench faults time-to-file conformance e2e clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  Variables: PROFILE=dev|release (demo, serve), LISTEN=127.0.0.1:3000, CARGO_TARGET_DIR=$(CARGO_TARGET_DIR)"

setup: ## install everything that building and testing need (says what and why)
	@scripts/setup.sh test

build: ## target/release/guxin and target/site
	@scripts/setup.sh build
	@scripts/site.sh
	@scripts/build.sh release

demo: ## build, fill with demonstration data and serve on http://localhost:3000
	@scripts/setup.sh build
	@scripts/site.sh
	@scripts/build.sh $(PROFILE)
	@exec $(GUXIN) serve --demo --listen $(LISTEN) --data data/demo

serve: ## build and serve ./data, without demonstration data
	@scripts/setup.sh build
	@scripts/site.sh
	@scripts/build.sh $(PROFILE)
	@exec $(GUXIN) serve --listen $(LISTEN) --data data/local

test: ## every test: Rust on SQLite and PostgreSQL, documentation examples, stories in Chromium
	@scripts/setup.sh test
	@scripts/test.sh

check: ## format, lints of both halves, texts in both languages, house rules, licences
	@scripts/setup.sh check
	@scripts/check.sh

bench: ## the benchmarks of docs/PERFORMANCE.md
	@scripts/setup.sh build
	@scripts/bench.sh

faults: ## faults of disk, power, clock and operation at every place (ONLY=kind STEP=n); a whole run renews docs/RELIABILITY.md
	@scripts/setup.sh build
	@ONLY='$(ONLY)' STEP='$(STEP)' scripts/faults.sh

time-to-file: ## how long a filing takes: human actions and seconds, machine seconds, accuracy (RUNS=30 PACK=folder TRUTH=file.json)
	@scripts/setup.sh test
	@scripts/site.sh
	@scripts/build.sh release
	@RUNS='$(or $(RUNS),30)' PACK='$(PACK)' TRUTH='$(TRUTH)' scripts/time-to-file.sh

conformance: ## other people's ledger tools and witnesses against ours, over HTTP (needs PyPI; says what it could not run)
	@scripts/setup.sh build
	@scripts/build.sh dev
	@scripts/conformance.sh

e2e: ## only the stories in Chromium, on SQLite (ARGS="tests/login.spec.ts --project mobile")
	@scripts/setup.sh test
	@scripts/build.sh tests
	@scripts/site.sh
	@scripts/e2e.sh $(ARGS)

clean: ## what was built here; the shared build directory stays
	rm -rf target end2end/artefacts end2end/test-results
