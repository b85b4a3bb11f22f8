# `make run` and `make test` do everything on a fresh Debian 12 or Ubuntu 24.04, as root or with sudo.
SHELL := /bin/bash
JOBS := $(shell nproc)
PRESETS := release dev clang asan tsan no-engine
FUZZ_SECONDS ?= 60
SOAK_RUNS ?= 1000000
SOAK_MINUTES ?= 60
DIFFERENTIAL_ROUNDS ?= 200

.DEFAULT_GOAL := help
.PHONY: help setup run test test-all like-ci fuzz soak conformance differential compare-files check-engine lint format clean $(PRESETS)

help:
	@echo 'make run        install what is missing, build, run an example under limits'
	@echo 'make test       install what is missing, run the suite: release, ASan + UBSan, TSan'
	@echo 'make test-all   also the slow rest: whole suite under sanitizers, both compilers, lint'
	@echo 'make like-ci    what CI runs'
	@echo 'make fuzz FUZZ_SECONDS=60               each fuzzer for so long'
	@echo 'make soak SOAK_RUNS=... SOAK_MINUTES=60  many short runs, then mixed ones; must end flat'
	@echo 'make conformance WASI_TESTSUITE=DIR     the official tests of WASI preview 1'
	@echo 'make differential DIFFERENTIAL_ROUNDS=200  against the other runtimes that are installed'
	@echo 'make compare-files  what calls on files cost here and in wasmtime, wazero and node, where they are'
	@echo 'make check-engine  whether a newer engine or an advisory is out (asks the crate index)'
	@echo 'make setup      only install what is missing'
	@echo 'make PRESET     configure and build one of: $(PRESETS)'
	@echo 'make lint       clang-format and clang-tidy (make format: apply clang-format)'
	@echo 'make clean      remove build/ (the engine stays in its cache)'

setup:
	@tools/setup.sh

# Only what it runs: the tests are most of a build.
run: setup
	@cmake --preset release
	@cmake --build build/release -j $(JOBS) --target mimobox-wasm guests
	@tools/run_example.sh

test: setup
	@tools/run_tests.sh

test-all:
	@tools/setup.sh lint
	@tools/run_tests.sh all

like-ci:
	@.ci/run

fuzz: setup
	@cmake --preset fuzz
	@cmake --build build/fuzz -j $(JOBS) --target fuzzers
	@tools/fuzz.sh $(FUZZ_SECONDS) $(FUZZ_NAMES)

soak: setup
	@cmake --preset release
	@cmake --build build/release -j $(JOBS) --target soak guests
	@build/release/bin/soak --runs $(SOAK_RUNS) --minutes $(SOAK_MINUTES)

conformance: setup
	@cmake --preset release
	@cmake --build build/release -j $(JOBS) --target mimobox-wasm
	@tools/wasi_testsuite.py --command build/release/bin/mimobox-wasm '$(WASI_TESTSUITE)'

differential: setup
	@cmake --preset release
	@cmake --build build/release -j $(JOBS) --target mimobox-wasm guests
	@tests/differential/run.py --command build/release/bin/mimobox-wasm --rounds $(DIFFERENTIAL_ROUNDS)

compare-files: setup
	@cmake --preset release
	@cmake --build build/release -j $(JOBS) --target mimobox-wasm
	@bench/peers/compare_files.py --command build/release/bin/mimobox-wasm

check-engine:
	@. tools/lib.sh && find_rust && tools/check_engine_release.py

lint:
	@tools/setup.sh lint
	@tools/lint.sh

format:
	@tools/setup.sh lint
	@tools/lint.sh --fix

$(PRESETS):
	@cmake --preset $@
	@cmake --build build/$@ -j $(JOBS)

clean:
	rm -rf build
