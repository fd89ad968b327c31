# SPDX-License-Identifier: GPL-2.0-only
#
#	make bench-top	how long a frame of the live display takes with 10,000 rows
#
# Included by the top Makefile.

BENCH_TOP_OBJS := $(patsubst %,$(BUILD)/user/%.o,metric model model_fold model_list snapshot fmt safe view_figure view_path \
	view_path_draw rates top_text top_columns top_rows top_layout top_detail)

$(BUILD)/bench-top: tests/top/bench.c $(BENCH_TOP_OBJS)
	$(call say,CC)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) $(CFLAGS) -o $@ $^ -lm

bench-top: $(BUILD)/bench-top
	@$<

.PHONY: bench-top
