# SPDX-License-Identifier: Apache-2.0
# The front door. Each goal installs the Debian packages it lacks when run as root, and names them otherwise.
JOBS ?= $(shell nproc)
prefix ?= /usr/local

.PHONY: all demo test test-long test-vm bench install lint fuzz clean help
all: ## Build skiff, skiff-runtime, skiff-transfer and skiff-systemd into build/bin
	@scripts/packages build
	@cmake --preset release >build.log 2>&1 || { cat build.log; exit 1; }
	@rm -f build.log
	@cmake --build --preset release -j $(JOBS)

demo: all ## Make an image from Debian packages and run a container that shows what it sees (as root or any user)
	@scripts/packages demo
	@scripts/demo

test: all ## Unit tests, fences, stories, seeds, interop, attacks, old kernels, a virtual machine, a stride of crash points
	@scripts/packages test
	@tests/run

test-long: all ## The same with every crash point and every parser fuzzed (hours)
	@scripts/packages test fuzz
	@tests/run --long

test-vm: all ## Debian's kernel in a virtual machine: every controller of version 1, version 2 alone, every story
	@scripts/packages test vm
	@tests/run --long vm

bench: all ## Side by side with crun, runc, podman and docker: medians and ratios
	@scripts/packages bench
	@bench/run

install: all ## Copy the programs, manual pages, completion and systemd units below $(prefix) (DESTDIR is respected)
	@cmake --install build/release --prefix $(prefix)

lint: all ## clang-tidy over every file, and the fences
	@scripts/packages lint
	@tests/fences/run
	@cmake --preset tidy >/dev/null && cmake --build --preset tidy -j $(JOBS)

fuzz: ## Fuzz every parser for SECONDS each (60)
	@scripts/packages build fuzz
	@scripts/fuzz

clean: ## Remove everything that was built
	@rm -rf build build.log

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile
