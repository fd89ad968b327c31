# SPDX-License-Identifier: GPL-2.0-only
#
#	make bench	what tracing costs, beside empty programs on the same hooks and beside other tools (as root, 5 minutes);
#			BENCH="--markdown FILE --json FILE" keeps it
#	make bench-vm	instructions per operation on stock kernels under QEMU, beside what the tree says they were
#	make bench-vm-update	writes them anew; a change must say why
#
# Included by the top Makefile. Asserts no time: it prints what it measured beside the goals.

BENCH_PACKAGES := bpftrace libbpf-tools linux-perf strace nginx-light python3
BENCH_ROUNDS ?= 7
BENCH ?=
MODEL_OBJS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard user/model/*.c)) $(BUILD)/user/bound.o

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
	@[ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d; touch /run/zctrace-policy; }
	$(call install,$(BENCH_PACKAGES))
	@[ ! -e /run/zctrace-policy ] || rm -f /usr/sbin/policy-rc.d /run/zctrace-policy
	$(MAKE) bench-build
	BUILD=$(BUILD) tests/bench/bench.py --rounds $(BENCH_ROUNDS) $(BENCH)

bench-vm bench-vm-update: deps-test bench-build
	tests/vm/fetch-kernels.sh 6.12
	BUILD=$(BUILD) tests/bench/instructions.sh 6.12 $(if $(findstring update,$@),update)

.PHONY: bench-vm bench-vm-update bench bench-build
