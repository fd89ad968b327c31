/* SPDX-License-Identifier: GPL-2.0-only */
/* targets.h - the processes that a trace was pointed at, and their children as /proc shows them. Prints only where
 * said. */
#ifndef ZCTRACE_TARGETS_H
#define ZCTRACE_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "opts.h"

struct targets {
	pid_t *pid;
	size_t n;
};

bool targets__has(const struct targets *t, pid_t pid);
int targets__remember(struct targets *t, pid_t pid); /* 0 or -ENOMEM; one that is there already is no error */
void targets__free(struct targets *t);

/*
 * Calls add for every child of a target that is no target itself, and again until no new one is found; add is to
 * remember it. 0 or the first negative errno.
 */
int targets__descend(const struct targets *t, int (*add)(void *ctx, pid_t pid), void *ctx);

/* 0, or -ESRCH and one sentence: no such process, or a thread of one. */
int targets__check_pid(pid_t pid);
/* All that the options name, before anything is loaded. 0, or a negative errno and one sentence. */
int targets__check(const struct opts *o);

#endif
