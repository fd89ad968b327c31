/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * prom_parts.h - what the Prometheus series are made of; for prom_series.c and prom_group.c only.
 *
 *	group      a set of labels and its counters
 *	seen       a process, with what it had when we last looked and the group it adds to
 *	fold       a fold of the model, with how much of it has been taken: from itself, or from its processes before;
 *	           it goes with the model's, and what was taken of it was taken of the one it went to
 */
#ifndef ZCTRACE_PROM_PARTS_H
#define ZCTRACE_PROM_PARTS_H

#include "prom_series.h"

/* A failed insertion is ours to report; the default ends the program. Every function that adds has a `bool oom`. */
#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(element) (oom = true)
#include <uthash.h>

struct prom_group {
	struct prom_series s; /* first: s.labels is the text below, and the key */
	bool refused[PROM_KINDS][M_COUNT];
	bool ended;		      /* comm="ended" of a cgroup */
	bool aged;		      /* about to be folded */
	uint64_t busy_ns;	      /* when a process of it was last seen alive, or seen to have ended */
	size_t cgroup_at, cgroup_len; /* cgroup="..." in the labels */
	UT_hash_handle hh;
	char text[];
};

struct prom_seen {
	struct zc_owner id;
	char comm[ZC_COMM_LEN];
	uint64_t cgroup;
	uint64_t last[M_COUNT];
	struct prom_group *group; /* NULL: none yet, or another name since */
	bool exited;
	uint64_t turn;
	uint64_t changed; /* of the model's, when we last looked */
	UT_hash_handle hh;
};

struct prom_fold_key {
	char comm[ZC_COMM_LEN];
	uint64_t cgroup;
	uint64_t number; /* id.start_ns of the model's */
};

struct prom_fold {
	struct prom_fold_key key;
	uint64_t taken[M_COUNT];
	uint64_t more[M_COUNT]; /* in this update */
	uint64_t turn;
	UT_hash_handle hh;
};

struct prom {
	uint32_t max_lines, n_lines;
	bool label_pid;
	uint64_t now_ns, turn, n_dropped;
	struct prom_group *groups;
	uint32_t n_ended; /* groups that are comm="ended" of a cgroup */
	struct prom_series system, other, ended;
	struct prom_seen *seen;
	struct prom_fold *folds;
	uint64_t debt[M_COUNT]; /* taken beyond what a fold has: it comes off what the others have more */
};

/* Groups without a line that are remembered, so that their lines count as dropped only once. */
#define PROM_WAITING_MAX 1000

/* The group for such a process, made if there is none. pid 0: not one process. NULL: there is neither room for a line
 * of it nor to remember that, or no memory. */
struct prom_group *group__open(struct prom *p, const struct snapshot *s, const struct model_process *like);
/* Adds n to a line of g if there is room, else to comm="other"; g may be NULL. */
void group__add(struct prom *p, struct prom_group *g, enum quality q, enum metric m, uint64_t n);
/* Folds the groups that nothing has happened to for so long. */
void group__age(struct prom *p);

#endif
