/* SPDX-License-Identifier: GPL-2.0-only */
/* targets.h - the processes that a trace was pointed at, and their children as /proc shows them. Prints only where
 * said. */
#ifndef ZCTRACE_TARGETS_H
#define ZCTRACE_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "opts.h"
#include "proc.h"

struct targets {
	struct target *by_pid; /* a hash */
	size_t n;
};

/* This very process, and not only one of its number. */
bool targets__has(const struct targets *t, struct proc_id id);
/* 0 or -ENOMEM; one that is there already is no error, and takes the place of one that had its number. */
int targets__remember(struct targets *t, struct proc_id id);
void targets__free(struct targets *t);

/*
 * Calls add for every child of a target that is no target itself, and again until no new one is found; add is to
 * remember it. 0 or the first negative errno.
 */
int targets__descend(const struct targets *t, int (*add)(void *ctx, struct proc_id id), void *ctx);

/* 0 and who that is, or -ESRCH and one sentence: no such process, one that has ended, or a thread of one. */
int targets__check_pid(pid_t pid, struct proc_id *ret);
/* All that the options name, before anything is loaded; pid gets who those of -p are. 0, or a negative errno and one
 * sentence. */
int targets__check(const struct opts *o, struct proc_id pid[OPTS_MAX_PIDS]);

#endif
