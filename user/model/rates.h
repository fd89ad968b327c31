/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rates.h - what happened between snapshots: for every process and thread what it had at the base line, at the snapshot
 * before, and has now. Pure: the clock is the snapshot's, everything kept is a copy.
 *
 * A row is keyed by identity, never by a bare pid. One not seen before began at 0: it had counted nothing until then. A
 * process that went into a fold takes what it had before along, so that the fold's rate is only what is new.
 */
#ifndef ZCTRACE_RATES_H
#define ZCTRACE_RATES_H

#include "snapshot.h"

enum rates_kind { RATES_SYSTEM, RATES_PROCESS, RATES_FOLD, RATES_THREAD };

enum rates_period { RATES_STEP, RATES_TOTAL }; /* since the snapshot before; since the base line */

struct rates_row {
	enum rates_kind kind;
	struct zc_owner id; /* the process; of a thread: that it belongs to */
	uint64_t uid;	    /* of a thread */
	uint32_t pid, ppid; /* of a thread: its tid, and the process */
	uint32_t flags;	    /* enum zc_thread_flags */
	uint32_t folded;    /* > 0: so many ended processes */
	uint32_t n_threads;
	uint64_t cgroup;	     /* id */
	char comm[ZC_COMM_LEN];	     /* raw bytes: untrusted */
	const enum quality *quality; /* M_COUNT; of a thread: its process's */
	uint64_t now[M_COUNT], before[M_COUNT], base[M_COUNT];
};

struct rates;

struct rates *rates__new(void);	   /* NULL when out of memory */
void rates__free(struct rates *r); /* takes NULL */

/* Takes a snapshot in. 0 or -ENOMEM: then some rows are as they were. Rows that are gone are freed. */
int rates__update(struct rates *r, const struct snapshot *s);
void rates__rebase(struct rates *r); /* totals count from the last snapshot on */

/* The system line, then each process or fold, each followed by its threads; holds until the next update. */
const struct rates_row *const *rates__rows(const struct rates *r, size_t *n);
const struct rates_row *rates__machine(const struct rates *r); /* the sum of processes, folds and system line */
/* The row with the identity of `like`, NULL if there is none any more. */
const struct rates_row *rates__find(const struct rates *r, const struct rates_row *like);

void rates__values(const struct rates_row *row, enum rates_period period, uint64_t v[M_COUNT]);
uint64_t rates__span_ns(const struct rates *r, enum rates_period period);
uint64_t rates__per_second(uint64_t n, uint64_t span_ns); /* rounded; 0 of no time */

/* Figures that were less than before, which must not be: a bug to be shown. Their step counts as 0. */
uint64_t rates__backwards(const struct rates *r);

#endif
