# Caducée: one GNU make file, one fragment (folder.mk) a folder. `make help` lists the goals.
#
# A folder's fragment says what it holds, in one of two forms:
#   lib/<layer>/folder.mk      $(eval $(call layer,<layer>,<pkg-config names>))
#   <program>/folder.mk        $(eval $(call program,<name>,<sources>,<layers, last first>))
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

BUILD ?= build
CC    ?= gcc
ifeq ($(origin CC),default)
CC    := gcc
endif
MODE  ?= release

WARNINGS := -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wpointer-arith -Wwrite-strings -Wvla -Wformat=2 -Wundef -Wnull-dereference -Wimplicit-fallthrough -Werror
HARDENING := -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE
LINK_HARDENING := -pie -Wl,-z,relro,-z,now,-z,noexecstack
ifeq ($(MODE),asan)
OPTIMISE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
LINK_HARDENING := -pie -fsanitize=address,undefined
else ifeq ($(MODE),fuzz)
# pointer-overflow off: it takes NULL + 0 for a fault, which an empty span is; C says since N3322 that it is none
OPTIMISE := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=pointer-overflow \
            -fno-sanitize-recover=undefined -fno-omit-frame-pointer
LINK_HARDENING := -pie -fsanitize=address,undefined
else
OPTIMISE := -O2 -g -D_FORTIFY_SOURCE=2
endif
# V=1 shows the commands whole.
ifeq ($(V),)
say = @echo "  $(1)	$@";
endif

CPPFLAGS := -I. -D_GNU_SOURCE
ifeq ($(MODE),fault)
CPPFLAGS += -DCADUCEE_FAULT_POINTS
endif
CFLAGS   := -std=c17 $(OPTIMISE) $(WARNINGS) $(HARDENING)
LDFLAGS  := $(LINK_HARDENING) -Wl,--as-needed -pthread

# Test builds hold named fault points (lib/base/fault.h); shipped programs hold none, and lint proves it.
LAYERS := base proto net trust store auth
programs :=

# layer(name, pkg-config packages): every .c of lib/<name> into one static library.
define layer
$(1).objects := $$(patsubst %.c,$$(BUILD)/%.o,$$(wildcard lib/$(1)/*.c))
$(1).libs := $$(filter-out -specs=%,$$(shell pkg-config --libs $(2) 2>/dev/null))
$(1).cflags := $$(filter-out -specs=%,$$(shell pkg-config --cflags $(2) 2>/dev/null | sed 's/-I/-isystem /g'))
$$($(1).objects): CFLAGS += $$($(1).cflags)
$$(BUILD)/lib/$(1).a: $$($(1).objects)
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(call say,AR)ar rcsD $$@ $$^
objects += $$($(1).objects)
endef

# program(name, sources, layers in link order)
define program
$(1).objects := $$(patsubst %.c,$$(BUILD)/%.o,$(2))
$$(BUILD)/bin/$(1): $$($(1).objects) $$(foreach l,$(3),$$(BUILD)/lib/$$(l).a)
	@mkdir -p $$(@D)
	$$(call say,LD)$$(CC) $$(LDFLAGS) -o $$@ $$($(1).objects) -Wl,--start-group $$(foreach l,$(3),$$(BUILD)/lib/$$(l).a) -Wl,--end-group $$(foreach l,$(3),$$($$(l).libs)) $(4)
programs += $$(BUILD)/bin/$(1)
objects += $$($(1).objects)
endef

include $(wildcard lib/*/folder.mk) $(wildcard */folder.mk) $(wildcard helpers/*/folder.mk) $(wildcard tests/*/folder.mk)

all: $(programs)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(objects:.o=.d)

# --- tests, cheapest first; each ends with a line "N passed, N failed, N skipped", `tests/run` adds them up ---
# What is missing is installed first, as for `make demo`; where that cannot be, the tests that want it are skipped by name.
test:
	-@packaging/deps build sandbox browser test
	@$(MAKE) --no-print-directory -j$(shell nproc) all unit-programs
	@tests/run $(BUILD) unit fuzz store integ browser
test-long: all unit-programs
	@tests/run $(BUILD) long
lint: all
	@tests/lint/run $(BUILD)

# Everything again under AddressSanitizer and UBSan, in a build of its own.
asan:
	@$(MAKE) --no-print-directory MODE=asan BUILD=build-asan all unit-programs
	@tests/run build-asan unit fuzz store integ browser

format:
	git ls-files -co --exclude-standard -- '*.c' '*.h' | while read -r f; do [ -f "$$f" ] && echo "$$f"; done | xargs clang-format -i

help:
	@echo "all           the programs, in $(BUILD)/bin (CC=clang, MODE=asan|fault with a BUILD of its own, V=1)"
	@echo "deps          installs the Debian packages that are missing, and starts none of their services"
	@echo "demo          packages, build, a sandbox trust space, one working day in it"
	@echo "test          unit, fuzz, store, integration and browser tests (15 minutes at most on 2 cores)"
	@echo "test-long     what takes longer"
	@echo "unit unit-X   unit tests, all or tests/unit/test_X.c"
	@echo "integ         tests against a sandbox; INTEG=\"-k word\" chooses"
	@echo "browser       the webmail in Chromium; BROWSER=\"-k word\" chooses"
	@echo "store-tests   lib/store against a private PostgreSQL"
	@echo "fuzz fuzz-X   libFuzzer, FUZZ_SECONDS each"
	@echo "asan          all of them under AddressSanitizer and UBSan"
	@echo "crash         kill -9 at every fault point of a delivery"
	@echo "lint format   what the compiler does not see; the layout of the source"
	@echo "bench         the same work against ours and against Postfix with Dovecot"
	@echo "install       DESTDIR= PREFIX=/usr"
	@echo "clean         takes the builds away"

clean:
	rm -rf build build-*

.PHONY: all test test-long lint asan format help clean
