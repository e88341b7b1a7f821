# Each tests/fuzz/fuzz_X.c is a libFuzzer program; its corpus is tests/fuzz/corpus/X. `make fuzz` gives each FUZZ_SECONDS, in
# a build of its own (clang, MODE=fuzz). A target of a program's own files names them in that program's folder.mk:
#   fuzz.X.sources := webmail-cgi/fields.c
FUZZ_SECONDS ?= 5
fuzz.names := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz.programs := $(fuzz.names:%=$(BUILD)/tests/fuzz/%)
fuzz.libs := $(LAYERS:%=$(BUILD)/lib/%.a)

define fuzz_target
fuzz.$(1).objects := $$(BUILD)/tests/fuzz/fuzz_$(1).o $$(patsubst %.c,$$(BUILD)/%.o,$$(fuzz.$(1).sources))
$$(BUILD)/tests/fuzz/$(1): $$(fuzz.$(1).objects) $$(fuzz.libs)
	@mkdir -p $$(@D)
	$$(call say,LD)$$(CC) $$(LDFLAGS) -fsanitize=fuzzer -o $$@ $$(fuzz.$(1).objects) \
	  -Wl,--start-group $$(fuzz.libs) -Wl,--end-group $$(foreach l,$$(LAYERS),$$($$(l).libs))
objects += $$(fuzz.$(1).objects)
endef
$(foreach n,$(fuzz.names),$(eval $(call fuzz_target,$(n))))

fuzz:
	@$(MAKE) --no-print-directory MODE=fuzz CC=clang BUILD=build-fuzz fuzz-programs
	@tests/fuzz/run $(FUZZ_SECONDS) $(fuzz.names:%=build-fuzz/tests/fuzz/%)
# one of them, longer, on another road each time: make fuzz-dn FUZZ_SECONDS=600
$(fuzz.names:%=fuzz-%): fuzz-%:
	@$(MAKE) --no-print-directory MODE=fuzz CC=clang BUILD=build-fuzz build-fuzz/tests/fuzz/$*
	@FUZZ_SEED=0 tests/fuzz/run $(FUZZ_SECONDS) build-fuzz/tests/fuzz/$*
fuzz-programs: $(fuzz.programs)
.PHONY: fuzz fuzz-programs $(fuzz.names:%=fuzz-%)
