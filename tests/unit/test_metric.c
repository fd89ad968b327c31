/* SPDX-License-Identifier: GPL-2.0-only */
/* test_metric.c - the tables are whole, and derived figures know what they do not know. */
#include "unit.h"

#include <string.h>

#include "metric.h"
#include "snapshot.h"

#define MIB (1ULL << 20)

struct fixture {
	uint64_t v[M_COUNT];
	enum quality quality[M_COUNT];
};

static struct metric_view measured(struct fixture *f)
{
	memset(f->v, 0, sizeof(f->v));
	for (int m = 0; m < M_COUNT; m++)
		f->quality[m] = Q_MEASURED;
	return (struct metric_view){f->v, f->quality};
}

static void tables_are_whole(void **state)
{
	(void)state;
	for (enum metric m = 0; m < M_COUNT; m++) {
		assert_non_null(metrics[m].name);
		assert_true(strlen(metrics[m].help) > 0);
		assert_true(metrics[m].hook < H_COUNT);
		assert_int_equal(metric__find(metrics[m].name), m); /* so names are unique */
	}
	for (int i = 0; i < D_COUNT; i++) {
		assert_non_null(deriveds[i].name);
		assert_int_equal(metric__find(deriveds[i].name), M_COUNT);
	}
	for (int i = 0; i < H_COUNT; i++)
		assert_non_null(hooks[i].name);
	for (int i = 0; i < L_COUNT; i++)
		assert_non_null(losses[i].name);
	assert_int_equal(metric__find("no such metric"), M_COUNT);
}

static void read_write_is_the_textbook(void **state)
{
	struct fixture f;
	struct metric_view m = measured(&f);
	bool lower = true, inferred = true;
	uint64_t n;
	double r;

	(void)state;
	f.v[M_TO_USER_FILE] = f.v[M_FROM_USER_SOCKET] = f.v[M_DMA_DISK_READ] = f.v[M_DMA_NET_TX] = 32 * MIB;
	f.v[M_PAYLOAD_IN] = f.v[M_PAYLOAD_OUT] = 32 * MIB;
	f.v[M_SYSCALLS] = 2092;
	f.v[M_USER_FAULTS] = 25;
	f.v[M_USER_IRQS] = 18;
	assert_true(derived_value(D_COPIES_PER_PAYLOAD_BYTE, m, &r, &lower, &inferred));
	assert_true(r == 2.0 && !lower && !inferred);
	assert_true(derived_value(D_DMA_PER_PAYLOAD_BYTE, m, &r, &lower, &inferred));
	assert_true(r == 2.0);
	assert_true(derived_integer(D_MODE_SWITCHES, m, &n, &lower, &inferred));
	assert_int_equal(n, 4270);
	assert_true(derived_integer(D_MEMORY_TRAFFIC_BYTES, m, &n, &lower, &inferred));
	assert_int_equal(n, 192 * MIB);
	assert_true(derived_value(D_MODE_SWITCHES_PER_MIB, m, &r, &lower, &inferred));
	assert_true(r == 4270 / 32.0);
	assert_int_equal(metric__cpu_copied(f.v), 64 * MIB);
}

static void what_is_not_measured_makes_a_lower_bound(void **state)
{
	struct fixture f;
	struct metric_view m = measured(&f);
	bool lower = false, inferred = true;
	uint64_t n = 99;

	(void)state;
	f.v[M_TO_USER_FILE] = 100;
	f.v[M_TO_USER_OTHER] = 7; /* garbage: not measured, so not to be seen */
	f.quality[M_TO_USER_OTHER] = Q_NONE;
	assert_true(derived_integer(D_CPU_COPIED_BYTES, m, &n, &lower, &inferred));
	assert_int_equal(n, 100);
	assert_true(lower && !inferred);
	f.quality[M_TO_USER_FILE] = Q_INFERRED;
	assert_true(derived_integer(D_CPU_COPIED_BYTES, m, &n, &lower, &inferred));
	assert_true(lower && inferred);
	assert_true(derived_integer(D_DMA_BYTES, m, &n, &lower, &inferred));
	assert_true(n == 0 && !lower && !inferred);
	for (enum metric i = 0; i < M_COUNT; i++)
		f.quality[i] = Q_NONE;
	n = 99;
	for (enum derived d = 0; d < D_COUNT; d++)
		assert_false(derived_integer(d, m, &n, &lower, &inferred));
	assert_int_equal(n, 99);
}

static void no_payload_makes_no_ratio(void **state)
{
	struct fixture f;
	struct metric_view m = measured(&f);
	bool lower, inferred;
	double r = 99;

	(void)state;
	f.v[M_TO_USER_FILE] = 100;
	for (enum derived d = 0; d < D_COUNT; d++)
		if (deriveds[d].is_ratio)
			assert_false(derived_value(d, m, &r, &lower, &inferred));
	assert_true(r == 99);
	f.v[M_PAYLOAD_OUT] = 50;
	f.quality[M_PAYLOAD_IN] = Q_NONE; /* the larger of two of which one is not known */
	assert_false(derived_value(D_COPIES_PER_PAYLOAD_BYTE, m, &r, &lower, &inferred));
	f.v[M_CACHE_HIT] = 3;
	f.v[M_CACHE_READAHEAD_USED] = 1;
	assert_true(derived_value(D_CACHE_HIT_RATIO, m, &r, &lower, &inferred));
	assert_true(r == 0.75);
}

static void integers_are_exact(void **state)
{
	struct fixture f;
	struct metric_view m = measured(&f);
	bool lower, inferred;
	uint64_t n;
	double r;

	(void)state;
	f.v[M_DMA_NET_RX] = (1ULL << 60) + 1;
	assert_true(derived_integer(D_DMA_BYTES, m, &n, &lower, &inferred));
	assert_true(n == (1ULL << 60) + 1);
	assert_true(derived_value(D_DMA_BYTES, m, &r, &lower, &inferred));
	assert_false(derived_integer(D_DMA_PER_PAYLOAD_BYTE, m, &n, &lower, &inferred));
}

static void lost_breakpoints_cost_their_column(void **state)
{
	struct snapshot s = {0};
	struct model_process p = {.flags = ZT_EXEC_SUID};

	(void)state;
	for (enum metric m = 0; m < M_COUNT; m++)
		s.quality[m] = Q_MEASURED;
	s.hook[H_COPY_OTHER].by = "hardware breakpoint";
	assert_int_equal(snapshot__quality(&s, &p, M_TO_USER_OTHER), Q_NONE);
	assert_int_equal(snapshot__quality(&s, &p, M_FROM_USER_OTHER), Q_NONE);
	assert_int_equal(snapshot__quality(&s, &p, M_TO_USER_FILE), Q_MEASURED);
	assert_int_equal(snapshot__quality(&s, NULL, M_TO_USER_OTHER), Q_MEASURED);
	assert_int_equal(snapshot__quality(&s, &p, M_LEAF_TO_USER), Q_MEASURED);
	s.hook[H_LEAF].by = "hardware breakpoint";
	assert_int_equal(snapshot__quality(&s, &p, M_LEAF_TO_USER), Q_NONE);
	p.flags = ZT_LEAF_OFF;
	assert_int_equal(snapshot__quality(&s, &p, M_TO_USER_OTHER), Q_NONE);
	p.flags = ZT_EXITED;
	assert_int_equal(snapshot__quality(&s, &p, M_TO_USER_OTHER), Q_MEASURED);
	p.flags = ZT_EXEC_SUID;
	s.hook[H_COPY_OTHER].by = "kprobe";
	assert_int_equal(snapshot__quality(&s, &p, M_TO_USER_OTHER), Q_MEASURED);
}

/* A recording may hold anything: what does not fit a counter is the largest there is, not next to nothing. */
static void sums_do_not_begin_again(void **state)
{
	uint64_t v[M_COUNT], n;
	enum quality quality[M_COUNT];
	struct metric_view m = {v, quality};
	bool lower_bound, inferred;

	(void)state;
	for (int i = 0; i < M_COUNT; i++) {
		v[i] = UINT64_MAX - 2;
		quality[i] = Q_MEASURED;
	}
	for (enum metric_group g = 0; g < G_COUNT; g++)
		assert_true(metric__group(m, g).value >= UINT64_MAX - 2);
	for (enum derived d = 0; d < D_COUNT; d++)
		if (derived_integer(d, m, &n, &lower_bound, &inferred))
			assert_true(n >= UINT64_MAX - 2);
	assert_true(metric__cpu_copied(v) == UINT64_MAX);
	assert_true(metric__events(v) == UINT64_MAX);
	assert_true(metric__plus(UINT64_MAX - 7, 7) == UINT64_MAX);
	assert_true(metric__times(UINT64_MAX, 0) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_are_whole),
		cmocka_unit_test(read_write_is_the_textbook),
		cmocka_unit_test(what_is_not_measured_makes_a_lower_bound),
		cmocka_unit_test(no_payload_makes_no_ratio),
		cmocka_unit_test(integers_are_exact),
		cmocka_unit_test(lost_breakpoints_cost_their_column),
		cmocka_unit_test(sums_do_not_begin_again),
	};

	return RUN_TESTS(tests);
}
