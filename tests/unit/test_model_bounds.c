/* SPDX-License-Identifier: GPL-2.0-only */
/* test_model_bounds.c - what the model lets go of when there is too much of it, and that it stays counted. */
#include "model_fixture.h"
#include "views.h"

size_t __sanitizer_get_current_allocated_bytes(void); /* of the sanitizer, which these tests are built with */

/* Bytes that are allocated. */
static size_t heap(void)
{
	return __sanitizer_get_current_allocated_bytes();
}

static int n_rows(struct model *m)
{
	const struct model_process **list;
	int n = model__list(m, M_COUNT, &list);

	free(list);
	return n;
}

/* Storms of names: folds are bounded, what copied most keeps its own, and the sum is what it was. */
static void folds_are_bounded(void **state)
{
	enum { NAMES = 20011 };
	struct model_process *before = NULL, like = {.id.tgid = 7, .folded = 1, .cgroup = 7};
	const struct model_process **list;
	struct model *m = model__new(0);
	int n;

	(void)state;
	give(m, record(1, 1, 1, ZT_EXITED, "backup"), M_TO_USER_FILE, 1 << 30);
	give(m, record(2, 2, 2, ZT_EXITED, "small"), M_TO_USER_FILE, 1);
	assert_int_equal(model__sum(m), 0);
	n = model__list(m, M_COUNT, &list);
	assert_int_equal(n, 2);
	before = malloc(sizeof(*before));
	*before = *list[1];
	free(list);
	for (uint32_t i = 3; i <= NAMES; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%u", i);
		give(m, record(i, i, i, ZT_EXITED, name), M_TO_USER_FILE, 2);
		if (i % 97 == 0)
			assert_int_equal(model__sum(m), 0);
	}
	assert_int_equal(model__sum(m), 0);
	assert_in_range(n_rows(m), 700, MODEL_FOLDS_MAX + 1);
	assert_int_equal(model__n_folded(m), NAMES);
	assert_int_equal(machine(m, M_TO_USER_FILE), (1 << 30) + 1 + 2 * (NAMES - 2));
	strcpy(like.comm, "backup");
	assert_int_equal(model__find(m, &like)->v[M_TO_USER_FILE], 1 << 30);
	/* whoever has seen the fold finds it in the others, also when there is another of its name */
	assert_true(model__is_other(model__find(m, before)));
	give(m, record(NAMES + 1, 2, NAMES + 1, ZT_EXITED, "small"), M_TO_USER_FILE, 5);
	assert_int_equal(model__sum(m), 0);
	assert_true(model__is_other(model__find(m, before)));
	strcpy(like.comm, "small");
	assert_int_equal(model__find(m, &like)->v[M_TO_USER_FILE], 5);
	/* late: a thread of a process whose fold went to the others */
	give(m, record(2, 2, 2, ZT_EXITED, "small"), M_TO_USER_FILE, 1);
	give(m, record(NAMES + 2, 2, 2, ZT_EXITED, "small"), M_TO_USER_FILE, 3);
	give(m, record(NAMES + 2, 2, 2, ZT_EXITED, "small"), M_TO_USER_FILE, 3);
	assert_int_equal(model__sum(m), 0);
	assert_int_equal(machine(m, M_TO_USER_FILE), (1 << 30) + 1 + 2 * (NAMES - 2) + 5 + 3);
	free(before);
	model__free(m);
}

/* Owner work with a uid of its own: several of a process add up, the last word of one is its end. */
static void owner_work_ends(void **state)
{
	struct model *m = model__new(0);

	(void)state;
	give(m, record(1, 42, 42, 0, "a"), M_DMA_DISK_WRITE, 1);
	give(m, record(1, 0, 42, ZT_OWNER, "a"), M_DMA_DISK_WRITE, 10);
	give(m, record(1, 0, 42, ZT_OWNER, "a"), M_DMA_DISK_WRITE, 20);
	give(m, record(1, 0, 42, ZT_OWNER | ZT_EXITED, "a"), M_DMA_DISK_WRITE, 30);
	give(m, record(2, 0, 42, ZT_OWNER, "a"), M_DMA_DISK_WRITE, 100); /* begins at 0 again */
	assert_int_equal(only(m)->v[M_DMA_DISK_WRITE], 131);
	assert_false(only(m)->flags & ZT_EXITED);
	give(m, record(1, 42, 42, ZT_EXITED, "a"), M_DMA_DISK_WRITE, 2);
	assert_int_equal(only(m)->folded, 1);
	give(m, record(2, 0, 42, ZT_OWNER, "a"), M_DMA_DISK_WRITE, 200);
	give(m, record(2, 0, 42, ZT_OWNER | ZT_EXITED, "a"), M_DMA_DISK_WRITE, 300);
	give(m, record(3, 0, 42, ZT_OWNER | ZT_EXITED, "a"), M_DMA_DISK_WRITE, 1000);
	assert_int_equal(only(m)->v[M_DMA_DISK_WRITE], 1332);
	assert_int_equal(machine(m, M_DMA_DISK_WRITE), 1332);
	model__free(m);
}

/* A process of which no thread was ever heard of ends with the work that was done for it. */
static void a_nameless_process_ends_with_its_owner_work(void **state)
{
	struct model *m = model__new(0);

	(void)state;
	give(m, record(1, 0, 42, ZT_OWNER, "a"), M_DMA_DISK_WRITE, 7);
	assert_int_equal(model__sum(m), 0);
	assert_int_equal(model__n_alive(m), 1);
	give(m, record(1, 0, 42, ZT_OWNER | ZT_EXITED, "a"), M_DMA_DISK_WRITE, 11);
	assert_int_equal(model__sum(m), 0);
	assert_int_equal(model__n_alive(m), 0);
	assert_int_equal(model__n_processes(m), 0);
	assert_int_equal(machine(m, M_DMA_DISK_WRITE), 11);
	model__free(m);
}

/* A process that lives, whose threads come and go: those that ended are bounded, and counted. */
static void ended_threads_are_bounded(void **state)
{
	enum { THREADS = 30011 };
	const struct model_thread **threads;
	struct model *m = model__new(10);
	int n;

	(void)state;
	give(m, record(1, 42, 42, ZT_LEADER, "a"), M_SYSCALLS, 1);
	for (uint32_t i = 2; i <= THREADS; i++) {
		give(m, record(i, 42 + i, 42, ZT_EXITED, "a"), M_SYSCALLS, 2);
		if (i % 997 == 0)
			assert_int_equal(model__sum(m), 0);
	}
	assert_int_equal(only(m)->v[M_SYSCALLS], 1 + 2 * (THREADS - 1));
	assert_int_equal(only(m)->n_threads, THREADS);
	assert_false(only(m)->flags & ZT_EXITED);
	n = model__threads(m, only(m), &threads);
	assert_in_range(n, MODEL_THREADS_ENDED_MAX / 2, MODEL_THREADS_ENDED_MAX + 1);
	assert_int_equal(threads[0]->uid, 1);
	free(threads);
	give(m, record(2, 44, 42, ZT_EXITED, "a"), M_SYSCALLS, 2); /* late */
	give(m, record(1, 42, 42, ZT_LEADER | ZT_EXITED, "a"), M_SYSCALLS, 4);
	assert_int_equal(only(m)->v[M_SYSCALLS], 4 + 2 * (THREADS - 1));
	assert_true(only(m)->flags & ZT_EXITED);
	assert_int_equal(machine(m, M_SYSCALLS), 4 + 2 * (THREADS - 1));
	model__free(m);
}

/* Kernel threads come and go as well. */
static void ended_kernel_threads_are_counted_once(void **state)
{
	struct model *m = model__new(10);
	size_t held;

	(void)state;
	give(m, record(1, 2, 2, ZT_KTHREAD | ZT_EXITED, "kworker/0:1"), M_CACHE_EVICTED, 3);
	held = heap();
	for (uint32_t i = 2; i <= 4001; i++) {
		give(m, record(i, 1 + i, 1 + i, ZT_KTHREAD, "kworker/0:2"), M_CACHE_EVICTED, 2);
		give(m, record(i, 1 + i, 1 + i, ZT_KTHREAD | ZT_EXITED, "kworker/0:2"), M_CACHE_EVICTED, 5);
		give(m, record(i, 1 + i, 1 + i, ZT_KTHREAD, "kworker/0:2"), M_CACHE_EVICTED, 2); /* late */
	}
	assert_int_equal(model__sum(m), 0);
	assert_int_equal(model__system(m)[M_CACHE_EVICTED], 3 + 5 * 4000);
	assert_true(heap() - held < 4000 * 200); /* their numbers only */
	model__free(m);
}

/* A figure of the total of a table, as it is printed. */
static void check_total(const struct snapshot *now, const struct snapshot *before, const char *want)
{
	struct view_opts o = {.sort = M_COUNT, .limit = 3};
	char *text = NULL, *row, figure[16] = "";
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(view_table(out, now, before, &o), 0);
	fclose(out);
	row = strstr(text, " total");
	assert_non_null(row);
	assert_int_equal(sscanf(row, " total %15s", figure), 1);
	assert_string_equal(figure, want);
	free(text);
}

/* Of more processes than there are graves, one that had much before: an interval has none of it, wherever it went. */
static void what_an_interval_adds_is_without_graves(void **state)
{
	enum { ENDED = 80000 };
	struct snapshot before = {.duration_ns = 1}, now = {.duration_ns = 2};
	struct model *m = model__new(10000);

	(void)state;
	for (enum metric i = 0; i < M_COUNT; i++)
		before.quality[i] = now.quality[i] = Q_MEASURED;
	give(m, record(1, 1, 1, ZT_LEADER, "big"), M_TO_USER_OTHER, 1000000000);
	give(m, record(2, 2, 2, ZT_LEADER, "other big"), M_TO_USER_OTHER, 1000000000);
	assert_int_equal(model__sum(m), 0);
	before.model = model__copy_sums(m);
	assert_non_null(before.model);
	give(m, record(1, 1, 1, ZT_LEADER | ZT_EXITED, "big"), M_TO_USER_OTHER, 1000000000);
	give(m, record(2, 2, 2, ZT_LEADER | ZT_EXITED, "other big"), M_TO_USER_OTHER, 1000000000);
	assert_int_equal(model__sum(m), 0);
	for (uint32_t i = 3; i < 3 + ENDED; i++) {
		give(m, record(i, i, i, ZT_LEADER | ZT_EXITED, i % 2 ? "small" : "big"), M_TO_USER_OTHER, 7);
		if (i % 9973 == 0)
			assert_int_equal(model__sum(m), 0);
	}
	assert_int_equal(model__sum(m), 0);
	assert_null(model__find(m, &(struct model_process){.id = {.tgid = 1, .start_ns = 1001}}));
	now.model = m;
	check_total(&now, &before, "547K"); /* 7 * ENDED */
	model__free(before.model);
	model__free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folds_are_bounded),
		cmocka_unit_test(owner_work_ends),
		cmocka_unit_test(a_nameless_process_ends_with_its_owner_work),
		cmocka_unit_test(ended_threads_are_bounded),
		cmocka_unit_test(ended_kernel_threads_are_counted_once),
		cmocka_unit_test(what_an_interval_adds_is_without_graves),
	};

	return RUN_TESTS(tests);
}
