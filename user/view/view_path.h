/* SPDX-License-Identifier: GPL-2.0-only */
/* view_path.h - the way the bytes went, drawn from what was counted; for view_report.c only. */
#ifndef ZCTRACE_VIEW_PATH_H
#define ZCTRACE_VIEW_PATH_H

#include <stdio.h>

#include "view_passage.h"

#define PATH_STATIONS 7
#define PATHS_MAX (P_DISK_READ + 4) /* a way for each passage, and a line for what each device moved on none */

struct path {
	const char *station[PATH_STATIONS];
	struct figure bytes[PATH_STATIONS - 1]; /* from this station to the next */
	enum arrow arrow[PATH_STATIONS - 1];
	int n_stations;
};

struct paths {
	struct path path[PATHS_MAX];
	int n;
	const char *from,
		*to; /* the objects at the ends of the widest way: "file", "socket", "pipe", "user"; or NULL */
};

/*
 * Which stations and arrows: each metric that stands for a passage makes one. The widest way into user memory and the
 * widest out of it become one line; passages of less than a hundredth of the widest are left to the figures below.
 */
void paths__find(struct paths *ret, struct metric_view m);
void paths__draw(FILE *out, const struct paths *p);

#endif
