/* SPDX-License-Identifier: GPL-2.0-only */
/* top_detail.h - one process as a page: its path, its metrics with rate and total, its threads. Pure. */
#ifndef ZCTRACE_TOP_DETAIL_H
#define ZCTRACE_TOP_DETAIL_H

#include "top_rows.h"

struct top_detail {
	struct rates_row like; /* the process as it was last seen */
	bool gone;	       /* it is not known by name any more: all stays as it was */
	char *text;	       /* the lines above the threads */
	char **lines;	       /* into text */
	size_t n_lines;
	const struct rates_row **threads; /* of the last update */
	size_t n_threads;
};

/* Makes the page anew; d->like says of whom. 0 or -ENOMEM. */
int detail__build(struct top_detail *d, const struct rates *r, const struct top_order *o);
void detail__free(struct top_detail *d);

char *detail__title(char *buf, size_t len, const struct top_detail *d, const struct rates *r, enum rates_period period);
size_t detail__n_lines(const struct top_detail *d);
/* Line i of them; buf has LAYOUT_TEXT_LEN bytes, returns buf or text that holds until the next build. */
const char *detail__line(char *buf, const struct top_detail *d, const struct rates *r, enum rates_period period,
			 size_t i);

#endif
