/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view_figure.h - figures and lines as the text views write them; for view_*.c only.
 *
 *	-  not measured     ~  inferred     >=  (one sign) a lower bound
 */
#ifndef ZCTRACE_VIEW_FIGURE_H
#define ZCTRACE_VIEW_FIGURE_H

#include <stdio.h>

#include "fmt.h"
#include "metric.h"
#include "model.h"

#define VIEW_COLUMNS 80
#define LABEL_COLUMNS 23 /* where the text of a labelled line begins */
#define FIGURE_LEN (FMT_LEN + 8)
#define NAME_LEN (4 * ZC_COMM_LEN + 1) /* a comm of nothing but refused bytes */

/* "-", or the number by `format` behind its marks. buf has FIGURE_LEN bytes; returns buf. */
char *figure__text(char *buf, struct figure f, char *(*format)(char *, uint64_t));
char *figure__ratio(char *buf, enum derived d, struct metric_view m);
struct figure figure__derived(enum derived d, struct metric_view m); /* of those that are no ratios */
bool figure__some(struct figure f);				     /* known and not 0 */

/* A labelled line that goes on beneath itself when it reaches the right edge. */
struct line {
	FILE *out;
	int column;
	bool empty;
};

struct line line__begin(FILE *out, const char *label);
/* Adds text behind `separator` (", ", "; "), or on a new line if it would not fit; broken at spaces if no line holds
 * it. */
void __attribute__((format(printf, 3, 4))) line__add(struct line *l, const char *separator, const char *format, ...);
void line__end(struct line *l);

#endif
