/* SPDX-License-Identifier: GPL-2.0-only */
/* view_block.h - the lines of the report that say what one subject's bytes cost; for view_report.c only. */
#ifndef ZCTRACE_VIEW_BLOCK_H
#define ZCTRACE_VIEW_BLOCK_H

#include "snapshot.h"
#include "view_path.h"

/* A process, the machine, or the system line. */
struct subject {
	struct metric_view m;
	struct paths paths;
};

/* " payload 32.0 MiB file -> socket", for the title; buf has BLOCK_PAYLOAD_LEN bytes. */
#define BLOCK_PAYLOAD_LEN 96
char *block__payload(char *buf, const struct subject *s);
/* Path and figures. Lines with nothing but zeros are left out if `terse`. */
void block__write(FILE *out, const struct subject *s, bool terse);

#endif
