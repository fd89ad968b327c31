/* SPDX-License-Identifier: GPL-2.0-only */
/* demo_table.h - what demo measured, and what it should have, as a table. */
#ifndef ZCTRACE_DEMO_TABLE_H
#define ZCTRACE_DEMO_TABLE_H

#include <stdio.h>

#include "demo_path.h"
#include "opts.h"
#include "snapshot.h"
#include "ways.h"

/* Written by the traced process without a call: lies in memory shared with it. */
struct demo_report {
	struct way_result result;
	uint64_t start_ns, end_ns; /* of the way's run, CLOCK_MONOTONIC */
	int err;		   /* what the way returned */
	bool finished;
};

struct demo_row {
	const struct way *way;
	pid_t pid;
	int err;		/* 0, or why the way was not run to its end */
	uint64_t arrived_bytes; /* as the far end counted */
	double cached;		/* share of the file that was in the page cache before */
	struct demo_report report;
	const struct model_process *process; /* what zctrace counted; NULL: nothing */
};

struct demo_table {
	const struct opts *opts;
	const struct snapshot *snapshot;
	struct demo_path path;
	const struct demo_row *rows;
	size_t n_rows;
};

/* 0 or a negative errno of the write. */
int demo_table__print(FILE *out, const struct demo_table *t);

/*
 * The figures of one row, ready to be shown: demo_figures.c. A figure that is not measured is not `known`; `differs`
 * from what is expected by more than the definition's tolerance; expected < 0: nothing is.
 */
struct demo_figure {
	double value, expected;
	double slack; /* more than expected by so much is no difference */
	bool known, inferred, differs;
};

struct demo_figures {
	struct demo_figure calls, mode_switches; /* per chunk */
	struct demo_figure copies, dma;		 /* per payload byte */
	struct demo_figure traffic;		 /* bytes; nothing is expected */
	double unseen_copies; /* expected inside the kernel, where nothing on this kernel can see them */
	bool calls_disagree;  /* with the program's own count */
};

void demo_figures__fill(struct demo_figures *f, const struct demo_table *t, const struct demo_row *row);

#endif
