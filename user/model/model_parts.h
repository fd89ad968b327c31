/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * model_parts.h - what the model is made of; for model.c, model_fold.c and model_list.c only.
 *
 *	part       one thread, the owner work of one process, or one source of nobody's work: absolute values
 *	process    the sum of its parts, made anew by model__sum; or a fold
 *	fold       ended processes of one comm and cgroup; its v only grows, late records add what they have more
 *	retired    what a process's threads and owner work had that are no longer told apart: a part of it like others
 *	tomb       the uid of a thread that was retired, so that a late record is not counted twice
 *	grave      which fold a folded process went to, and its threads, for the same reason
 *
 * Graves are kept for the last GRAVES_MAX folded processes, tombs for as many threads, folds as model.h says: memory is
 * bounded in a fork storm.
 */
#ifndef ZCTRACE_MODEL_PARTS_H
#define ZCTRACE_MODEL_PARTS_H

#include "model.h"

/* A failed insertion is ours to report; the default ends the program. Every function that adds has a `bool oom`. */
#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(element) (oom = true)
#include <uthash.h>

#define GRAVES_MAX 65536
#define TOMBS_MAX 65536
#define STICKY_FLAGS (ZT_TRACED | ZT_EXITED | ZT_EXEC_SUID | ZT_IN_CALL | ZT_LEAF_OFF)

enum part_kind { PART_THREAD, PART_OWNER, PART_UNATTRIBUTED, PART_SOURCE, PART_RETIRED };

struct part_key {
	uint32_t kind; /* enum part_kind */
	uint32_t a;
	uint64_t b;
};

struct part;

struct fold_key {
	char comm[ZC_COMM_LEN];
	uint64_t cgroup;
};

/* Graves know a fold by this, so that they need not be looked for when it goes to another. */
struct fold_ref {
	struct process *fold;
	uint32_t n; /* the fold and its graves */
};

struct process {
	struct model_process p; /* first: model_process pointers lead back here */
	struct fold_key fold_key;
	struct fold_ref *ref; /* of a fold */
	uint32_t n_ended;
	uint32_t n_owners;    /* owner parts that may get more */
	uint32_t n_retired;   /* threads */
	bool retired;	      /* there is such a part */
	bool quiet;	      /* nothing came for it since the last model__sum: its sum holds */
	uint64_t ended_order; /* > 0: ended, the smaller the earlier */
	struct process *fold_into;
	struct part *threads; /* linked by next_thread; as of the last model__sum */
	UT_hash_handle hh;
};

struct part {
	struct model_thread t; /* first, as above */
	struct part_key key;
	struct process *process; /* NULL: the system line */
	struct part *next_thread;
	UT_hash_handle hh;
};

struct grave {
	struct zc_owner id;
	struct fold_ref *fold;
	uint64_t *uids; /* &uid of a process of one thread */
	uint64_t uid;
	uint32_t n_uids, room;
	UT_hash_handle hh;
};

struct tomb {
	uint64_t uid;
	UT_hash_handle hh;
};

struct model {
	struct part *parts;
	struct process *processes, *folds;
	struct grave *graves; /* in the order they were dug */
	struct tomb *tombs;   /* so are these */
	uint64_t system[M_COUNT];
	uint64_t processes_v[M_COUNT]; /* the sum of all processes and folds */
	uint64_t last_ended, last_fold, n_sums;
	size_t n_folded, n_alive;
	size_t n_grave_uids; /* that there is room for */
	uint32_t max_ended;
};

struct process *process__find(const struct model *m, struct zc_owner id);
struct process *fold__find(const struct model *m, const struct model_process *like);
struct process *fold__other(const struct model *m); /* NULL: there is none yet */
void fold__free(struct model *m, struct process *fold);
struct grave *grave__find(const struct model *m, struct zc_owner id);
bool grave__holds(const struct grave *g, uint64_t uid);
void grave__free(struct model *m, struct grave *g);
struct zc_owner owner__clean(struct zc_owner id); /* padding is part of the hashed bytes */

struct part *part__find(const struct model *m, const struct part_key *key);
struct part *part__add(struct model *m, const struct part_key *key); /* NULL when out of memory */
void part__free(struct model *m, struct part *part);

/* Adds a part to what its process, or the system line, has retired, and frees it. 0, or -ENOMEM: it stays. */
int retire__part(struct model *m, struct part *part);
/* Retires ended threads of living processes, those first heard of, n of them. 0 or -ENOMEM. */
int retire__threads(struct model *m, size_t n);
int retire__note(struct model *m, uint64_t uid); /* a late record of it is to be left out. 0 or -ENOMEM */
bool retire__holds(const struct model *m, uint64_t uid);
void retire__free(struct model *m);

/* Folds the processes that ended first, until max_ended of n_ended are left by name. 0, or -ENOMEM: some are left over.
 */
int fold__oldest(struct model *m, size_t n_ended);

#endif
