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

struct prom_count {
	const char *reason;
	uint64_t n;
};

/* What the exposition says of its own making. */
struct prom_service {
	uint64_t collect_ns; /* the snapshot took so long */
	uint64_t n_scrapes;
	const struct prom_count *rejected; /* none: this one is not served by HTTP */
	size_t n_rejected;
};

/*
 * One Prometheus exposition. `state` goes from one to the next and is brought up to date, see prom_series.h; service
 * NULL: nothing is said of it.
 */
struct prom;
int view_prom(FILE *out, const struct snapshot *s, struct prom *state, const struct prom_service *service);

#endif
