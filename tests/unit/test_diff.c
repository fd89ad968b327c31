/* SPDX-License-Identifier: GPL-2.0-only */
/* test_diff.c - what is claimed of two sides of runs, and what is not. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "diff_load.h"
#include "views_diff.h"

static struct diff d;

/* A run that moved 1 MiB and made so many calls; all of it measured. */
static struct diff_run run_of(uint64_t calls)
{
	struct diff_run run = {.file = "f", .host = "h", .kernel = "k", .duration_ns = 1009, .n_processes = 1};

	for (enum metric m = 0; m < M_COUNT; m++)
		run.quality[m] = run.system_quality[m] = Q_MEASURED;
	run.v[M_PAYLOAD_IN] = run.v[M_PAYLOAD_OUT] = 1 << 20;
	run.v[M_SYSCALLS] = calls;
	return run;
}

static const struct diff_row *row_of(const char *name)
{
	for (size_t i = 0; i < N_OF(d.rows); i++)
		if (!strcmp(d.rows[i].name, name))
			return &d.rows[i];
	fail_msg("no row %s", name);
	return NULL;
}

static const struct diff_row *compare(const uint64_t *a, int n_a, const uint64_t *b, int n_b)
{
	static struct diff_run runs[2][DIFF_RUNS_MAX];

	for (int i = 0; i < n_a; i++)
		runs[0][i] = run_of(a[i]);
	for (int i = 0; i < n_b; i++)
		runs[1][i] = run_of(b[i]);
	diff__make(&d, runs[0], n_a, runs[1], n_b);
	return row_of("syscalls");
}

#define COMPARE(a, b) compare(a, N_OF(a), b, N_OF(b))

static void one_run_a_side_shows_the_difference(void **state)
{
	static const uint64_t a[] = {101}, b[] = {50}, none[] = {0};
	const struct diff_row *row = COMPARE(a, b);

	(void)state;
	assert_false(d.spread_known);
	assert_int_equal(row->change.verdict, DIFF_LESS);
	assert_true(row->change.has_ratio && row->change.ratio < -0.504 && row->change.ratio > -0.505);
	assert_true(row->has_payload);
	assert_float_equal(row->payload_side[0].median, 101, 1e-9); /* per MiB, and a MiB was moved */
	assert_int_equal(COMPARE(a, a)->change.verdict, DIFF_SAME);
	row = COMPARE(none, b);
	assert_int_equal(row->change.verdict, DIFF_MORE);
	assert_false(row->change.has_ratio);
}

static void median_and_range_are_those_of_the_runs(void **state)
{
	static const uint64_t a[] = {7, 3, 5}, b[] = {11, 2, 8, 4};
	const struct diff_row *row = COMPARE(a, b);

	(void)state;
	assert_true(d.spread_known);
	assert_float_equal(row->side[0].median, 5, 1e-9);
	assert_float_equal(row->side[0].min, 3, 1e-9);
	assert_float_equal(row->side[0].max, 7, 1e-9);
	assert_float_equal(row->side[1].median, 6, 1e-9);
}

static void no_change_is_claimed_within_the_spread(void **state)
{
	static const uint64_t a[] = {101, 103, 107}, overlapping[] = {107, 109, 113}, touching[] = {108, 110, 113},
			      apart[] = {113, 115, 119}, many_a[] = {101, 103, 105, 107, 109},
			      many_b[] = {110, 112, 114, 116, 118};

	(void)state;
	assert_int_equal(COMPARE(a, overlapping)->change.verdict, DIFF_WITHIN);
	/* apart, but by less than the runs of a side differ: three against three do that by chance */
	assert_int_equal(COMPARE(a, touching)->change.verdict, DIFF_WITHIN);
	assert_int_equal(COMPARE(touching, a)->change.verdict, DIFF_WITHIN);
	assert_int_equal(COMPARE(a, apart)->change.verdict, DIFF_MORE);
	assert_int_equal(COMPARE(apart, a)->change.verdict, DIFF_LESS);
	/* five against five do not */
	assert_int_equal(COMPARE(many_a, many_b)->change.verdict, DIFF_MORE);
}

static void constant_figures_have_no_spread(void **state)
{
	static const uint64_t a[] = {101, 101, 101}, b[] = {102, 102, 102};

	(void)state;
	assert_int_equal(COMPARE(a, a)->change.verdict, DIFF_SAME);
	assert_int_equal(COMPARE(a, b)->change.verdict, DIFF_MORE);
}

static const struct diff_row *compare_runs(const struct diff_run *a, const struct diff_run *b, const char *name)
{
	diff__make(&d, a, 1, b, 1);
	return row_of(name);
}

static void what_is_not_measured_is_not_compared(void **state)
{
	struct diff_run a = run_of(101), b = run_of(50);
	const struct diff_row *row;

	(void)state;
	b.quality[M_SYSCALLS] = Q_NONE;
	row = compare_runs(&a, &b, "syscalls");
	assert_true(row->side[0].known);
	assert_false(row->side[1].known);
	assert_int_equal(row->change.verdict, DIFF_UNKNOWN);
	assert_int_equal(diff__change(row)->verdict, DIFF_UNKNOWN);
	assert_false(row->change.has_ratio);
	a.quality[M_SYSCALLS] = b.quality[M_SYSCALLS] = Q_INFERRED;
	row = compare_runs(&a, &b, "syscalls");
	assert_true(row->side[0].inferred && row->side[1].inferred);
	assert_int_equal(row->change.verdict, DIFF_LESS);
}

static void a_lower_bound_claims_only_what_it_can(void **state)
{
	struct diff_run low = run_of(0), high = run_of(0);

	(void)state;
	low.v[M_TO_USER_FILE] = 101;
	high.v[M_TO_USER_FILE] = 211;
	/* at least 101 against 211: may be as many, or more */
	low.quality[M_TO_USER_OTHER] = Q_NONE;
	assert_int_equal(compare_runs(&low, &high, "cpu_copied_bytes")->change.verdict, DIFF_UNKNOWN);
	assert_int_equal(compare_runs(&high, &low, "cpu_copied_bytes")->change.verdict, DIFF_UNKNOWN);
	/* 101 against at least 211 */
	low.quality[M_TO_USER_OTHER] = Q_MEASURED;
	high.quality[M_TO_USER_OTHER] = Q_NONE;
	assert_int_equal(compare_runs(&low, &high, "cpu_copied_bytes")->change.verdict, DIFF_MORE);
	assert_int_equal(compare_runs(&high, &low, "cpu_copied_bytes")->change.verdict, DIFF_LESS);
	/* the same is missing on both sides */
	low.quality[M_TO_USER_OTHER] = Q_NONE;
	assert_int_equal(compare_runs(&low, &high, "cpu_copied_bytes")->change.verdict, DIFF_MORE);
	/* of some processes only */
	low.quality[M_TO_USER_OTHER] = high.quality[M_TO_USER_OTHER] = Q_MEASURED;
	low.partial[M_TO_USER_OTHER] = true;
	assert_true(compare_runs(&low, &high, "cpu_copied_bytes")->side[0].lower_bound);
	assert_true(compare_runs(&low, &high, "copy_to_user_other_bytes")->side[0].lower_bound);
	assert_false(compare_runs(&low, &high, "syscalls")->side[0].lower_bound);
}

static void without_payload_totals_are_compared(void **state)
{
	struct diff_run a = run_of(101), b = run_of(50);
	const struct diff_row *row;

	(void)state;
	b.v[M_PAYLOAD_IN] = b.v[M_PAYLOAD_OUT] = 0;
	row = compare_runs(&a, &b, "syscalls");
	assert_false(row->has_payload);
	assert_ptr_equal(diff__change(row), &row->change);
	assert_int_equal(compare_runs(&a, &b, "copies_per_payload_byte")->change.verdict, DIFF_UNKNOWN);
	/* twice the payload with the same calls is half the calls per MiB */
	b = run_of(101);
	b.v[M_PAYLOAD_OUT] = 2 << 20;
	row = compare_runs(&a, &b, "syscalls");
	assert_int_equal(row->change.verdict, DIFF_SAME);
	assert_int_equal(diff__change(row)->verdict, DIFF_LESS);
	assert_float_equal(diff__change(row)->ratio, -0.5, 1e-9);
}

static char *view_of(bool json, bool verbose)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(json ? view_diff_json(f, &d, "x\033y") : view_diff(f, &d, "x\033y", verbose), 0);
	fclose(f);
	return text;
}

static void views_say_it_and_stay_within_their_columns(void **state)
{
	struct diff_run a = run_of(UINT64_MAX / 3), b = run_of(1);
	char *text, *line, *rest;

	(void)state;
	for (enum metric m = 0; m < M_COUNT; m++) {
		a.v[m] = UINT64_MAX >> m % 61;
		a.quality[m] = m % 3 ? Q_INFERRED : Q_MEASURED;
	}
	a.v[M_PAYLOAD_IN] = a.v[M_PAYLOAD_OUT] = 3;
	b.quality[M_DATA_CALLS] = Q_NONE;
	b.lost[L_RING_FULL] = 13;
	diff__make(&d, &a, 1, &b, 1);
	free(view_of(true, false));
	text = view_of(false, true);
	assert_non_null(strstr(text, "x\\x1By"));
	assert_non_null(strstr(text, "spread               unknown"));
	assert_non_null(strstr(text, "B: 13 ring_full"));
	assert_null(strchr(text, '\033'));
	free(text);
	a = run_of(1009);
	diff__make(&d, &a, 1, &a, 1);
	text = view_of(false, false);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		size_t columns = 0;

		for (const char *c = line; *c; c++)
			columns += (*c & 0xc0) != 0x80;
		assert_true(columns <= 80);
	}
	free(text);
}

static int load(struct diff_run *run, const char *text, const char *comm)
{
	char path[] = "/tmp/test_diff.XXXXXX";
	int fd = mkstemp(path), err;
	FILE *f = fdopen(fd, "w");

	fputs(text, f);
	fclose(f);
	freopen("/dev/null", "w", stderr);
	err = diff_load(run, path, comm);
	remove(path);
	return err;
}

static void documents_are_summed_up(void **state)
{
	static const char doc[] =
		"{\"schema\": \"zctrace/1\", \"host\": \"h\", \"kernel\": \"k\", \"duration_ns\": 7,"
		"\"inferred\": [\"data_calls\"], \"lost\": {\"ring_full\": 3}, \"system\": {\"syscalls\": 5},"
		"\"processes\": [{\"comm\": \"a\", \"folded\": 0, \"metrics\": {\"syscalls\": 101, \"data_calls\": 3,"
		"\"copy_to_user_other_bytes\": null}},"
		"{\"comm\": \"b\", \"folded\": 12, \"metrics\": {\"syscalls\": 7, \"copy_to_user_other_bytes\": 9}}]}";
	struct diff_run run;

	(void)state;
	assert_int_equal(load(&run, doc, NULL), 0);
	assert_int_equal(run.n_processes, 13);
	assert_int_equal(run.v[M_SYSCALLS], 108);
	assert_int_equal(run.quality[M_SYSCALLS], Q_MEASURED);
	assert_int_equal(run.quality[M_DATA_CALLS], Q_INFERRED);
	assert_int_equal(run.quality[M_FSYNCS], Q_NONE);
	assert_false(run.partial[M_FSYNCS]);
	assert_true(run.partial[M_TO_USER_OTHER]);
	assert_false(run.partial[M_SYSCALLS]);
	assert_int_equal(run.system[M_SYSCALLS], 5);
	assert_int_equal(run.lost[L_RING_FULL], 3);
	assert_int_equal(load(&run, doc, "b"), 0);
	assert_int_equal(run.n_processes, 12);
	assert_int_equal(run.v[M_SYSCALLS], 7);
	assert_int_equal(load(&run, doc, "c"), -ESRCH);
}

static void documents_that_are_none_are_refused(void **state)
{
	static const char *const docs[] = {
		"",
		"[]",
		"{",
		"{}",
		"{\"schema\": 7}",
		"{\"schema\": \"zctrace/2\"}",
		"{\"schema\": \"zctrace/1\"}",
		"{\"schema\": \"zctrace/1\", \"system\": {}, \"processes\": {}}",
		"{\"schema\": \"zctrace/1\", \"system\": {}, \"processes\": [7]}",
		"{\"schema\": \"zctrace/1\", \"system\": {}, \"processes\": [{\"comm\": \"a\"}]}",
		"{\"schema\": \"zctrace/1\", \"system\": {}, \"processes\": [{\"comm\": \"a\", \"metrics\": "
		"{\"syscalls\": -1}}]}",
		"{\"schema\": \"zctrace/1\", \"system\": {\"syscalls\": \"x\"}, \"processes\": []}",
	};
	struct diff_run run;

	(void)state;
	for (size_t i = 0; i < N_OF(docs); i++)
		assert_int_equal(load(&run, docs[i], NULL), -EINVAL);
	assert_int_equal(diff_load(&run, "/nonexistent/file", NULL), -ENOENT);
	assert_int_equal(diff_load(&run, "/", NULL), -EISDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_run_a_side_shows_the_difference),
		cmocka_unit_test(median_and_range_are_those_of_the_runs),
		cmocka_unit_test(no_change_is_claimed_within_the_spread),
		cmocka_unit_test(constant_figures_have_no_spread),
		cmocka_unit_test(what_is_not_measured_is_not_compared),
		cmocka_unit_test(a_lower_bound_claims_only_what_it_can),
		cmocka_unit_test(without_payload_totals_are_compared),
		cmocka_unit_test(views_say_it_and_stay_within_their_columns),
		cmocka_unit_test(documents_are_summed_up),
		cmocka_unit_test(documents_that_are_none_are_refused),
	};

	return RUN_TESTS(tests);
}
