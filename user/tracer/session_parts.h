/* SPDX-License-Identifier: GPL-2.0-only */
/* session_parts.h - what session.c (begin, wait, end) and session_read.c (records and figures) share; nobody else. */
#ifndef ZCTRACE_SESSION_PARTS_H
#define ZCTRACE_SESSION_PARTS_H

#include <time.h>
#include <sys/utsname.h>

#include "calibrate.h"
#include "cgroup.h"
#include "leaf.h"
#include "overhead.h"
#include "session.h"
#include "targets.h"
#include "tracer.h"

struct session {
	const struct opts *opts;
	struct tracer *tracer;
	struct leaf *leaf;
	struct model *model;
	struct cgroups *cgroups;
	struct utsname uts;
	bool whole_machine, on, stopped;
	uint64_t start_ns, stop_ns, start_unix_ns;
	uint32_t in_flight;
	struct proc_id pid[OPTS_MAX_PIDS]; /* those of -p, in that order */
	struct targets targets;		   /* every process added so far */
	uint64_t gone_ns;		   /* since when no thread of theirs is to be seen */
	uint64_t n_records;
	uint32_t n_ended; /* records of threads that ended, since the model was last summed */
	struct calibrate calibrate;
	struct zc_owner calibration; /* the child that calibrates: its records are nobody's; tgid 0: none */
	uint64_t added_ns;
	struct overhead overhead;
	uint64_t untold[M_COUNT]; /* of the unattributed sums, what is kept in the name of a thread */
	struct session_tap tap;
	uint64_t lost[L_COUNT]; /* as of the last sum */
	uint64_t *missing;	/* uids of threads that were not there when we looked last, session_missing.c */
	size_t n_missing;
	uint64_t missing_looked_ns;
};

static inline uint64_t session__clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* tracer_record_fn: gives the model a record, as the tap sees it; not those of the child that calibrates. */
int session__on_record(void *ctx, const struct zc_record *r);
/* The same for the first sweep, which also counts the system calls that were under way. */
int session__on_first_record(void *ctx, const struct zc_record *r);
/* Brings the model up to date between snapshots if so many threads have ended that it should fold some. 0 or -errno. */
int session__fold(struct session *s);
/* Tells the model of threads that are gone and whose end was lost. 0 or -errno. */
int session__end_missing(struct session *s);

#endif
