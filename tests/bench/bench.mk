# SPDX-License-Identifier: GPL-2.0-only
#
#	make bench	what tracing costs, beside empty programs on the same hooks and beside other tools (as root, 10 minutes)
#	make bench-vm	instructions per operation on stock kernels under QEMU, beside what the tree says they were
#	make bench-vm-update	writes them anew; a change must say why
#
# Included by the top Makefile. Asserts no time: it prints what it measured beside the goals.

BENCH_PACKAGES := bpftrace libbpf-tools linux-perf strace nginx-light python3
BENCH_ROUNDS ?= 7
MODEL_OBJS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard user/model/*.c))

$(BUILD)/bench/%: tests/bench/%.c | $(BUILD)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) $(CFLAGS) -o $@ $< -lbpf -lpthread
$(BUILD)/bench/model: tests/bench/model.c $(MODEL_OBJS) | $(BUILD)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) $(CFLAGS) $(USER_INC) -o $@ $^ -lm

bench-build: $(BUILD)/zctrace $(BUILD)/bench/load $(BUILD)/bench/floor $(BUILD)/bench/model
bench: deps
	$(call install,$(BENCH_PACKAGES))
	$(MAKE) bench-build
	BUILD=$(BUILD) tests/bench/bench.py --rounds $(BENCH_ROUNDS)

bench-vm bench-vm-update: deps-test bench-build
	tests/vm/fetch-kernels.sh 6.12
	BUILD=$(BUILD) tests/bench/instructions.sh 6.12 $(if $(findstring update,$@),update)

.PHONY: bench-vm bench-vm-update bench bench-build
