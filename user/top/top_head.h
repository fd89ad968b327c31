/* SPDX-License-Identifier: GPL-2.0-only */
/* top_head.h - the two lines above the table, and the one-line summary of a screen too small for one. Pure. */
#ifndef ZCTRACE_TOP_HEAD_H
#define ZCTRACE_TOP_HEAD_H

#include "rates.h"
#include "top_screen.h"
#include "top_text.h"

#define HEAD_TEXT_LEN 256
#define HEAD_PARTS 8

enum head_sum { SUM_COPY, SUM_DMA, SUM_ZERO, SUM_MODE, SUM_COUNT };

/* All it says, copied from snapshots. */
struct top_head {
	char host[HEAD_TEXT_LEN], kernel[HEAD_TEXT_LEN], copies[HEAD_TEXT_LEN]; /* sanitised */
	uint64_t lost;
	uint64_t at_unix_ns; /* the time of the last snapshot */
	struct history history[SUM_COUNT];
};

struct head_part {
	int x;
	enum style style;
	char text[HEAD_TEXT_LEN];
};

struct head_line {
	struct head_part part[HEAD_PARTS];
	int n;
};

/* What the snapshot says; r has taken it in. */
void head__take(struct top_head *h, const struct snapshot *s, const struct rates *r);

/* Parts of least worth are left out until the line fits. */
void head__who(struct head_line *ret, const struct top_head *h, const struct rates *r, uint64_t interval_ns,
	       int columns);
void head__sums(struct head_line *ret, const struct top_head *h, const struct rates *r, enum rates_period period,
		int columns);

#endif
