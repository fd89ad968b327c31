/* SPDX-License-Identifier: GPL-2.0-only */
/* test_prom.c - Prometheus series: each increase once, names, the end, the cap. */
#include "prom.h"

static void each_increase_is_taken_once(void **state)
{
	struct snapshot s = snapshot(10);
	struct prom *p = prom__new(1000, false);

	(void)state;
	give(&s, 1, "nginx", 1, M_SYSCALLS, 10);
	give(&s, 2, "nginx", 1, M_SYSCALLS, 5);
	give(&s, 3, "nginx", 2, M_SYSCALLS, 7);
	look(p, &s, 1);
	look(p, &s, 2);
	assert_int_equal(line(p, "comm=\"nginx\",cgroup=\"/a\"", M_SYSCALLS), 15);
	assert_int_equal(line(p, "comm=\"nginx\",cgroup=\"/b\"", M_SYSCALLS), 7);
	assert_int_equal(line(p, "comm=\"nginx\",cgroup=\"/b\"", M_FSYNCS), -1); /* 0 for ever is no line */
	assert_int_equal(line(p, "comm=\"system\",cgroup=\"\"", M_FSYNCS), 0);	 /* but there */
	give(&s, 1, "nginx", 1, M_SYSCALLS, 11);
	look(p, &s, 3);
	assert_int_equal(line(p, "comm=\"nginx\",cgroup=\"/a\"", M_SYSCALLS), 16);
	assert_int_equal(prom__n_lines(p), 2);
	prom__free(p);
	prom__free(NULL);
	model__free(s.model);
}

static void a_changed_name_takes_what_comes_later(void **state)
{
	struct snapshot s = snapshot(10);
	struct prom *p = prom__new(1000, false);

	(void)state;
	give(&s, 1, "sh", 1, M_SYSCALLS, 10);
	look(p, &s, 1);
	give(&s, 1, "nginx", 2, M_SYSCALLS, 12);
	look(p, &s, 2);
	assert_int_equal(line(p, "comm=\"sh\",cgroup=\"/a\"", M_SYSCALLS), 10);
	assert_int_equal(line(p, "comm=\"nginx\",cgroup=\"/b\"", M_SYSCALLS), 2);
	look(p, &s, 2 + 10 * MINUTE); /* nobody is called sh any more */
	assert_int_equal(line(p, "comm=\"sh\",cgroup=\"/a\"", M_SYSCALLS), -1);
	assert_int_equal(line(p, "comm=\"ended\",cgroup=\"/a\"", M_SYSCALLS), 10);
	assert_int_equal(line(p, "comm=\"nginx\",cgroup=\"/b\"", M_SYSCALLS), 2);
	prom__free(p);
	model__free(s.model);
}

static void nobodys_work_is_the_system_line(void **state)
{
	struct snapshot s = snapshot(10);
	struct prom *p = prom__new(1000, false);
	uint64_t v[M_COUNT] = {[M_HARDIRQS] = 3};

	(void)state;
	model__set_system(s.model, 0, v);
	give_flags(&s, 1, "kworker/0:1", 0, ZT_KTHREAD, M_HARDIRQS, 4);
	give(&s, 2, "system", 0, M_HARDIRQS, 50);
	look(p, &s, 1);
	assert_int_equal(line(p, "comm=\"system\",cgroup=\"\"", M_HARDIRQS), 7);
	assert_int_equal(line(p, "comm=\"\\\\x73ystem\",cgroup=\"\"", M_HARDIRQS), 50);
	assert_int_equal(sum(p, M_HARDIRQS), 57);
	prom__free(p);
	model__free(s.model);
}

static void the_ended_fold_ten_minutes_later_in_one_step(void **state)
{
	struct snapshot s = snapshot(10);
	struct prom *p = prom__new(1000, false);

	(void)state;
	give(&s, 1, "job", 1, M_SYSCALLS, 10);
	give(&s, 1, "job", 1, M_FSYNCS, 3);
	give(&s, 2, "job", 1, M_SYSCALLS, 20);
	give(&s, 3, "job", 2, M_SYSCALLS, 40);
	look(p, &s, MINUTE);
	end(&s, 1, "job", 1);
	end(&s, 3, "job", 2);
	look(p, &s, 2 * MINUTE);
	look(p, &s, 12 * MINUTE - 1);
	assert_int_equal(line(p, "comm=\"job\",cgroup=\"/b\"", M_SYSCALLS), 40);
	look(p, &s, 12 * MINUTE);
	assert_int_equal(line(p, "comm=\"job\",cgroup=\"/b\"", M_SYSCALLS), -1);
	assert_int_equal(line(p, "comm=\"ended\",cgroup=\"/b\"", M_SYSCALLS), 40);
	assert_int_equal(line(p, "comm=\"job\",cgroup=\"/a\"", M_SYSCALLS), 30); /* 2 lives */
	end(&s, 2, "job", 1);
	look(p, &s, 13 * MINUTE);
	look(p, &s, 23 * MINUTE);
	assert_int_equal(line(p, "comm=\"job\",cgroup=\"/a\"", M_SYSCALLS), -1);
	assert_int_equal(line(p, "comm=\"ended\",cgroup=\"/a\"", M_SYSCALLS), 30);
	assert_int_equal(line(p, "comm=\"ended\",cgroup=\"/a\"", M_FSYNCS), 3);
	assert_int_equal(sum(p, M_SYSCALLS), 70);
	give(&s, 4, "job", 1, M_SYSCALLS, 5);			/* one of that name again */
	give_flags(&s, 1, "job", 1, ZT_EXITED, M_SYSCALLS, 11); /* a late record */
	look(p, &s, 24 * MINUTE);
	assert_int_equal(line(p, "comm=\"job\",cgroup=\"/a\"", M_SYSCALLS), 6);
	assert_int_equal(line(p, "comm=\"ended\",cgroup=\"/a\"", M_SYSCALLS), 30);
	prom__free(p);
	model__free(s.model);
}

static void a_process_of_our_names_is_told_apart(void **state)
{
	static const struct {
		const char *comm, *labels;
	} names[] = {
		{"", "comm=\"\\\\x00\",cgroup=\"/c\""},
		{"ended", "comm=\"\\\\x65nded\",cgroup=\"/c\""},
		{"other", "comm=\"\\\\x6Fther\",cgroup=\"/c\""},
		{"ende\\", "comm=\"ende\\\\\\\\\",cgroup=\"/c\""},
		{"\\x65nded", "comm=\"\\\\\\\\x65nded\",cgroup=\"/c\""},
		{"a\"} 1\nb", "comm=\"a\\\"} 1\\\\x0Ab\",cgroup=\"/c\""},
		{"\xff\xc3\xa4\xe2\x80\xae", "comm=\"\\\\xFF\xc3\xa4\\\\xE2\\\\x80\\\\xAE\",cgroup=\"/c\""},
	};
	struct snapshot s = snapshot(100);
	struct prom *p = prom__new(1000, false);

	(void)state;
	for (uint32_t i = 0; i < N_OF(names); i++)
		give(&s, i + 1, names[i].comm, 3, M_SYSCALLS, 100 + i);
	give(&s, 100, "x", 4, M_SYSCALLS, 99);
	look(p, &s, 1);
	for (uint32_t i = 0; i < N_OF(names); i++)
		assert_int_equal(line(p, names[i].labels, M_SYSCALLS), 100 + i);
	assert_int_equal(line(p, "comm=\"x\",cgroup=\"/a\\\"b\\\\\\\\\\\\x0A\\\\xFF\"", M_SYSCALLS), 99);
	prom__free(p);
	model__free(s.model);
}

static void cgroups_of_one_path_are_one_series(void **state)
{
	struct snapshot s = snapshot(10);
	struct prom *p = prom__new(1000, false);

	(void)state;
	give(&s, 1, "job", 77, M_SYSCALLS, 1); /* both are gone: no path */
	give(&s, 2, "job", 78, M_SYSCALLS, 2);
	look(p, &s, 1);
	assert_int_equal(line(p, "comm=\"job\",cgroup=\"\"", M_SYSCALLS), 3);
	prom__free(p);
	model__free(s.model);
}

static void pids_when_asked_for(void **state)
{
	struct snapshot s = snapshot(10);
	struct prom *p = prom__new(1000, true);

	(void)state;
	give(&s, 41, "job", 1, M_SYSCALLS, 1);
	give(&s, 42, "job", 1, M_SYSCALLS, 2);
	end(&s, 42, "job", 1);
	look(p, &s, 1);
	assert_int_equal(line(p, "comm=\"job\",cgroup=\"/a\",pid=\"41\"", M_SYSCALLS), 1);
	assert_int_equal(line(p, "comm=\"job\",cgroup=\"/a\",pid=\"42\"", M_SYSCALLS), 2);
	look(p, &s, 1 + 10 * MINUTE);
	assert_int_equal(line(p, "comm=\"job\",cgroup=\"/a\",pid=\"41\"", M_SYSCALLS), 1);
	assert_int_equal(line(p, "comm=\"ended\",cgroup=\"/a\"", M_SYSCALLS), 2);
	assert_int_equal(sum(p, M_SYSCALLS), 3);
	prom__free(p);
	model__free(s.model);
}

static void what_is_not_measured_is_not_there(void **state)
{
	struct snapshot s = snapshot(10);
	struct prom *p = prom__new(1000, false);
	const char *a = "comm=\"job\",cgroup=\"/a\"";

	(void)state;
	s.quality[M_FSYNCS] = Q_NONE;
	give(&s, 1, "job", 1, M_FSYNCS, 1);
	give(&s, 1, "job", 1, M_TO_USER_OTHER, 100);
	give_flags(&s, 2, "su", 2, ZT_EXEC_SUID, M_TO_USER_OTHER, 1000); /* lost its breakpoints */
	look(p, &s, 1);
	assert_int_equal(line(p, a, M_FSYNCS), -1);
	assert_int_equal(line(p, "comm=\"system\",cgroup=\"\"", M_FSYNCS), -1);
	assert_int_equal(line(p, a, M_TO_USER_OTHER), 100);
	assert_int_equal(line(p, "comm=\"su\",cgroup=\"/b\"", M_TO_USER_OTHER), -1);
	/* what was counted before the breakpoints were lost stays */
	give_flags(&s, 1, "job", 1, ZT_EXEC_SUID, M_TO_USER_OTHER, 150);
	look(p, &s, 2);
	assert_int_equal(line(p, a, M_TO_USER_OTHER), 100);
	/* and what came while nobody measured does not come later */
	s.quality[M_FSYNCS] = Q_MEASURED;
	give(&s, 1, "job", 1, M_FSYNCS, 3);
	look(p, &s, 3);
	assert_int_equal(line(p, a, M_FSYNCS), 2);
	prom__free(p);
	model__free(s.model);
}

static void inferred_goes_on_beside_measured(void **state)
{
	struct snapshot s = snapshot(10);
	struct prom *p = prom__new(1000, false);
	const struct prom_series *a;

	(void)state;
	give(&s, 1, "job", 1, M_SYSCALLS, 10);
	look(p, &s, 1);
	s.quality[M_SYSCALLS] = Q_INFERRED;
	give(&s, 1, "job", 1, M_SYSCALLS, 13);
	look(p, &s, 2);
	a = find(p, "comm=\"job\",cgroup=\"/a\"");
	assert_int_equal(a->v[PROM_MEASURED][M_SYSCALLS], 10);
	assert_int_equal(a->v[PROM_INFERRED][M_SYSCALLS], 3);
	assert_true(a->shown[PROM_MEASURED][M_SYSCALLS] && a->shown[PROM_INFERRED][M_SYSCALLS]);
	assert_int_equal(sum(p, M_SYSCALLS), 13);
	assert_int_equal(prom__n_lines(p), 2);
	prom__free(p);
	model__free(s.model);
}

static void beyond_the_cap_is_other(void **state)
{
	struct snapshot s = snapshot(1000);
	struct prom *p = prom__new(100, false);
	char comm[16];

	(void)state;
	for (uint32_t i = 0; i < 200; i++) {
		snprintf(comm, sizeof(comm), "job%u", i);
		/* the more it copied the earlier it gets a series */
		give(&s, i + 1, comm, 1, M_TO_USER_FILE, 1000 - i);
	}
	look(p, &s, 1);
	assert_int_equal(prom__n_lines(p), 90); /* a tenth is kept for those that are there */
	assert_int_equal(prom__n_dropped(p), 110);
	assert_int_equal(line(p, "comm=\"job89\",cgroup=\"/a\"", M_TO_USER_FILE), 911);
	assert_int_equal(line(p, "comm=\"job90\",cgroup=\"/a\"", M_TO_USER_FILE), -1);
	assert_int_equal(sum(p, M_TO_USER_FILE), machine(&s, M_TO_USER_FILE));
	give(&s, 200, "job199", 1, M_TO_USER_FILE, 802); /* no room still: the same series */
	look(p, &s, 2);
	assert_int_equal(prom__n_dropped(p), 110);
	for (uint32_t i = 0; i < 20; i++) {
		snprintf(comm, sizeof(comm), "job%u", i);
		give(&s, i + 1, comm, 1, M_SYSCALLS, 7);
	}
	look(p, &s, 3);
	assert_int_equal(prom__n_lines(p), 100);
	assert_int_equal(prom__n_dropped(p), 120);
	assert_int_equal(sum(p, M_SYSCALLS), 140);
	assert_int_equal(line(p, "comm=\"other\",cgroup=\"\"", M_SYSCALLS), 70);
	/* when some have ended there is room again; other keeps what it has */
	for (uint32_t i = 0; i < 50; i++) {
		snprintf(comm, sizeof(comm), "job%u", i);
		end(&s, i + 1, comm, 1);
	}
	look(p, &s, 4);
	look(p, &s, 4 + 10 * MINUTE);
	assert_int_equal(prom__n_lines(p), 42);
	give(&s, 200, "job199", 1, M_TO_USER_FILE, 1802);
	look(p, &s, 5 + 10 * MINUTE);
	assert_int_equal(line(p, "comm=\"job199\",cgroup=\"/a\"", M_TO_USER_FILE), 1000);
	assert_int_equal(sum(p, M_TO_USER_FILE), machine(&s, M_TO_USER_FILE));
	prom__free(p);
	model__free(s.model);
}

static void ended_cgroups_make_room(void **state)
{
	struct snapshot s = snapshot(1000);
	struct prom *p = prom__new(100, false);
	uint64_t at = 1;

	(void)state;
	for (uint32_t i = 1; i <= 300; i++) { /* one job after another, each in its own name */
		char comm[16];

		snprintf(comm, sizeof(comm), "job%u", i);
		give(&s, i, comm, i % 3 + 1, M_SYSCALLS, i);
		look(p, &s, at++);
		end(&s, i, comm, i % 3 + 1);
		look(p, &s, at);
		at += 11 * MINUTE;
	}
	look(p, &s, at);
	assert_int_equal(prom__n_dropped(p), 0);
	assert_int_equal(prom__n_lines(p), 3);
	/* 90 live ones push the three out, the longest ended first */
	for (uint32_t i = 1; i <= 90; i++) {
		char comm[16];

		snprintf(comm, sizeof(comm), "new%u", i);
		give(&s, 1000 + i, comm, 1, M_SYSCALLS, 1);
		look(p, &s, at + i);
		assert_int_equal(line(p, "comm=\"ended\",cgroup=\"/b\"", M_SYSCALLS) == -1, i > 87);
		assert_int_equal(line(p, "comm=\"ended\",cgroup=\"/c\"", M_SYSCALLS) == -1, i > 88);
		assert_int_equal(line(p, "comm=\"ended\",cgroup=\"/a\"", M_SYSCALLS) == -1, i > 89);
	}
	assert_int_equal(prom__n_dropped(p), 0);
	assert_int_equal(prom__n_lines(p), 90);
	assert_int_equal(line(p, "comm=\"ended\",cgroup=\"\"", M_SYSCALLS), 300 * 301 / 2);
	assert_int_equal(sum(p, M_SYSCALLS), machine(&s, M_SYSCALLS));
	prom__free(p);
	model__free(s.model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_increase_is_taken_once),
		cmocka_unit_test(a_changed_name_takes_what_comes_later),
		cmocka_unit_test(nobodys_work_is_the_system_line),
		cmocka_unit_test(the_ended_fold_ten_minutes_later_in_one_step),
		cmocka_unit_test(a_process_of_our_names_is_told_apart),
		cmocka_unit_test(cgroups_of_one_path_are_one_series),
		cmocka_unit_test(pids_when_asked_for),
		cmocka_unit_test(what_is_not_measured_is_not_there),
		cmocka_unit_test(inferred_goes_on_beside_measured),
		cmocka_unit_test(beyond_the_cap_is_other),
		cmocka_unit_test(ended_cgroups_make_room),
	};

	return RUN_TESTS(tests);
}
