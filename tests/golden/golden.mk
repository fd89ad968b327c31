# SPDX-License-Identifier: GPL-2.0-only
#
#	make golden		what the views make of tests/golden/*.in, compared with *.expected
#	make golden-update	writes *.expected anew; read the diff before you commit it
#
# Included by the top Makefile after tests/unit/unit.mk, whose objects it links.

GOLDEN_OBJS := $(patsubst tests/golden/%.c,$(BUILD)/san/golden/%.o,$(sort $(wildcard tests/golden/*.c)))

$(BUILD)/san/golden/%.o: tests/golden/%.c
	@mkdir -p $(@D)
	$(Q)$(SAN_CC) $(SAN_CFLAGS) -c -o $@ $<

$(BUILD)/san/golden/golden: $(GOLDEN_OBJS) $(SAN_OBJS)
	$(Q)$(SAN_CC) $(SAN_CFLAGS) -o $@ $^ -ljansson -lz -lm

golden: $(BUILD)/san/golden/golden
	@tests/golden/run.sh $<
golden-update: $(BUILD)/san/golden/golden
	@tests/golden/run.sh $< update

.PHONY: golden golden-update
-include $(GOLDEN_OBJS:.o=.d)
