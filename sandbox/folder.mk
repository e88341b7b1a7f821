# The demonstration: packages, build, sandbox, one working day. Each step is a make of its own: the first may install
# what the next one's parsing needs (pkg-config).
# Postfix's master needs root; whoever has not is asked by sudo.
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo)
demo:
	packaging/deps build sandbox browser
	$(MAKE) --no-print-directory -j$(shell nproc) all
	$(AS_ROOT) env BUILD=$(BUILD) LANG="$${LANG:-}" sandbox/demo

# The tests that drive a sandbox, without what is marked "long"; INTEG= names files or passes options: make integ INTEG="-k refused".
INTEG ?= -m 'not long' tests/integ --ignore=tests/integ/test_crash.py
integ: all
	BUILD=$(BUILD) tests/drive integ $(INTEG)

# The webmail in a real browser; BROWSER= as INTEG=. `make test` runs what is not marked "long".
BROWSER ?= tests/browser
browser: all
	BUILD=$(BUILD) tests/drive browser $(BROWSER)

.PHONY: demo integ browser

# The Debian packages of every goal; packaging/packages says which and why.
deps:
	packaging/deps

.PHONY: deps

# kill -9 between any two steps: a build that holds the named fault points (lib/base/fault.h), and the tests that arm them.
crash:
	$(MAKE) --no-print-directory -j$(shell nproc) MODE=fault BUILD=build-fault all
	BUILD=$(BUILD) tests/drive crash tests/integ/test_crash.py tests/integ/test_relay_crash.py

.PHONY: crash
