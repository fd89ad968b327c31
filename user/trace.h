/* SPDX-License-Identifier: GPL-2.0-only */
/* trace.h - the default mode: trace what the options name, print the report when it ends. */
#ifndef ZCTRACE_TRACE_H
#define ZCTRACE_TRACE_H

struct opts;

int trace__run(const struct opts *o); /* enum exit_status */

#endif
