/* SPDX-License-Identifier: GPL-2.0-only */
/* test_prom_sum.c - Prometheus series: what the model folds, and that no sum ever goes back. */
#include "prom.h"

/* More processes than the model remembers graves for fold between two looks, one of them under another name. */
static void what_the_model_folds_is_followed(void **state)
{
	struct snapshot s = snapshot(1);
	struct prom *p = prom__new(1000, false);

	(void)state;
	give(&s, 1, "sh", 1, M_SYSCALLS, 100);
	give(&s, 2, "sh", 1, M_SYSCALLS, 10);
	look(p, &s, 1);
	give_flags(&s, 1, "late", 2, ZT_EXITED, M_SYSCALLS, 101);
	give_flags(&s, 2, "sh", 1, ZT_EXITED, M_SYSCALLS, 12);
	for (uint32_t i = 3; i < 70000; i++)
		give_flags(&s, i, "storm", 3, ZT_EXITED, M_SYSCALLS, 1);
	look(p, &s, 2);
	assert_int_equal(sum(p, M_SYSCALLS), machine(&s, M_SYSCALLS));
	give_flags(&s, 70001, "late", 2, ZT_EXITED, M_SYSCALLS, 5);
	give_flags(&s, 70002, "sh", 1, ZT_EXITED, M_SYSCALLS, 6);
	give_flags(&s, 70003, "x", 1, ZT_EXITED, M_SYSCALLS, 7);
	look(p, &s, 3);
	assert_int_equal(sum(p, M_SYSCALLS), machine(&s, M_SYSCALLS));
	prom__free(p);
	model__free(s.model);
}

/* The same, all under the names they had: each fold is charged for its own. */
static void whose_grave_is_gone_is_looked_for_by_name(void **state)
{
	struct snapshot s = snapshot(1);
	struct prom *p = prom__new(1000, false);

	(void)state;
	give(&s, 1, "sh", 3, M_SYSCALLS, 100);
	look(p, &s, 1);
	give_flags(&s, 1, "sh", 3, ZT_EXITED, M_SYSCALLS, 101);
	for (uint32_t i = 2; i < 70002; i++)
		give_flags(&s, i, "storm", 1, ZT_EXITED, M_SYSCALLS, 1);
	look(p, &s, 2);
	assert_int_equal(line(p, "comm=\"sh\",cgroup=\"/c\"", M_SYSCALLS), 101);
	assert_int_equal(line(p, "comm=\"storm\",cgroup=\"/a\"", M_SYSCALLS), 70000);
	prom__free(p);
	model__free(s.model);
}

/* Storms of names and cgroups: what the model folds together is followed, and what finds no room is bounded. */
static void a_storm_of_names_is_followed(void **state)
{
	enum { ROUNDS = 30, NAMES = 1009 };
	struct snapshot s = snapshot(100);
	struct prom *p = prom__new(1000, false);
	uint64_t last = 0, n_dropped;

	(void)state;
	give(&s, 1, "lives", 1, M_SYSCALLS, 1);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		for (uint32_t i = 0; i < NAMES; i++) {
			uint32_t pid = 10 + round * NAMES + i;
			char name[16];

			snprintf(name, sizeof(name), "n%u", i % 2 ? i : pid); /* half of them come again and again */
			give_flags(&s, pid, name, 1 + pid % 3, ZT_EXITED, M_SYSCALLS, 1 + pid % 7);
		}
		give(&s, 1, "lives", 1, M_SYSCALLS, 2 + round);
		look(p, &s, 1 + round);
		assert_int_equal(sum(p, M_SYSCALLS), machine(&s, M_SYSCALLS));
		assert_true(sum(p, M_SYSCALLS) > last);
		last = sum(p, M_SYSCALLS);
	}
	assert_int_equal(line(p, "comm=\"lives\",cgroup=\"/a\"", M_SYSCALLS), ROUNDS + 1);
	assert_true(prom__n_groups(p) <= 1000 + 1000);
	n_dropped = prom__n_dropped(p);
	assert_true(n_dropped > 1000);
	look(p, &s, 1 + ROUNDS);
	assert_int_equal(prom__n_dropped(p), n_dropped);
	prom__free(p);
	model__free(s.model);
}

struct walk {
	struct snapshot s;
	struct prom *one, *two; /* looked at by one server, by two */
	uint64_t last_one, last_two;
	uint64_t value[64][2];
	uint32_t pid[64]; /* of the process in this slot */
	uint64_t at;
};

static const enum metric walked[] = {M_SYSCALLS, M_TO_USER_FILE};

static void walk_record(struct walk *w, uint32_t slot, uint32_t flags)
{
	char comm[16];

	snprintf(comm, sizeof(comm), "job%d", rand() % 30);
	for (size_t i = 0; i < N_OF(walked); i++) {
		w->value[slot][i] += (uint64_t)(rand() % 5);
		give_flags(&w->s, w->pid[slot], comm, (uint64_t)(rand() % 4), flags, walked[i], w->value[slot][i]);
	}
}

static void walk_look(struct walk *w, struct prom *p, uint64_t *last)
{
	look(p, &w->s, w->at);
	for (size_t i = 0; i < N_OF(walked); i++)
		assert_int_equal(sum(p, walked[i]), machine(&w->s, walked[i]));
	assert_true(prom__n_lines(p) <= prom__max_lines(p));
	assert_true(sum(p, M_SYSCALLS) >= *last);
	*last = sum(p, M_SYSCALLS);
}

static void walk_step(struct walk *w, uint32_t *next_pid)
{
	uint32_t slot = (uint32_t)(rand() % 64);
	uint64_t v[M_COUNT] = {[M_SYSCALLS] = w->at / MINUTE};

	switch (rand() % 6) {
	case 0: /* ends, and another takes its place */
		walk_record(w, slot, ZT_EXITED);
		w->pid[slot] = ++*next_pid;
		memset(w->value[slot], 0, sizeof(w->value[slot]));
		break;
	case 1:
		w->at += (uint64_t)(rand() % 100) * MINUTE / 100;
		model__set_system(w->s.model, 0, v);
		break;
	case 2:
		walk_look(w, w->one, &w->last_one);
		walk_look(w, w->two, &w->last_two);
		break;
	case 3:
		walk_look(w, w->two, &w->last_two);
		break;
	default:
		walk_record(w, slot, rand() % 20 ? 0 : ZT_OWNER);
	}
}

static void no_sum_goes_back_whatever_happens(void **state)
{
	(void)state;
	for (unsigned int seed = 1; seed <= 6; seed++) {
		bool pids = seed % 2;
		struct walk w = {.s = snapshot(20)};
		uint32_t next_pid = 64;

		srand(seed);
		w.one = prom__new(seed < 4 ? 100 : 100000, pids);
		w.two = prom__new(seed < 4 ? 100 : 100000, pids);
		for (uint32_t i = 0; i < 64; i++)
			w.pid[i] = i + 1;
		for (int i = 0; i < 3000; i++)
			walk_step(&w, &next_pid);
		walk_look(&w, w.one, &w.last_one);
		walk_look(&w, w.two, &w.last_two);
		for (enum metric m = 0; m < M_COUNT; m++)
			assert_int_equal(sum(w.one, m), sum(w.two, m));
		assert_true(prom__n_dropped(w.two) > 0 || seed >= 4);
		prom__free(w.one);
		prom__free(w.two);
		model__free(w.s.model);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_model_folds_is_followed),
		cmocka_unit_test(whose_grave_is_gone_is_looked_for_by_name),
		cmocka_unit_test(a_storm_of_names_is_followed),
		cmocka_unit_test(no_sum_goes_back_whatever_happens),
	};

	return RUN_TESTS(tests);
}
