# SPDX-License-Identifier: GPL-2.0-only
#
#	make unit	the pure half of user space under ASan and UBSan, and the walls between the rooms
#	make schema	docs/zctrace-1.schema.json from the list of metrics
#
# Included by the top Makefile; needs BUILD. SAN_OBJS are the pure objects, which the golden tests link too.

SAN_CC ?= gcc
SAN_CFLAGS := -std=gnu11 -D_GNU_SOURCE -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer -Wall -Wextra -Werror $(USER_INC) -MMD -MP
SAN_PURE := metric model model_fold model_list snapshot fmt safe opts opts_table opts_value view_json view_report view_block \
	view_passage view_path view_path_draw view_figure view_footer view_table view_grid \
	$(patsubst user/%.c,%,$(sort $(wildcard user/view_svg*.c))) \
	recording recording_frame record play play_header diff diff_load diff_load_json play_tell view_diff view_diff_json \
	rates top_text top_columns top_rows top_layout top_keys top_head top_detail \
	view_prom prom_series prom_group web_host
SAN_OBJS := $(SAN_PURE:%=$(BUILD)/san/user/%.o)
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
