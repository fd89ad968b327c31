# SPDX-License-Identifier: GPL-2.0-only
#
#	make fuzz SECONDS=600 SEED=1	every view on made-up snapshots, for so long; other seeds try others
#
# Included by the top Makefile after tests/unit/unit.mk, whose objects it links.

SECONDS ?= 60
SEED ?= 0
FUZZ_OBJS := $(patsubst tests/fuzz/%.c,$(BUILD)/san/fuzz/%.o,$(sort $(wildcard tests/fuzz/*.c))) \
	$(patsubst %,$(BUILD)/san/user/%.o,top/top top/top_act top/top_draw signals)

$(BUILD)/san/fuzz/%.o: tests/fuzz/%.c
	@mkdir -p $(@D)
	$(Q)$(SAN_CC) $(SAN_CFLAGS) -c -o $@ $<

$(BUILD)/san/fuzz/fuzz-views: $(FUZZ_OBJS) $(SAN_OBJS)
	$(Q)$(SAN_CC) $(SAN_CFLAGS) -o $@ $^ -ljansson -lz -lm

fuzz: $(BUILD)/san/fuzz/fuzz-views
	@tests/fuzz/run.sh $< $(SECONDS) $(SEED)

.PHONY: fuzz
-include $(FUZZ_OBJS:.o=.d)
