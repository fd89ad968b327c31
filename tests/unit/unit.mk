# SPDX-License-Identifier: GPL-2.0-only
#
#	make unit	the pure half of user space under ASan and UBSan, and the walls between the rooms
#	make schema	docs/zctrace-1.schema.json from the list of metrics
#
# Included by the top Makefile; needs BUILD. SAN_OBJS are the pure objects, which the golden tests link too.

SAN_CC ?= gcc
SAN_CFLAGS := -std=gnu11 -D_GNU_SOURCE -g -O1 -fsanitize=address,undefined,float-cast-overflow,float-divide-by-zero \
	-fno-sanitize-recover=all \
	-fno-omit-frame-pointer -Wall -Wextra -Werror $(USER_INC) -MMD -MP
SAN_PURE := $(wildcard user/model/*.c user/view/*.c user/svg/view_*.c user/opts*.c user/prom/prom_*.c) user/prom/web_host.c \
	user/bound.c user/complain.c user/fmt.c user/safe.c user/writer.c user/tracer/proc.c \
	$(filter-out %_run.c,$(wildcard user/diff/*.c)) \
	$(filter-out user/record/replay%,$(wildcard user/record/*.c)) \
	$(patsubst %,user/top/top_%.c,text columns rows layout keys head detail)
SAN_OBJS := $(patsubst %.c,$(BUILD)/san/%.o,$(sort $(SAN_PURE)))
UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/san/unit/%,$(sort $(wildcard tests/unit/test_*.c)))

$(BUILD)/san/user/%.o: user/%.c
	@mkdir -p $(@D)
	$(Q)$(SAN_CC) $(SAN_CFLAGS) -c -o $@ $<

$(BUILD)/san/unit/%.o: tests/unit/%.c
	@mkdir -p $(@D)
	$(Q)$(SAN_CC) $(SAN_CFLAGS) -c -o $@ $<

$(BUILD)/san/unit/test_%: $(BUILD)/san/unit/test_%.o $(SAN_OBJS)
	$(Q)$(SAN_CC) $(SAN_CFLAGS) -o $@ $^ -lcmocka -ljansson -lz -lm

unit: $(UNIT_TESTS)
	@tests/unit/run.sh $(UNIT_TESTS)

schema:
	python3 tests/unit/schema.py

.PRECIOUS: $(BUILD)/san/unit/%.o
.PHONY: unit schema
-include $(SAN_OBJS:.o=.d) $(UNIT_TESTS:=.d)
