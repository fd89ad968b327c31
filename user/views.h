/* SPDX-License-Identifier: GPL-2.0-only */
/* views.h - the faces: each reads a snapshot and writes text. None knows a hook. */
#ifndef ZCTRACE_VIEWS_H
#define ZCTRACE_VIEWS_H

#include <stdbool.h>
#include <stdio.h>

#include "snapshot.h"

struct view_opts {
	enum metric sort; /* M_COUNT: by CPU-copied bytes */
	int limit;	  /* 0: all */
	bool threads;
	bool verbose;
};

/* Each returns 0 or a negative errno of the write (-ENOSPC, ...); checks by fflush. */
int view_report(FILE *out, const struct snapshot *s, const struct view_opts *o); /* the path drawn, per process */
int view_table(FILE *out, const struct snapshot *now, const struct snapshot *before,
	       const struct view_opts *o); /* a row per process; before NULL: totals */
int view_json(FILE *out, const struct snapshot *s, const struct view_opts *o); /* zctrace/1, one document or nothing */
int view_svg(FILE *out, const struct snapshot *s,
	     const struct view_opts *o); /* a picture of the path, alone or summed */

/* One of two runs to be compared. The text is untrusted. */
struct svg_side {
	const char *title;    /* "before: a.json" */
	const char *subtitle; /* NULL: none */
	struct metric_view m;
};

/* Both beside each other, on one scale; note (untrusted, NULL: none): a sentence beneath them. */
int view_svg_pair(FILE *out, const struct svg_side sides[2], const char *title, const char *note);

#endif
