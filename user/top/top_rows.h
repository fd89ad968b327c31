/* SPDX-License-Identifier: GPL-2.0-only */
/* top_rows.h - which rows are shown and in what order: filter, sort, tree, threads. Pure. */
#ifndef ZCTRACE_TOP_ROWS_H
#define ZCTRACE_TOP_ROWS_H

#include "top_columns.h"

#define FILTER_LEN 64

struct top_order {
	enum top_column sort;
	bool invert;  /* figures are sorted largest first, pid and name smallest first, and this turns it around */
	bool threads; /* beneath each process of several, its threads */
	bool tree;    /* processes beneath their parents */
	enum rates_period period;
	char filter[FILTER_LEN]; /* part of a name or pid, whatever its case; "": all */
};

struct top_line {
	const struct rates_row *row;
	int depth; /* 0: stands by itself */
};

struct top_list {
	struct top_line *lines; /* the caller's to free */
	size_t n;
};

/*
 * Replaces what is in *l. Left out: what has ended and did nothing in the period. With a filter, a process stays when
 * it or one of its threads matches, its threads when they or their process match. 0 or -ENOMEM. Rows are those of r.
 */
int top_rows__order(struct top_list *l, const struct rates *r, const struct top_order *o);

#endif
