# Tests of lib/store against a private PostgreSQL: each test_X.c is a program; `make store-tests` runs them on one cluster.
storetest.names := $(patsubst tests/store/test_%.c,%,$(wildcard tests/store/test_*.c))
storetest.programs := $(storetest.names:%=$(BUILD)/tests/store/%)
storetest.libs := $(LAYERS:%=$(BUILD)/lib/%.a)
storebench.programs := $(patsubst tests/store/%.c,$(BUILD)/tests/store/%,$(wildcard tests/store/bench*.c))
storetest.objects := $(patsubst tests/store/%.c,$(BUILD)/tests/store/%.o,$(wildcard tests/store/*.c))
$(storetest.objects): CFLAGS += $(store.cflags)
objects += $(storetest.objects)

$(storetest.programs): $(BUILD)/tests/store/%: $(BUILD)/tests/store/test_%.o $(BUILD)/tests/store/fixture.o $(storetest.libs)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(storetest.libs) -Wl,--end-group \
	  $(foreach l,$(LAYERS),$($(l).libs)) -lcmocka
$(storebench.programs): $(BUILD)/tests/store/%: $(BUILD)/tests/store/%.o $(BUILD)/tests/store/fixture.o $(storetest.libs)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(storetest.libs) -Wl,--end-group \
	  $(foreach l,$(LAYERS),$($(l).libs)) -lcmocka

store-tests: $(storetest.programs) $(BUILD)/bin/caducee
	tests/store/with-postgres $(BUILD) tests/unit/run $(storetest.programs)
store-bench: $(storebench.programs) $(BUILD)/bin/caducee
	for b in $(storebench.programs); do tests/store/with-postgres $(BUILD) $$b; done
.PHONY: store-tests store-bench
