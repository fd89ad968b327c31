/* SPDX-License-Identifier: GPL-2.0-only */
/* opts_table.h - every option in one list: its name, its help, and which modes take it; for opts.c only. */
#ifndef ZCTRACE_OPTS_TABLE_H
#define ZCTRACE_OPTS_TABLE_H

#include <argp.h>

#include "opts.h"

enum key {
	KEY_COMM = 0x100,
	KEY_CGROUP,
	KEY_SORT,
	KEY_LIMIT,
	KEY_THREADS,
	KEY_JSON,
	KEY_PLAIN,
	KEY_ASCII,
	KEY_SVG,
	KEY_RECORD,
	KEY_SPEED,
	KEY_LISTEN,
	KEY_PROM,
	KEY_TEXTFILE,
	KEY_LABELS,
	KEY_MAX_SERIES,
	KEY_EXACT,
	KEY_HOOKS,
	KEY_BUFFER,
	KEY_MAX_LOST,
	KEY_BTF,
	KEY_NO_CALIBRATE,
	KEY_MAX_OVERHEAD,
	KEY_READER_SLEEP,
	KEY_SPOIL,
	KEY_LEAF_LIMIT,
	KEY_VERSION,
	KEY_DIR,
	KEY_SIZE,
	KEY_CHUNK,
	KEY_WAY,
	KEY_SINK,
	KEY_RECEIVE,
	KEY_SINK_ONLY,
};

/* What argp is given in a mode: its options and their groups; static, ends with an empty row. */
const struct argp_option *opts_table__for(enum mode mode);
/* The long name of an option that some other mode takes but `mode` does not, and one that does; NULL if there is none.
 */
const char *opts_table__elsewhere(enum mode mode, int key, enum mode *taker);
/* "zctrace demo" and its like: what the command line of a mode begins with. */
const char *opts_table__command(enum mode mode);

#endif
