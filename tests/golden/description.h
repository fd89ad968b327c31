/* SPDX-License-Identifier: GPL-2.0-only */
/* description.h - a snapshot from a text file, so that a view can be tested without a kernel. */
#ifndef ZCTRACE_DESCRIPTION_H
#define ZCTRACE_DESCRIPTION_H

#include "snapshot.h"
#include "views.h"

#define DESCRIPTION_STRINGS 256

struct description {
	struct snapshot now, before; /* before.model is NULL if the file has no `before` */
	struct view_opts opts;
	struct {
		uint64_t id;
		const char *path;
	} cgroups[32];
	int n_cgroups;
	char *strings[DESCRIPTION_STRINGS]; /* what the snapshots point to */
	int n_strings;
};

/* Ends the program with a sentence if the file is not understood. */
void description__read(struct description *d, const char *path);
void description__free(struct description *d);

#endif
