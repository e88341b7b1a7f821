# Each tests/unit/test_X.c is a program of its own, linked with every layer. `make unit` runs them all, `make unit-X` one.
# A test of a program's own files names them, and the layers' pkg-config flags it needs, in that program's folder.mk:
#   unit.X.sources := smtpd/envelope.c
unit.libs := $(LAYERS:%=$(BUILD)/lib/%.a)
unit.names := $(patsubst tests/unit/test_%.c,%,$(wildcard tests/unit/test_*.c))
unit.programs := $(unit.names:%=$(BUILD)/tests/unit/%)

define unit_test
unit.$(1).objects := $$(BUILD)/tests/unit/test_$(1).o $$(patsubst %.c,$$(BUILD)/%.o,$$(unit.$(1).sources))
$$(BUILD)/tests/unit/$(1): $$(unit.$(1).objects) $$(unit.libs)
	@mkdir -p $$(@D)
	$$(call say,LD)$$(CC) $$(LDFLAGS) -o $$@ $$(unit.$(1).objects) -Wl,--start-group $$(unit.libs) -Wl,--end-group \
	  $$(foreach l,$$(LAYERS),$$($$(l).libs)) $$(unit.$(1).libs.extra) -lcmocka
objects += $$(unit.$(1).objects)
unit-$(1): $$(BUILD)/tests/unit/$(1)
	$$<
.PHONY: unit-$(1)
endef
$(foreach n,$(unit.names),$(eval $(call unit_test,$(n))))

unit: $(unit.programs)
	@tests/unit/run $(unit.programs)
unit-programs: $(unit.programs)
.PHONY: unit unit-programs
