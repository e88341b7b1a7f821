# The load generator of `make bench`; no program of ours is linked into it.
$(BUILD)/bin/bench-load: $(wildcard tests/bench/load/*.c) tests/bench/load/load.h
	@mkdir -p $(@D)
	$(CC) -std=c17 -O2 -g -D_GNU_SOURCE -Wall -Wextra -Wconversion -Wshadow -Werror -o $@ $(filter %.c,$^) -lssl -lcrypto -pthread

bench:
	packaging/deps build sandbox bench
	@$(MAKE) --no-print-directory all $(BUILD)/bin/bench-load $(BUILD)/tests/store/bench_queue
	/usr/bin/python3 -m tests.bench.bench $(BENCH)

.PHONY: bench
