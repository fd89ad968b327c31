/* SPDX-License-Identifier: GPL-2.0-only */
/* test_rates.c - what happened between snapshots, and who it belongs to when processes come, go and fold. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rates.h"

#define SECOND 1000000000ULL

struct fixture {
	struct snapshot s;
	struct rates *r;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	for (int m = 0; m < M_COUNT; m++)
		f->s.quality[m] = Q_MEASURED;
	f->s.model = model__new(1);
	f->r = rates__new();
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	rates__free(f->r);
	model__free(f->s.model);
	free(f);
	return 0;
}

/* A record of thread `uid` of process pid, started at `start`, that has made so many system calls. */
static void add(struct fixture *f, uint32_t pid, uint64_t start, uint64_t uid, uint64_t calls, uint32_t flags)
{
	struct zc_record r = {
		.uid = uid, .process = {.tgid = pid, .start_ns = start}, .tid = pid, .ppid = 1, .flags = flags};

	r.v[M_SYSCALLS] = calls;
	strcpy(r.comm, "x");
	strcpy(r.leader_comm, "x");
	assert_int_equal(model__add(f->s.model, &r), 0);
}

static void pass_time(struct fixture *f, uint64_t ns)
{
	f->s.duration_ns += ns;
	assert_int_equal(model__sum(f->s.model), 0);
	assert_int_equal(rates__update(f->r, &f->s), 0);
	assert_int_equal(rates__backwards(f->r), 0);
}

static const struct rates_row *row_of(struct fixture *f, enum rates_kind kind, uint32_t pid, uint64_t start)
{
	struct rates_row like = {.kind = kind, .id = {.tgid = pid, .start_ns = start}, .comm = "x"};
	const struct rates_row *const *rows;
	size_t n;

	if (kind == RATES_FOLD) { /* there is one at most */
		rows = rates__rows(f->r, &n);
		for (size_t i = 0; i < n; i++)
			if (rows[i]->kind == RATES_FOLD)
				like = *rows[i];
	}
	return rates__find(f->r, &like);
}

static uint64_t calls_of(const struct rates_row *row, enum rates_period period)
{
	uint64_t v[M_COUNT];

	assert_non_null(row);
	rates__values(row, period, v);
	return v[M_SYSCALLS];
}

static void step_and_total(void **state)
{
	struct fixture *f = *state;
	const struct rates_row *row;

	add(f, 7, 1, 70, 100, 0);
	pass_time(f, SECOND);
	row = row_of(f, RATES_PROCESS, 7, 1);
	assert_int_equal(calls_of(row, RATES_STEP), 100); /* it began within the interval */
	add(f, 7, 1, 70, 130, 0);
	pass_time(f, 2 * SECOND);
	row = row_of(f, RATES_PROCESS, 7, 1);
	assert_int_equal(calls_of(row, RATES_STEP), 30);
	assert_int_equal(calls_of(row, RATES_TOTAL), 130);
	assert_int_equal(rates__span_ns(f->r, RATES_STEP), 2 * SECOND);
	assert_int_equal(rates__span_ns(f->r, RATES_TOTAL), 3 * SECOND);
	pass_time(f, SECOND);
	assert_int_equal(calls_of(row_of(f, RATES_PROCESS, 7, 1), RATES_STEP), 0);
}

static void per_second_is_rounded(void **state)
{
	(void)state;
	assert_int_equal(rates__per_second(30, 2 * SECOND), 15);
	assert_int_equal(rates__per_second(1, 3 * SECOND), 0);
	assert_int_equal(rates__per_second(2, 3 * SECOND), 1);
	assert_int_equal(rates__per_second(5, 0), 0);
	assert_true(rates__per_second(UINT64_MAX, SECOND) == UINT64_MAX);
}

static void base_line(void **state)
{
	struct fixture *f = *state;

	add(f, 7, 1, 70, 100, 0);
	pass_time(f, SECOND);
	rates__rebase(f->r);
	assert_int_equal(calls_of(row_of(f, RATES_PROCESS, 7, 1), RATES_TOTAL), 0);
	assert_int_equal(calls_of(rates__machine(f->r), RATES_TOTAL), 0);
	assert_int_equal(calls_of(row_of(f, RATES_PROCESS, 7, 1), RATES_STEP), 100);
	add(f, 7, 1, 70, 105, 0);
	add(f, 8, 2, 80, 9, 0);
	pass_time(f, SECOND);
	assert_int_equal(calls_of(row_of(f, RATES_PROCESS, 7, 1), RATES_TOTAL), 5);
	assert_int_equal(calls_of(row_of(f, RATES_PROCESS, 8, 2), RATES_TOTAL), 9);
	assert_int_equal(calls_of(rates__machine(f->r), RATES_TOTAL), 14);
	assert_int_equal(rates__span_ns(f->r, RATES_TOTAL), SECOND);
}

static void pids_are_used_again(void **state)
{
	struct fixture *f = *state;

	add(f, 7, 1, 70, 100, ZT_EXITED);
	pass_time(f, SECOND);
	add(f, 7, 2, 71, 3, 0);
	pass_time(f, SECOND);
	assert_int_equal(calls_of(row_of(f, RATES_PROCESS, 7, 1), RATES_STEP), 0);
	assert_int_equal(calls_of(row_of(f, RATES_PROCESS, 7, 2), RATES_STEP), 3);
}

static void threads_follow_their_uid(void **state)
{
	struct fixture *f = *state;
	struct rates_row like = {.kind = RATES_THREAD, .uid = 71};
	const struct rates_row *const *rows;
	size_t n;

	add(f, 7, 1, 70, 100, 0);
	add(f, 7, 1, 71, 50, 0);
	pass_time(f, SECOND);
	add(f, 7, 1, 71, 60, 0);
	pass_time(f, SECOND);
	assert_int_equal(calls_of(rates__find(f->r, &like), RATES_STEP), 10);
	assert_int_equal(calls_of(row_of(f, RATES_PROCESS, 7, 1), RATES_STEP), 10);
	rows = rates__rows(f->r, &n);
	assert_int_equal(n, 4); /* the system line, the process, two threads */
	assert_int_equal(rows[0]->kind, RATES_SYSTEM);
	assert_int_equal(rows[1]->kind, RATES_PROCESS);
	assert_int_equal(rows[2]->kind, RATES_THREAD);
	assert_int_equal(rows[1]->n_threads, 2);
}

/* The model keeps one ended process by name here. */
static void a_fold_takes_the_past_along(void **state)
{
	struct fixture *f = *state;

	add(f, 7, 1, 70, 100, 0);
	pass_time(f, SECOND);
	rates__rebase(f->r);
	add(f, 7, 1, 70, 110, ZT_EXITED);
	pass_time(f, SECOND);
	add(f, 8, 2, 80, 4, ZT_EXITED);
	pass_time(f, SECOND);
	assert_null(row_of(f, RATES_PROCESS, 7, 1));
	assert_int_equal(calls_of(row_of(f, RATES_FOLD, 0, 0), RATES_STEP), 0);
	assert_int_equal(calls_of(row_of(f, RATES_FOLD, 0, 0), RATES_TOTAL), 10);
	/* one that did its last work since the snapshot before, and one that came and went between two */
	add(f, 9, 3, 90, 1000, ZT_EXITED);
	add(f, 10, 4, 100, 7, ZT_EXITED);
	pass_time(f, SECOND);
	assert_int_equal(calls_of(row_of(f, RATES_FOLD, 0, 0), RATES_STEP) +
				 calls_of(row_of(f, RATES_PROCESS, 9, 3) ? row_of(f, RATES_PROCESS, 9, 3)
									 : row_of(f, RATES_PROCESS, 10, 4),
					  RATES_STEP),
			 1007);
	assert_int_equal(calls_of(rates__machine(f->r), RATES_STEP), 1007);
	assert_int_equal(calls_of(rates__machine(f->r), RATES_TOTAL), 1021);
}

/* Folds that go to the one of the others take their past along: nothing goes back, and steps add up. */
static void folds_that_are_folded_take_the_past_along(void **state)
{
	struct fixture *f = *state;
	uint64_t steps = 0, all = 0;
	uint32_t pid = 1;

	for (int round = 0; round < 20; round++) {
		for (uint32_t i = 0; i < 307; i++, pid++) {
			struct zc_record r = {.uid = pid,
					      .process = {.tgid = pid, .start_ns = pid},
					      .flags = ZT_EXITED};

			/* some names come again when their fold is gone */
			snprintf(r.comm, sizeof(r.comm), "n%u", i < 50 ? i : pid);
			memcpy(r.leader_comm, r.comm, sizeof(r.comm));
			r.v[M_SYSCALLS] = pid % 11;
			all += pid % 11;
			assert_int_equal(model__add(f->s.model, &r), 0);
		}
		pass_time(f, SECOND);
		steps += calls_of(rates__machine(f->r), RATES_STEP);
	}
	assert_int_equal(steps, all);
	assert_int_equal(calls_of(rates__machine(f->r), RATES_TOTAL), all);
}

static void what_goes_back_is_told(void **state)
{
	struct fixture *f = *state;

	add(f, 7, 1, 70, 100, 0);
	pass_time(f, SECOND);
	model__free(f->s.model);
	f->s.model = model__new(1);
	add(f, 7, 1, 70, 40, 0);
	assert_int_equal(model__sum(f->s.model), 0);
	assert_int_equal(rates__update(f->r, &f->s), 0);
	assert_int_equal(rates__backwards(f->r), 2); /* the thread's and the process's */
	assert_int_equal(calls_of(row_of(f, RATES_PROCESS, 7, 1), RATES_STEP), 0);
}

static void qualities_are_of_the_process(void **state)
{
	struct fixture *f = *state;

	f->s.hook[H_COPY_OTHER].by = "hardware breakpoint";
	add(f, 7, 1, 70, 1, ZT_LEAF_OFF);
	add(f, 8, 2, 80, 1, 0);
	pass_time(f, SECOND);
	assert_int_equal(row_of(f, RATES_PROCESS, 7, 1)->quality[M_TO_USER_OTHER], Q_NONE);
	assert_int_equal(row_of(f, RATES_PROCESS, 8, 2)->quality[M_TO_USER_OTHER], Q_MEASURED);
}

/* Whatever comes, goes and folds: steps add up to totals, and rows to the machine. */
static void nothing_is_lost_or_made(void **state)
{
	struct fixture *f = *state;
	uint64_t calls[40] = {0}, steps = 0, all = 0;
	unsigned int dice = 1;

	for (int round = 0; round < 400; round++) {
		const struct rates_row *const *rows;
		uint64_t sum = 0;
		size_t n;

		for (uint32_t i = 0; i < N_OF(calls); i++) {
			dice = dice * 1103515245 + 12345;
			if (calls[i] > 900 || dice >> 16 & 1)
				continue;
			calls[i] += dice >> 18 & 63;
			add(f, 100 + i, 1, i, calls[i], calls[i] > 900 ? ZT_EXITED : 0);
		}
		pass_time(f, SECOND);
		steps += calls_of(rates__machine(f->r), RATES_STEP);
		rows = rates__rows(f->r, &n);
		for (size_t i = 0; i < n; i++)
			if (rows[i]->kind != RATES_THREAD)
				sum += calls_of(rows[i], RATES_STEP);
		assert_int_equal(sum, calls_of(rates__machine(f->r), RATES_STEP));
	}
	for (uint32_t i = 0; i < N_OF(calls); i++)
		all += calls[i];
	assert_int_equal(steps, all);
	assert_int_equal(calls_of(rates__machine(f->r), RATES_TOTAL), all);
	assert_true(row_of(f, RATES_FOLD, 0, 0)->folded > 30);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(step_and_total),
		TEST(per_second_is_rounded),
		TEST(base_line),
		TEST(pids_are_used_again),
		TEST(threads_follow_their_uid),
		TEST(a_fold_takes_the_past_along),
		TEST(folds_that_are_folded_take_the_past_along),
		TEST(what_goes_back_is_told),
		TEST(qualities_are_of_the_process),
		TEST(nothing_is_lost_or_made),
	};

	return RUN_TESTS(tests);
}
