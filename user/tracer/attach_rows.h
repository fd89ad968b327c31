/* SPDX-License-Identifier: GPL-2.0-only */
/* attach_rows.h - which program serves which hook, as data. A new hook is one program in bpf/ and one row. */
#ifndef ZCTRACE_ATTACH_ROWS_H
#define ZCTRACE_ATTACH_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "metric.h"

/*
 * A hook is measured if one KEY program of each of its sets attached; PARTs widen it, and so does what only SOME
 * kernels have a place for. Sets: alternatives of which one is needed share a number.
 */
enum hook_role { SOME = -1, PART = 0, KEY1 = 1, KEY2 = 2 };

struct hook_row {
	const char *program;
	enum hook hook;
	enum hook_role role;
	int args; /* what it hangs on must have so many arguments, at least */
};

struct hook_rows {
	const struct hook_row *row;
	size_t n;
};

/* What is attached everywhere; where copies are inferred; where they are seen; for copies outside data calls;
 * breakpoints. */
extern const struct hook_rows always_rows, infer_rows, site_rows, other_rows, leaf_rows;

/* The row of a program by its full name (sites: with x_, kp_ or kr_); NULL: it serves no single hook. */
const struct hook_row *hook_rows__find(const char *program);

#endif
