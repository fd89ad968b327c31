/* SPDX-License-Identifier: GPL-2.0-only */
/* views_diff.h - the faces of a diff. */
#ifndef ZCTRACE_VIEWS_DIFF_H
#define ZCTRACE_VIEWS_DIFF_H

#include <stdio.h>

#include "diff.h"

/* comm: of the processes that were compared, NULL: all. Each returns 0 or a negative errno of the write. */
int view_diff(FILE *out, const struct diff *d, const char *comm, bool verbose); /* verbose: rows of nothing too */
int view_diff_json(FILE *out, const struct diff *d, const char *comm);		/* zctrace-diff/1 */

/* The medians of both sides beside each other. */
int view_diff_svg(FILE *out, const struct diff *d);

#endif
