/* SPDX-License-Identifier: GPL-2.0-only */
/* prom.h - what the tests of the Prometheus series share: processes that have so much, and what the series then say. */
#ifndef ZCTRACE_UNIT_PROM_H
#define ZCTRACE_UNIT_PROM_H

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prom_series.h"

#define MINUTE (60 * 1000000000ULL)

static inline const char *cgroup_path(void *ctx, uint64_t id)
{
	static const char *const paths[] = {NULL, "/a", "/b", "/c", "/a\"b\\\n\xff"};

	(void)ctx;
	return id < N_OF(paths) ? paths[id] : NULL;
}

static inline struct snapshot snapshot(uint32_t max_ended)
{
	struct snapshot s = {.model = model__new(max_ended), .cgroup_path = cgroup_path};

	for (enum metric m = 0; m < M_COUNT; m++)
		s.quality[m] = Q_MEASURED;
	for (enum hook h = 0; h < H_COUNT; h++)
		s.hook[h].by = h == H_COPY_OTHER ? "hardware breakpoint" : "tp_btf";
	return s;
}

/* A process of one thread, told apart by its number; metric has the value v from now on. */
static inline void give_flags(struct snapshot *s, uint32_t pid, const char *comm, uint64_t cgroup, uint32_t flags,
			      enum metric metric, uint64_t v)
{
	struct zc_record r = {.uid = pid, .tid = pid, .flags = ZT_TRACED | ZT_LEADER | flags, .cgroup = cgroup};

	r.process = (struct zc_owner){.tgid = pid, .start_ns = 1000 + pid};
	snprintf(r.comm, sizeof(r.comm), "%s", comm);
	snprintf(r.leader_comm, sizeof(r.leader_comm), "%s", comm);
	r.v[metric] = v;
	assert_int_equal(model__add(s->model, &r), 0);
}

static inline void give(struct snapshot *s, uint32_t pid, const char *comm, uint64_t cgroup, enum metric metric,
			uint64_t v)
{
	give_flags(s, pid, comm, cgroup, 0, metric, v);
}

static inline void end(struct snapshot *s, uint32_t pid, const char *comm, uint64_t cgroup)
{
	give_flags(s, pid, comm, cgroup, ZT_EXITED, M_SYSCALLS, 0);
}

static inline void look(struct prom *p, struct snapshot *s, uint64_t at_ns)
{
	s->duration_ns = at_ns;
	assert_int_equal(model__sum(s->model), 0);
	assert_int_equal(prom__update(p, s), 0);
}

static inline const struct prom_series *find(const struct prom *p, const char *labels)
{
	const struct prom_series **list, *found = NULL;
	int n = prom__list(p, &list);

	for (int i = 0; i < n; i++)
		if (strcmp(list[i]->labels, labels) == 0)
			found = list[i];
	free(list);
	return found;
}

/* The counter, or -1 if there is no such line. */
static inline long line(const struct prom *p, const char *labels, enum metric m)
{
	const struct prom_series *s = find(p, labels);

	return s && s->shown[PROM_MEASURED][m] ? (long)s->v[PROM_MEASURED][m] : -1;
}

static inline uint64_t sum(const struct prom *p, enum metric m)
{
	const struct prom_series **list;
	int n = prom__list(p, &list);
	uint64_t ret = 0;

	for (int i = 0; i < n; i++)
		for (int k = 0; k < PROM_KINDS; k++) {
			assert_true(list[i]->shown[k][m] || list[i]->v[k][m] == 0);
			ret += list[i]->v[k][m];
		}
	free(list);
	return ret;
}

static inline uint64_t machine(const struct snapshot *s, enum metric m)
{
	const struct model_process **list;
	uint64_t ret = model__system(s->model)[m];
	int n = model__list(s->model, M_COUNT, &list);

	for (int i = 0; i < n; i++)
		ret += list[i]->v[m];
	free(list);
	return ret;
}

#endif
