/* SPDX-License-Identifier: GPL-2.0-only */
/* proc.h - what /proc says of processes that are to be traced; it may change at any moment. Prints nothing. */
#ifndef ZCTRACE_PROC_H
#define ZCTRACE_PROC_H

#include <stdbool.h>
#include <sys/types.h>

pid_t proc__process_of(pid_t tid);	/* the process a thread belongs to, 0 if there is none of that number */
pid_t proc__parent_of(const char *pid); /* 0 if it has gone */
bool proc__alive(pid_t pid);		/* there, and no zombie */

#endif
