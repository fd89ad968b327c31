/* SPDX-License-Identifier: GPL-2.0-only */
/* test_model.c - merge, exec, owners, system line, folds, order, and that nothing is counted twice or lost. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

static struct zc_record record(uint64_t uid, uint32_t tid, uint32_t tgid, uint32_t flags, const char *comm)
{
	struct zc_record r = {.uid = uid, .tid = tid, .flags = ZT_TRACED | flags, .cgroup = 7, .ppid = 1};

	r.process = (struct zc_owner){.tgid = tgid, .start_ns = 1000 + tgid};
	snprintf(r.comm, sizeof(r.comm), "%s", comm);
	snprintf(r.leader_comm, sizeof(r.leader_comm), "%s", comm);
	return r;
}

static void give(struct model *m, struct zc_record r, enum metric metric, uint64_t v)
{
	r.v[metric] = v;
	assert_int_equal(model__add(m, &r), 0);
}

size_t __sanitizer_get_current_allocated_bytes(void); /* of the sanitizer, which these tests are built with */

/* Bytes that are allocated. */
static size_t heap(void)
{
	return __sanitizer_get_current_allocated_bytes();
}

/* The only process, after summing. */
static const struct model_process *only(struct model *m)
{
	const struct model_process **list, *p;

	assert_int_equal(model__sum(m), 0);
	assert_int_equal(model__list(m, M_COUNT, &list), 1);
	p = list[0];
	free(list);
	return p;
}

static uint64_t machine(struct model *m, enum metric metric)
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

static void the_larger_value_holds(void **state)
{
	struct model *m = model__new(10);

	(void)state;
	give(m, record(1, 42, 42, ZT_LEADER, "new"), M_SYSCALLS, 10);
	give(m, record(1, 42, 42, ZT_LEADER, "old"), M_SYSCALLS, 4); /* late */
	give(m, record(2, 43, 42, 0, "new"), M_SYSCALLS, 5);
	assert_int_equal(only(m)->v[M_SYSCALLS], 15);
	assert_string_equal(only(m)->comm, "new");
	assert_int_equal(only(m)->n_threads, 2);
	assert_int_equal(only(m)->v[M_SYSCALLS], 15); /* summing again changes nothing */
	model__free(m);
	model__free(NULL);
}

static void exec_changes_the_tid_only(void **state)
{
	struct model *m = model__new(10);
	const struct model_thread **threads;

	(void)state;
	give(m, record(1, 42, 42, ZT_LEADER, "before"), M_SYSCALLS, 10);
	give(m, record(2, 43, 42, 0, "before"), M_SYSCALLS, 5);
	/* thread 43 calls exec: the leader dies, 43 takes its tid */
	give(m, record(1, 42, 42, ZT_LEADER | ZT_EXITED, "before"), M_SYSCALLS, 11);
	give(m, record(2, 42, 42, ZT_LEADER, "after"), M_SYSCALLS, 9);
	assert_int_equal(only(m)->v[M_SYSCALLS], 20);
	assert_string_equal(only(m)->comm, "after");
	assert_false(only(m)->flags & ZT_EXITED);
	assert_int_equal(model__threads(m, only(m), &threads), 2);
	assert_int_equal(threads[0]->tid, 42);
	assert_int_equal(threads[1]->tid, 42);
	assert_int_equal(threads[1]->uid, 2);
	free(threads);
	model__free(m);
}

static void a_reused_pid_is_another_process(void **state)
{
	struct zc_record again = record(2, 42, 42, ZT_LEADER, "b");
	struct model *m = model__new(10);

	(void)state;
	give(m, record(1, 42, 42, ZT_LEADER | ZT_EXITED, "a"), M_SYSCALLS, 1);
	again.process.start_ns++;
	give(m, again, M_SYSCALLS, 2);
	assert_int_equal(model__sum(m), 0);
	assert_int_equal(model__n_processes(m), 2);
	model__free(m);
}

static void owner_work_adds_to_its_process(void **state)
{
	struct model *m = model__new(10);
	struct zc_record owner = record(0, 0, 42, ZT_OWNER, "");

	(void)state;
	snprintf(owner.leader_comm, sizeof(owner.leader_comm), "writer");
	owner.process.pad = 99; /* is no part of the identity */
	give(m, owner, M_DMA_DISK_WRITE, 4096);
	assert_string_equal(only(m)->comm, "writer"); /* made, though no thread was seen */
	assert_int_equal(only(m)->n_threads, 0);
	assert_false(only(m)->flags & ZT_EXITED);
	give(m, record(1, 42, 42, ZT_LEADER | ZT_EXITED, "xfer"), M_DMA_DISK_WRITE, 100);
	give(m, owner, M_DMA_DISK_WRITE, 8192);
	assert_int_equal(only(m)->v[M_DMA_DISK_WRITE], 8292);
	assert_string_equal(only(m)->comm, "xfer");
	assert_int_equal(only(m)->n_threads, 1);
	assert_true(only(m)->flags & ZT_EXITED); /* by its threads */
	model__free(m);
}

static void what_has_no_owner_is_the_system_line(void **state)
{
	uint64_t source[M_COUNT] = {[M_HARDIRQS] = 100};
	struct zc_record nobody = record(5, 0, 0, ZT_OWNER, "");
	struct model *m = model__new(10);

	(void)state;
	give(m, record(1, 2, 2, ZT_KTHREAD, "kswapd0"), M_CACHE_EVICTED, 3);
	give(m, nobody, M_DMA_NET_RX, 66);
	give(m, record(7, 1, 42, ZT_UNATTRIBUTED, ""), M_SYSCALLS, 10);
	give(m, record(7, 2, 42, ZT_UNATTRIBUTED, ""), M_SYSCALLS, 20);
	give(m, record(7, 1, 42, ZT_UNATTRIBUTED, ""), M_SYSCALLS, 9);
	assert_int_equal(model__set_system(m, 1, source), 0);
	source[M_HARDIRQS] = 120;
	assert_int_equal(model__set_system(m, 1, source), 0);
	source[M_HARDIRQS] = 7;
	assert_int_equal(model__set_system(m, 2, source), 0);
	assert_int_equal(model__sum(m), 0);
	assert_int_equal(model__n_processes(m), 0);
	assert_int_equal(model__system(m)[M_CACHE_EVICTED], 3);
	assert_int_equal(model__system(m)[M_DMA_NET_RX], 66);
	assert_int_equal(model__system(m)[M_SYSCALLS], 30);
	assert_int_equal(model__system(m)[M_HARDIRQS], 127);
	model__free(m);
}

static void ended_means_every_thread(void **state)
{
	struct model *m = model__new(10);

	(void)state;
	give(m, record(1, 42, 42, ZT_LEADER | ZT_EXITED, "a"), M_SYSCALLS, 1);
	give(m, record(2, 43, 42, ZT_EXEC_SUID, "a"), M_SYSCALLS, 1);
	assert_false(only(m)->flags & ZT_EXITED);
	assert_true(only(m)->flags & ZT_EXEC_SUID);
	give(m, record(2, 43, 42, ZT_EXITED, "a"), M_SYSCALLS, 2);
	give(m, record(2, 43, 42, 0, "a"), M_SYSCALLS, 1); /* late: does not bring it back to life */
	assert_true(only(m)->flags & ZT_EXITED);
	assert_true(only(m)->flags & ZT_EXEC_SUID);
	model__free(m);
}

static void the_first_ended_are_folded(void **state)
{
	struct model *m = model__new(2);
	const struct model_process **list;
	struct zc_record owner = record(0, 0, 100, ZT_OWNER, "sh");

	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		give(m, record(10 + i, 100 + i, 100 + i, ZT_LEADER | ZT_EXITED, i < 4 ? "sh" : "cc"), M_SYSCALLS, 10);
		assert_int_equal(model__sum(m), 0);
	}
	assert_int_equal(model__n_processes(m), 2);
	assert_int_equal(model__n_folded(m), 3);
	assert_int_equal(model__list(m, M_SYSCALLS, &list), 3);
	assert_int_equal(list[0]->folded, 3);
	assert_int_equal(list[0]->v[M_SYSCALLS], 30);
	assert_int_equal(list[0]->n_threads, 3);
	assert_int_equal(list[1]->id.tgid, 103);
	free(list);
	/* late: a final record again, and the write-back of a process that was folded */
	give(m, record(10, 100, 100, ZT_LEADER | ZT_EXITED, "sh"), M_SYSCALLS, 10);
	give(m, owner, M_DMA_DISK_WRITE, 4096);
	give(m, owner, M_DMA_DISK_WRITE, 8192);
	give(m, owner, M_DMA_DISK_WRITE, 8192);
	give(m, record(99, 199, 100, ZT_EXITED, "sh"), M_SYSCALLS, 5); /* a thread not known before */
	assert_int_equal(model__sum(m), 0);
	assert_int_equal(model__n_processes(m), 2);
	assert_int_equal(machine(m, M_SYSCALLS), 55);
	assert_int_equal(machine(m, M_DMA_DISK_WRITE), 8192);
	model__free(m);
}

static void folds_are_by_comm_and_cgroup(void **state)
{
	struct model *m = model__new(0);
	struct zc_record other = record(3, 102, 102, ZT_EXITED, "sh");
	const struct model_process **list;

	(void)state;
	give(m, record(1, 100, 100, ZT_EXITED, "sh"), M_SYSCALLS, 1);
	give(m, record(2, 101, 101, ZT_EXITED, "cc"), M_SYSCALLS, 2);
	other.cgroup = 8;
	give(m, other, M_SYSCALLS, 4);
	assert_int_equal(model__sum(m), 0);
	assert_int_equal(model__list(m, M_SYSCALLS, &list), 3);
	assert_int_equal(list[0]->cgroup, 8);
	assert_int_equal(list[0]->v[M_SYSCALLS], 4);
	free(list);
	model__free(m);
}

static void owner_work_is_folded_too(void **state)
{
	struct model *m = model__new(0);
	struct zc_record owner = record(0, 0, 100, ZT_OWNER, "sh");

	(void)state;
	give(m, owner, M_DMA_DISK_READ, 4096);
	give(m, record(1, 100, 100, ZT_EXITED, "sh"), M_DMA_DISK_READ, 1);
	assert_int_equal(model__sum(m), 0);
	assert_int_equal(model__n_processes(m), 0);
	give(m, owner, M_DMA_DISK_READ, 5000);
	assert_int_equal(model__sum(m), 0);
	assert_int_equal(machine(m, M_DMA_DISK_READ), 5001);
	assert_int_equal(model__n_processes(m), 0);
	model__free(m);
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
		char name[32];

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

static void rows_have_an_order(void **state)
{
	struct model *m = model__new(10);
	const struct model_process **list;

	(void)state;
	give(m, record(1, 30, 30, 0, "a"), M_SYSCALLS, 5);
	give(m, record(2, 20, 20, 0, "b"), M_SYSCALLS, 5);
	give(m, record(3, 10, 10, 0, "c"), M_SYSCALLS, 1);
	give(m, record(4, 40, 40, 0, "d"), M_TO_USER_FILE, 1);
	assert_int_equal(model__sum(m), 0);
	assert_int_equal(model__list(m, M_SYSCALLS, &list), 4);
	assert_int_equal(list[0]->id.tgid, 20); /* ties by pid */
	assert_int_equal(list[1]->id.tgid, 30);
	assert_int_equal(list[2]->id.tgid, 10);
	free(list);
	assert_int_equal(model__list(m, M_COUNT, &list), 4); /* by CPU-copied bytes */
	assert_int_equal(list[0]->id.tgid, 40);
	assert_int_equal(list[1]->id.tgid, 10);
	free(list);
	model__free(m);
}

static void a_copy_stands_still(void **state)
{
	struct model *m = model__new(1), *before;
	const struct model_process **list;

	(void)state;
	give(m, record(1, 10, 10, ZT_EXITED, "a"), M_SYSCALLS, 5);
	assert_int_equal(model__sum(m), 0);
	before = model__copy_sums(m);
	give(m, record(1, 10, 10, ZT_EXITED, "a"), M_SYSCALLS, 8);
	give(m, record(2, 11, 11, ZT_EXITED, "b"), M_SYSCALLS, 1);
	assert_int_equal(model__sum(m), 0);
	assert_int_equal(model__list(before, M_SYSCALLS, &list), 1);
	assert_int_equal(list[0]->v[M_SYSCALLS], 5);
	assert_int_equal(model__find(m, list[0])->folded, 1); /* folded since, and still to be found */
	assert_int_equal(model__find(m, list[0])->v[M_SYSCALLS], 8);
	free(list);
	model__free(before);
	model__free(m);
}

/* Records of threads that grow and end, in any order, some twice: the machine is the sum of the last ones. */
static void order_and_repetition_do_not_matter(void **state)
{
	enum { THREADS = 300, STEPS = 4 };
	struct zc_record all[THREADS * STEPS];
	uint64_t want = 0;

	(void)state;
	srandom(7);
	for (uint32_t i = 0; i < THREADS * STEPS; i++) {
		uint32_t t = i / STEPS, step = i % STEPS;

		all[i] = record(1 + t, 1000 + t, 1000 + t / 3, step == STEPS - 1 ? ZT_EXITED : 0,
				t % 2 ? "odd" : "even");
		all[i].v[M_SYSCALLS] = 10 * (step + 1) + t;
		if (step == STEPS - 1)
			want += all[i].v[M_SYSCALLS];
	}
	for (uint32_t max_ended = 0; max_ended <= 100; max_ended += 50) {
		struct model *m = model__new(max_ended);

		for (uint32_t i = THREADS * STEPS - 1; i > 0; i--) {
			uint32_t j = (uint32_t)random() % (i + 1);
			struct zc_record swap = all[i];

			all[i] = all[j];
			all[j] = swap;
		}
		for (uint32_t i = 0; i < THREADS * STEPS; i++) {
			assert_int_equal(model__add(m, &all[i]), 0);
			assert_int_equal(model__add(m, &all[(uint32_t)random() % (i + 1)]), 0);
			if (i % 50 == 0)
				assert_int_equal(model__sum(m), 0);
		}
		assert_int_equal(model__sum(m), 0);
		assert_int_equal(machine(m, M_SYSCALLS), want);
		assert_int_equal(model__n_processes(m) + model__n_folded(m), THREADS / 3);
		model__free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_larger_value_holds),
		cmocka_unit_test(exec_changes_the_tid_only),
		cmocka_unit_test(a_reused_pid_is_another_process),
		cmocka_unit_test(owner_work_adds_to_its_process),
		cmocka_unit_test(what_has_no_owner_is_the_system_line),
		cmocka_unit_test(ended_means_every_thread),
		cmocka_unit_test(the_first_ended_are_folded),
		cmocka_unit_test(folds_are_by_comm_and_cgroup),
		cmocka_unit_test(owner_work_is_folded_too),
		cmocka_unit_test(folds_are_bounded),
		cmocka_unit_test(owner_work_ends),
		cmocka_unit_test(a_nameless_process_ends_with_its_owner_work),
		cmocka_unit_test(ended_threads_are_bounded),
		cmocka_unit_test(ended_kernel_threads_are_counted_once),
		cmocka_unit_test(rows_have_an_order),
		cmocka_unit_test(a_copy_stands_still),
		cmocka_unit_test(order_and_repetition_do_not_matter),
	};

	return RUN_TESTS(tests);
}
