/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tracer.h - the BPF side as user space sees it: loads and attaches hooks, best alternative first, and reads the maps.
 *
 * tracer.c is the only file that includes the skeleton. Functions return 0 or a negative errno; those that can fail for
 * a reason the user can mend print one sentence.
 */
#ifndef ZCTRACE_TRACER_H
#define ZCTRACE_TRACER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "opts.h"
#include "proc.h"
#include "snapshot.h"

struct tracer;

typedef int (*tracer_record_fn)(void *ctx, const struct zc_record *r);

/* on_final gets the last record of each thread that ends, from tracer__poll. */
int tracer__new(struct tracer **ret, const struct opts *o, bool whole_machine, tracer_record_fn on_final, void *ctx);
void tracer__free(struct tracer *t); /* takes NULL */

int tracer__add_target(struct tracer *t, struct proc_id id, bool at_exec); /* then tracer__baseline */
int tracer__baseline(struct tracer *t); /* starts counting every thread that is a target now */
int tracer__arm(struct tracer *t);	/* baseline, and tell each CPU what runs on it */
void tracer__on(struct tracer *t);
void tracer__off(struct tracer *t);

int tracer__poll(struct tracer *t); /* ended threads; does not wait */
/* Readable when it is time for tracer__poll before the next look of one's own; tracer__woken takes that back. */
int tracer__wake_fd(const struct tracer *t);
void tracer__woken(const struct tracer *t);
/* Brings running threads up to date and reads every living thread of which there is something new since the last sweep,
 * then owners. */
int tracer__sweep(struct tracer *t, tracer_record_fn fn, void *ctx);
/*
 * The system line and the unattributed sums, absolute. on_untold gets the uid of each thread whose whole totals went to
 * those sums although a sweep has told of it: what the caller has in its name is in there once more.
 */
int tracer__system(struct tracer *t, uint64_t system[M_COUNT], uint64_t unattributed[M_COUNT],
		   int (*on_untold)(void *ctx, uint64_t uid), void *ctx);
int tracer__lost(struct tracer *t, uint64_t lost[L_COUNT]);
void tracer__tell_misses(const struct tracer *t); /* to stderr: which programs lost what L_RECURSION counts */
/* Live threads seen by the last sweep that are no kernel threads. */
uint32_t tracer__n_live(const struct tracer *t);
/* Every thread has left its last word. One that was waited for already may still be on its way off a CPU, unseen. */
bool tracer__all_ended(const struct tracer *t);

const struct hook_state *tracer__hooks(const struct tracer *t); /* H_COUNT */
const char *tracer__refused(const struct tracer *t,
			    enum hook h); /* which of its programs the kernel refused; or NULL */
void tracer__qualities(const struct tracer *t, enum quality q[M_COUNT]);
void tracer__run_ns(const struct tracer *t, uint64_t ret[H_COUNT]);  /* as attach__run_ns */
bool tracer__can_detach(const struct tracer *t, enum hook h);	     /* attached, and not one that carries the others */
void tracer__detach(struct tracer *t, enum hook h, const char *why); /* as attach__detach */
void tracer__set_hook(struct tracer *t, enum hook h, const char *by, const char *error); /* texts are copied */

/* BPF programs for breakpoints, as file descriptors (user/tracer/leaf.c). */
struct tracer_leaf_progs {
	int to_user, from_user;		     /* default */
	int to_iter, from_iter, from_atomic; /* --exact */
};
struct tracer_leaf_progs tracer__leaf_progs(const struct tracer *t);
int tracer__disks_fd(const struct tracer *t); /* map dev -> class (user/tracer/objects.c) */

#endif
