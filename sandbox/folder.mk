# The demonstration: packages, build, sandbox, one working day. Each step is a make of its own: the first may install
# what the next one's parsing needs (pkg-config).
demo:
	$(MAKE) --no-print-directory deps
	$(MAKE) --no-print-directory all
	BUILD=$(BUILD) sandbox/demo

# The tests that drive a sandbox; INTEG= names files or passes options: make integ INTEG="-k refused".
INTEG ?= tests/integ
integ: all
	BUILD=$(BUILD) /usr/bin/python3 -B -m pytest -q -p no:cacheprovider $(INTEG)

.PHONY: demo integ
