/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * model.h - what is known of every process: records in, totals out. Pure: no clock, no stdio, no libbpf.
 *
 * A process is the sum of its threads since attach, ended ones included, and of the work done for it while it was not
 * current. Records are absolute: of two with one uid the larger value holds, metric by metric, so a lost or late record
 * costs freshness only. Kernel threads and nobody's work are the system line.
 */
#ifndef ZCTRACE_MODEL_H
#define ZCTRACE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>

#include "../../bpf/zctrace.h"
#include "metric.h"

struct model_thread {
	uint64_t uid;
	uint32_t tid;
	uint32_t flags;		/* enum zc_thread_flags */
	char comm[ZC_COMM_LEN]; /* raw bytes: untrusted */
	uint64_t v[M_COUNT];
};

struct model_process {
	struct zc_owner id; /* of a fold: tgid 0, and a number that no other fold ever had */
	uint32_t ppid;
	uint32_t flags;		/* of all its threads, or-ed; ZT_EXITED only if all of them ended */
	uint64_t cgroup;	/* id */
	char comm[ZC_COMM_LEN]; /* of the leader, raw bytes: untrusted */
	uint64_t v[M_COUNT];	/* the sum; valid after model__sum */
	uint32_t n_threads;	/* seen so far, ended ones included; valid after model__sum */
	uint64_t changed;	/* another number than before where anything may have changed since; not of a fold */
	uint32_t folded;	/* > 0: not one process but this many ended ones, folded by comm and cgroup */
};

/*
 * Folds that are kept by comm and cgroup. When there are more, those that copied the fewest bytes go to one of comm
 * "other" without a cgroup, until three quarters are left.
 */
#define MODEL_FOLDS_MAX 1000
#define MODEL_FOLD_OTHER "other"
bool model__is_other(const struct model_process *p);

/* Ended threads of living processes that are kept by name; when there are more, those first heard of are only counted
 * in their process from then on, until three quarters are left. */
#define MODEL_THREADS_ENDED_MAX 10000

struct model;

/* NULL when out of memory. max_ended: how many ended processes are kept by name before they are folded (10,000). */
struct model *model__new(uint32_t max_ended);
void model__free(struct model *m); /* takes NULL */

/*
 * 0, or -ENOMEM; the record is copied. Threads are told apart by uid, owner work by uid or, where that is 0, by
 * process, ZT_UNATTRIBUTED sums by (uid, tid): several of them add up. Owner work with ZT_EXITED is the last of its
 * uid: nothing of it may come later.
 */
int model__add(struct model *m, const struct zc_record *r);

/* What is kept of a thread, as a record (its start time is not): false if there is none of that uid. */
bool model__last_record(const struct model *m, uint64_t uid, struct zc_record *ret);

/* Values that belong to no process at all: added to the system line as they are, absolute under `source`. 0 or -ENOMEM.
 */
int model__set_system(struct model *m, uint32_t source, const uint64_t v[M_COUNT]);

/* Brings every process's v and the system line up to date, folds ended processes beyond max_ended. 0 or -ENOMEM. */
int model__sum(struct model *m);

const uint64_t *model__system(const struct model *m);		 /* M_COUNT values, valid after model__sum */
void model__total(const struct model *m, uint64_t ret[M_COUNT]); /* the system line and all processes and folds */
size_t model__n_processes(const struct model *m);		 /* by name, ended ones included, folds not */
size_t model__n_alive(const struct model *m);  /* of these, those that have not ended; valid after model__sum */
size_t model__n_folded(const struct model *m); /* ended processes no longer shown by name */

/* What it takes in memory, about: for who must not let a stranger's records fill it. */
size_t model__bytes(const struct model *m);

/* The process or fold in this model that has the identity of `like`, which may come from another model; or the fold it
 * went to; or NULL. A `like` with the id of a process and folded set is looked for as a fold of its name. */
const struct model_process *model__find(const struct model *m, const struct model_process *like);

/* The sums as they are now, for the `before` of an interval: processes, folds and system line; no threads, takes no
 * records. For model__free; NULL when out of memory. */
struct model *model__copy_sums(const struct model *m);

/* Sorted copy of pointers into the model, folds among them, largest sort_by first (M_COUNT: CPU-copied bytes), ties by
 * pid; *ret is the caller's to free. Returns the count or -ENOMEM. Pointers hold until the next model__add. */
int model__list(const struct model *m, enum metric sort_by, const struct model_process ***ret);
/* The process's threads by tid, ended ones included; *ret is the caller's to free. */
int model__threads(const struct model *m, const struct model_process *p, const struct model_thread ***ret);

#endif
