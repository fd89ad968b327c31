/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * session.h - one trace from attach to final figures: joins tracer (hooks), reader (records) and model.
 *
 *	session__new  ->  session__add_target ...  ->  session__start  ->  session__poll ...  ->  session__stop  ->
 *snapshot
 *
 * Functions return 0 or a negative errno. Errors are printed once, here or beneath, as one sentence with a remedy;
 * session__exit_status tells the exit status that goes with the last of them.
 */
#ifndef ZCTRACE_SESSION_H
#define ZCTRACE_SESSION_H

#include <sys/types.h>

#include "opts.h"
#include "snapshot.h"

struct session;

#define SESSION_MAX_ENDED 10000 /* processes kept by name, as model__new */
/* Threads that may end before the model folds what is beyond that, whether or not anybody takes a snapshot. */
#define SESSION_SUM_AFTER 2000

/* Sees what the model is given, in that order; cgroup_path is that of the record's cgroup, as the snapshot has it. */
struct session_tap {
	void (*record)(void *ctx, const struct zc_record *r, const char *cgroup_path);
	void (*system)(void *ctx, uint32_t source, const uint64_t v[M_COUNT]);
	void (*sum)(void *ctx); /* model__sum was called, but for no snapshot */
	void *ctx;
};

/* Loads and attaches every hook; nothing is counted yet. Targets come from o (pids, comm, cgroup) or
 * session__add_target; with none of them every process is traced, unless `targets_follow`: then targets are added
 * later. */
int session__new(struct session **ret, const struct opts *o, bool targets_follow);

void session__set_tap(struct session *s, struct session_tap tap); /* before session__start */

/* Adds a process with all its threads; allowed before and after session__start. The caller's own forked child, blocked
 * on a pipe, is counted exactly from this call on. at_exec: count from its next execve instead. */
int session__add_target(struct session *s, pid_t pid, bool at_exec);

int session__start(struct session *s); /* counting begins */
/* Reads what comes; waits at most timeout_ms, less if wake_fd (-1: none) becomes readable. Stay in it: threads that end
 * meanwhile are kept by name only as long as the ring has room. 0 or -errno. */
int session__poll(struct session *s, int timeout_ms, int wake_fd);
/* Brings the totals up to date (running threads included) and fills *ret, which points into the session. */
int session__snapshot(struct session *s, struct snapshot *ret);
int session__stop(struct session *s);	       /* counting ends; session__snapshot then gives the final figures */
bool session__targets_gone(struct session *s); /* every -p target and its followed children have ended */
void session__free(struct session *s);	       /* takes NULL */
int session__exit_status(int err);	       /* enum exit_status for a negative errno from any function above */

#endif
