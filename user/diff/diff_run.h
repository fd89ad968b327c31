/* SPDX-License-Identifier: GPL-2.0-only */
/* diff_run.h - zctrace diff: two sides of recordings or JSON documents, side by side. */
#ifndef ZCTRACE_DIFF_RUN_H
#define ZCTRACE_DIFF_RUN_H

struct opts;

int diff__run(const struct opts *o); /* enum exit_status */

#endif
