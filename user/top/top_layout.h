/* SPDX-License-Identifier: GPL-2.0-only */
/* top_layout.h - which columns fit, and rows as text. Pure. */
#ifndef ZCTRACE_TOP_LAYOUT_H
#define ZCTRACE_TOP_LAYOUT_H

#include "top_rows.h"

#define LAYOUT_COLUMNS_LEAST 40 /* narrower, or lower, than this there is no table */
#define LAYOUT_LINES_LEAST 10
#define LAYOUT_TEXT_LEN 2048

struct top_layout {
	bool shown[TOP_COUNT];
	int name_width;
	unsigned int marks[TOP_COUNT]; /* that the head has for all rows */
};

/* What of the columns is shown at so many terminal columns; wide_names: rows are indented. */
void layout__fit(struct top_layout *l, int columns, bool wide_names);
/* Marks that every row has go to the head. */
void layout__marks(struct top_layout *l, const struct top_list *rows);

/* The head; *sort_at and *sort_width: where the sorted column stands in it, width 0 if it is not shown. out has
 * LAYOUT_TEXT_LEN bytes; returns out. */
char *layout__head(char *out, const struct top_layout *l, const struct top_order *o, int *sort_at, int *sort_width);
char *layout__row(char *out, const struct top_layout *l, const struct top_line *line, const struct top_subject *s);

/* The next shown column in a direction (1, -1), going round; from, if none is: no table was drawn yet. */
enum top_column layout__next(const struct top_layout *l, enum top_column from, int direction);

#endif
