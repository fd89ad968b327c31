/* SPDX-License-Identifier: GPL-2.0-only */
/* top_fixture.h - some processes as the live display sees them; for test_top*.c. */
#ifndef ZCTRACE_TOP_FIXTURE_H
#define ZCTRACE_TOP_FIXTURE_H

#include "unit.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "safe.h"
#include "top_layout.h"

#define SECOND 1000000000ULL

struct fixture {
	struct snapshot s;
	struct rates *r;
	struct top_order o;
	struct top_list l;
};

/* 10 init - 11 nginx - 12 nginx, 13 worker (two threads); 14 postgres; 11 again, older than its child 15 is not. */
static const struct {
	uint32_t pid, ppid;
	uint64_t start, uid, bytes;
	const char *comm;
	uint32_t tid, flags;
} people[] = {
	{10, 0, 100, 1, 1, "init", 10, 0},	     {11, 10, 110, 2, 50, "nginx", 11, 0},
	{12, 11, 120, 3, 400, "nginx", 12, 0},	     {13, 11, 130, 4, 200, "Worker", 13, 0},
	{13, 11, 130, 5, 100, "pool-7", 213, 0},     {14, 10, 140, 6, 300, "postgres", 14, 0},
	{15, 16, 150, 7, 0, "orphan", 15, 0},	     {16, 1, 160, 8, 0, "late", 16, 0},
	{17, 10, 170, 9, 0, "ended", 17, ZT_EXITED},
};

static inline int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	setlocale(LC_CTYPE, "C.UTF-8");
	for (int m = 0; m < M_COUNT; m++)
		f->s.quality[m] = Q_MEASURED;
	f->s.model = model__new(100);
	f->s.duration_ns = SECOND;
	f->s.host = "web-7";
	f->s.kernel = "6.12.117";
	f->r = rates__new();
	f->o = (struct top_order){.sort = TOP_COPY};
	*state = f;
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;

	rates__free(f->r);
	model__free(f->s.model);
	free(f->l.lines);
	free(f);
	return 0;
}

static inline void update(struct fixture *f)
{
	assert_int_equal(model__sum(f->s.model), 0);
	assert_int_equal(rates__update(f->r, &f->s), 0);
}

static inline void populate(struct fixture *f)
{
	for (size_t i = 0; i < N_OF(people); i++) {
		struct zc_record r = {
			.uid = people[i].uid,
			.process = {.tgid = people[i].pid, .start_ns = people[i].start},
			.tid = people[i].tid,
			.ppid = people[i].ppid,
			.flags = people[i].flags,
		};

		r.v[M_TO_USER_FILE] = people[i].bytes;
		memcpy(r.comm, people[i].comm, strlen(people[i].comm));
		if (r.tid == r.process.tgid)
			memcpy(r.leader_comm, people[i].comm, strlen(people[i].comm));
		assert_int_equal(model__add(f->s.model, &r), 0);
	}
	update(f);
}

/* The list as "pid/depth pid/depth ..." */
static inline const char *listed(struct fixture *f)
{
	static char text[512];
	size_t used = 0;

	assert_int_equal(top_rows__order(&f->l, f->r, &f->o), 0);
	*text = '\0';
	for (size_t i = 0; i < f->l.n; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u/%d", i ? " " : "",
					 f->l.lines[i].row->pid, f->l.lines[i].depth);
	return text;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

#endif
