# SPDX-License-Identifier: GPL-2.0-only
#
#	make bench-top	how long a frame of the live display takes with 10,000 rows
#
# Included by the top Makefile. tests/top/all.sh needs build/fake-top, the display on a source of known figures.

TOP_PURE := $(patsubst user/%.c,%,$(wildcard user/model/*.c user/view/view_path*.c)) view/view_figure view/view_passage bound fmt safe \
	$(addprefix top/top_,text columns rows layout detail)
TOP_TEST_CC = $(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) $(CFLAGS) $(USER_INC)

$(BUILD)/bench-top: tests/top/bench.c $(TOP_PURE:%=$(BUILD)/user/%.o)
	$(call say,CC)
	$(Q)$(TOP_TEST_CC) -o $@ $^ -lm

$(BUILD)/fake-top: tests/top/fake.c $(patsubst user/%.c,$(BUILD)/user/%.o,$(wildcard user/top/*.c)) \
		$(TOP_PURE:%=$(BUILD)/user/%.o) $(BUILD)/user/signals.o
	$(call say,CC)
	$(Q)$(TOP_TEST_CC) -o $@ $(sort $^) -lncursesw -ltinfo -lm

bench-top: $(BUILD)/bench-top
	@$<

.PHONY: bench-top
