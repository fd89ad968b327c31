/* SPDX-License-Identifier: GPL-2.0-only */
/* test_model.c - merge, exec, owners, system line, folds, order, and that nothing is counted twice or lost. */
#include "model_fixture.h"

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
		cmocka_unit_test(rows_have_an_order),
		cmocka_unit_test(a_copy_stands_still),
		cmocka_unit_test(order_and_repetition_do_not_matter),
	};

	return RUN_TESTS(tests);
}
