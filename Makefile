# `make run` and `make test` do everything on a fresh Debian 12 or Ubuntu 24.04, as root or with sudo.
SHELL := /bin/bash
JOBS := $(shell nproc)
PRESETS := release dev clang asan tsan fuzz no-engine

.DEFAULT_GOAL := help
.PHONY: help setup run test test-all lint format clean $(PRESETS)

help:
	@echo 'make run        install what is missing, build, run an example under limits'
	@echo 'make test       install what is missing, run the suite: release, ASan + UBSan, TSan'
	@echo 'make test-all   also the slow rest: whole suite under sanitizers, both compilers, lint'
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
