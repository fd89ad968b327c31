/* SPDX-License-Identifier: GPL-2.0-only */
/* model_fixture.h - records, and what a model makes of them; for the tests of the model only. */
#ifndef ZCTRACE_UNIT_MODEL_FIXTURE_H
#define ZCTRACE_UNIT_MODEL_FIXTURE_H

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

static inline struct zc_record record(uint64_t uid, uint32_t tid, uint32_t tgid, uint32_t flags, const char *comm)
{
	struct zc_record r = {.uid = uid, .tid = tid, .flags = ZT_TRACED | flags, .cgroup = 7, .ppid = 1};

	r.process = (struct zc_owner){.tgid = tgid, .start_ns = 1000 + tgid};
	snprintf(r.comm, sizeof(r.comm), "%s", comm);
	snprintf(r.leader_comm, sizeof(r.leader_comm), "%s", comm);
	return r;
}

static inline void give(struct model *m, struct zc_record r, enum metric metric, uint64_t v)
{
	r.v[metric] = v;
	assert_int_equal(model__add(m, &r), 0);
}

/* The only process, after summing. */
static inline const struct model_process *only(struct model *m)
{
	const struct model_process **list, *p;

	assert_int_equal(model__sum(m), 0);
	assert_int_equal(model__list(m, M_COUNT, &list), 1);
	p = list[0];
	free(list);
	return p;
}

static inline uint64_t machine(struct model *m, enum metric metric)
{
	const struct model_process **list;
	uint64_t sum = model__system(m)[metric];
	int n = model__list(m, M_COUNT, &list);

	uint64_t total[M_COUNT];

	for (int i = 0; i < n; i++)
		sum += list[i]->v[metric];
	free(list);
	model__total(m, total);
	assert_int_equal(total[metric], sum);
	return sum;
}

#endif
