/* SPDX-License-Identifier: GPL-2.0-only */
/* top_columns.h - the columns of the live display, one list: what each shows, how wide, and when it gives way. Pure. */
#ifndef ZCTRACE_TOP_COLUMNS_H
#define ZCTRACE_TOP_COLUMNS_H

#include "rates.h"
#include "view_figure.h"

#define CELL_LEN (2 * FIGURE_LEN)

enum top_column {
	TOP_PID,
	TOP_COMM,
	TOP_COPY,
	TOP_TO_USER,
	TOP_FROM_USER,
	TOP_IN_KERNEL,
	TOP_DISK,
	TOP_NET,
	TOP_ZERO,
	TOP_RATIO,
	TOP_MODE,
	TOP_CTX,
	TOP_HIT,
	TOP_CPU,
	TOP_COUNT
};

enum top_kind { KIND_NAME, KIND_BYTES, KIND_SIZES, KIND_COUNT, KIND_COUNTS, KIND_QUOTIENT };

struct top_column_desc {
	const char *head; /* of totals */
	const char *rate; /* head of figures per second, if it is another */
	int width;	  /* of the text, without the space before it */
	int gives_way;	  /* in which order columns are left out: 1 first; 0: never */
	enum top_kind kind;
	enum metric_group of[2]; /* KIND_SIZES and KIND_COUNTS have two, KIND_NAME and KIND_QUOTIENT none */
	const char *help;
};

extern const struct top_column_desc top_columns[TOP_COUNT];

/* What a figure is asked of: a row over a period. */
struct top_subject {
	const struct rates_row *row;
	enum rates_period period; /* STEP is shown per second, TOTAL as it is */
	uint64_t span_ns;
	uint64_t v[M_COUNT]; /* of the period */
};

struct top_subject top_subject(const struct rates *r, const struct rates_row *row, enum rates_period period);

enum top_mark { MARK_INFERRED = 1, MARK_LOWER_BOUND = 2 };

/* The cell's text with its marks, but those of `dropped` (they are in the head). TOP_COMM is sanitised. buf has
 * CELL_LEN bytes; returns buf. */
char *top_column__cell(char *buf, enum top_column c, const struct top_subject *s, unsigned int dropped);

/* The marks, enum top_mark, that every cell of these qualities has. */
unsigned int top_column__marks(enum top_column c, const enum quality *quality);

/* What rows are sorted by; larger is more, -1: not known. Not for TOP_COMM. */
double top_column__key(enum top_column c, const struct top_subject *s);

/* The column a metric is counted in, TOP_COPY if none. */
enum top_column top_column__of_metric(enum metric m);

#endif
