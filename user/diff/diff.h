/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * diff.h - two sides, each of one or more runs: every figure of both, and which of them changed. Pure: no clock, no
 * stdio, no files.
 *
 * A change is claimed only of what was measured (or inferred) in every run. With several runs a side the ranges of the
 * two sides must not overlap; where fewer than five a side make that likely by chance (three against three: one time in
 * ten) they must also lie further apart than the wider of them is wide. With one run a side nothing is known of how
 * runs differ by themselves: differences are shown as they are.
 */
#ifndef ZCTRACE_DIFF_H
#define ZCTRACE_DIFF_H

#include "metric.h"

#define DIFF_RUNS_MAX 64 /* a side */
#define DIFF_TEXT_LEN 256

/* One run: the sum of its processes. Text has passed user/safe. */
struct diff_run {
	char file[DIFF_TEXT_LEN], host[DIFF_TEXT_LEN], kernel[DIFF_TEXT_LEN];
	bool recording; /* else a JSON document */
	bool whole_machine;
	uint64_t duration_ns;
	uint64_t n_processes; /* summed up, folded ones included */
	uint64_t v[M_COUNT];
	enum quality quality[M_COUNT]; /* Q_NONE: of no process */
	bool partial[M_COUNT];	       /* of some process not */
	uint64_t system[M_COUNT];
	enum quality system_quality[M_COUNT];
	uint64_t lost[L_COUNT];
};

enum diff_unit { DIFF_COUNT, DIFF_BYTES, DIFF_NS, DIFF_PAGES, DIFF_RATIO };

/* A figure of one side. */
struct diff_value {
	bool known;	  /* in every run */
	bool lower_bound; /* in some run */
	bool inferred;	  /* in some run */
	double median, min, max;
};

enum diff_verdict {
	DIFF_UNKNOWN, /* not measured on one side, or lower bounds that say nothing */
	DIFF_SAME,    /* the very same in all runs */
	DIFF_WITHIN,  /* within the spread of the runs */
	DIFF_LESS,    /* B has less, or more, than A */
	DIFF_MORE,
};

struct diff_change {
	enum diff_verdict verdict;
	bool has_ratio;
	double ratio; /* (B - A) / A, of the medians */
};

struct diff_row {
	const char *name;  /* JSON key */
	const char *words; /* of a headline, else NULL */
	enum diff_unit unit;
	struct diff_value side[2];
	struct diff_change change;
	/* bytes per byte of payload; counts and pages per MiB; ns per byte. has_payload: this figure has that form, and
	 * the payload of both sides is known and not 0 */
	bool has_payload;
	struct diff_value payload_side[2];
	struct diff_change payload_change;
};

#define DIFF_HEADLINES 7

struct diff {
	const struct diff_run *runs[2];
	int n_runs[2];
	bool spread_known; /* several runs on both sides */
	struct diff_row headlines[DIFF_HEADLINES];
	struct diff_row rows[D_COUNT + M_COUNT]; /* derived figures first */
};

/* Points to the runs, 1 to DIFF_RUNS_MAX a side. */
void diff__make(struct diff *d, const struct diff_run *a, int n_a, const struct diff_run *b, int n_b);

/* The change that matters of a row: per payload where it has that. */
const struct diff_change *diff__change(const struct diff_row *row);
bool diff__row_is_empty(const struct diff_row *row); /* 0 or not known in every run */

#endif
