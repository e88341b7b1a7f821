# Tests of lib/store against a private PostgreSQL: each test_X.c is a program; `make store-tests` runs them on one cluster.
storetest.names := $(patsubst tests/store/test_%.c,%,$(wildcard tests/store/test_*.c))
storetest.programs := $(storetest.names:%=$(BUILD)/tests/store/%)
storetest.libs := $(LAYERS:%=$(BUILD)/lib/%.a)
storetest.objects := $(BUILD)/tests/store/bench.o $(BUILD)/tests/store/bench_read.o $(BUILD)/tests/store/fixture.o $(storetest.names:%=$(BUILD)/tests/store/test_%.o)
$(storetest.objects): CFLAGS += $(store.cflags)
objects += $(storetest.objects)

$(storetest.programs): $(BUILD)/tests/store/%: $(BUILD)/tests/store/test_%.o $(BUILD)/tests/store/fixture.o $(storetest.libs)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(storetest.libs) -Wl,--end-group \
	  $(foreach l,$(LAYERS),$($(l).libs)) -lcmocka
$(BUILD)/tests/store/bench $(BUILD)/tests/store/bench_read: $(BUILD)/tests/store/%: $(BUILD)/tests/store/%.o $(BUILD)/tests/store/bench_read.o $(BUILD)/tests/store/fixture.o $(storetest.libs)
	$(call say,LD)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(storetest.libs) -Wl,--end-group \
	  $(foreach l,$(LAYERS),$($(l).libs)) -lcmocka

store-tests: $(storetest.programs) $(BUILD)/bin/caducee
	tests/store/with-postgres $(BUILD) tests/unit/run $(storetest.programs)
store-bench: $(BUILD)/tests/store/bench $(BUILD)/tests/store/bench_read $(BUILD)/bin/caducee
	tests/store/with-postgres $(BUILD) $(BUILD)/tests/store/bench
	tests/store/with-postgres $(BUILD) $(BUILD)/tests/store/bench_read
.PHONY: store-tests store-bench
