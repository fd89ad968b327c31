/* SPDX-License-Identifier: GPL-2.0-only */
/* diff_load.h - a run from a recording or a JSON document, whichever the file is. Prints what is wrong with it. */
#ifndef ZCTRACE_DIFF_LOAD_H
#define ZCTRACE_DIFF_LOAD_H

#include "diff.h"

/*
 * comm: only processes of that name, as the views show it; NULL: all. 0; -EBADMSG: the file is damaged, *ret has what
 * could be read; or another negative errno: nothing could (-ESRCH: no process of that name).
 */
int diff_load(struct diff_run *ret, const char *path, const char *comm);

/* For the two that know the formats: whether a process, by the name that is shown, is wanted; and its figures. */
struct diff_sum {
	struct diff_run *run;
	const char *comm;
	bool seen[M_COUNT];	    /* of some process */
	char others[DIFF_TEXT_LEN]; /* names of those that were not wanted */
};
bool diff_sum__wants(struct diff_sum *sum, const char *shown);
/* quality[m] Q_NONE: not measured of this process */
void diff_sum__add(struct diff_sum *sum, const uint64_t v[M_COUNT], const enum quality quality[M_COUNT],
		   uint64_t n_processes);

int diff_load_json(struct diff_sum *sum, const char *path); /* diff_load_json.c; 0 or a negative errno, printed */

#endif
