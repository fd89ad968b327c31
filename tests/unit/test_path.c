/* SPDX-License-Identifier: GPL-2.0-only */
/* test_path.c - the ways that are drawn from figures, whatever these are. */
#include "unit.h"

#include <string.h>

#include "view_path.h"

struct subject {
	uint64_t v[M_COUNT];
	enum quality quality[M_COUNT];
	struct passages passages;
	struct paths paths;
};

static void find(struct subject *s)
{
	struct metric_view m = {s->v, s->quality};

	passages__find(&s->passages, m);
	paths__find(&s->paths, m);
}

static void all_measured(struct subject *s)
{
	for (enum metric m = 0; m < M_COUNT; m++)
		s->quality[m] = Q_MEASURED;
}

/* A way is drawn for whatever was spliced, and what is drawn adds up to it. */
static void every_spliced_byte_is_drawn(void **state)
{
	(void)state;
	for (uint64_t spliced = 0; spliced <= 13; spliced++)
		for (uint64_t in = 0; in <= 13; in++)
			for (uint64_t out = 0; out <= 13; out++) {
				struct subject s = {0};
				uint64_t drawn = 0;

				all_measured(&s);
				s.v[M_ZC_SPLICE] = spliced;
				s.v[M_PAYLOAD_IN] = in;
				s.v[M_PAYLOAD_OUT] = out;
				find(&s);
				assert_int_equal(s.paths.n, spliced > 0);
				for (int i = 0; spliced && i < s.paths.path[0].n_stations - 1; i++) {
					assert_true(s.paths.path[0].bytes[i].value > 0);
					drawn += s.paths.path[0].bytes[i].value;
				}
				assert_int_equal(drawn, spliced);
			}
}

static void check_way(uint64_t spliced, uint64_t in, uint64_t out, const char *const *stations, uint64_t first,
		      uint64_t second)
{
	struct subject s = {0};
	const struct path *p = &s.paths.path[0];

	all_measured(&s);
	s.v[M_ZC_SPLICE] = spliced;
	s.v[M_PAYLOAD_IN] = in;
	s.v[M_PAYLOAD_OUT] = out;
	s.v[M_CACHE_HIT] = 1;
	find(&s);
	assert_int_equal(s.paths.n, 1);
	assert_int_equal(p->n_stations, second ? 3 : 2);
	for (int i = 0; i < p->n_stations; i++)
		assert_string_equal(p->station[i], stations[i]);
	assert_int_equal(p->bytes[0].value, first);
	if (second)
		assert_int_equal(p->bytes[1].value, second);
	assert_int_equal(s.passages.through_pipe, second > 0);
}

/* Twice the payload is in and out again; what is not, is one leg, and a single byte cannot be two. */
static void a_leg_or_two(void **state)
{
	static const char *const in[] = {"page cache", "pipe", "socket"}, *const out[] = {"pipe", "socket"},
				 *const own[] = {"pipe", "elsewhere"};

	(void)state;
	check_way(1, 1, 0, in, 1, 0);
	check_way(1, 0, 1, out, 1, 0);
	check_way(1, 1, 1, in, 1, 0);
	check_way(1, 0, 0, own, 1, 0);
	check_way(7, 0, 0, own, 7, 0);
	check_way(2, 1, 1, in, 1, 1);
	check_way(3, 2, 2, in, 2, 1); /* one is still in the pipe */
	check_way(7, 7, 0, in, 7, 0);
	check_way(7, 5, 5, in, 7, 0);
	check_way(15, 10, 10, in, 8, 7);
	check_way(UINT64_MAX, UINT64_MAX, 0, in, UINT64_MAX, 0);
	check_way(UINT64_MAX, UINT64_MAX / 2, 0, in, UINT64_MAX / 2 + 1, UINT64_MAX / 2);
}

/* Twelve and more at once have a line each. */
static void no_way_vanishes(void **state)
{
	static const enum metric ways[] = {
		M_TO_USER_FILE,	   M_ZC_DIRECT_READ,	 M_TO_USER_SOCKET, M_TO_USER_PIPE,    M_FROM_USER_FILE,
		M_ZC_DIRECT_WRITE, M_FROM_USER_SOCKET,	 M_FROM_USER_PIPE, M_ZC_MSG_ZEROCOPY, M_ZC_VMSPLICE,
		M_ZC_SENDFILE,	   M_ZC_COPY_FILE_RANGE, M_ZC_TEE,	   M_ZC_SPLICE,
	};
	struct subject s = {0};
	int n_legs = 0, n_passages = 0;

	(void)state;
	all_measured(&s);
	for (size_t i = 0; i < N_OF(ways); i++)
		s.v[ways[i]] = 1000003;
	s.v[M_PAYLOAD_IN] = 1000003;
	s.v[M_MAPPED_FILE_FAULT] = 10007;
	find(&s);
	for (enum passage_id id = 0; id < P_DISK_READ; id++)
		n_passages += s.passages.p[id].bytes.value > 0;
	for (int i = 0; i < s.paths.n; i++)
		n_legs += s.paths.path[i].n_stations - 1;
	assert_int_equal(n_passages, N_OF(ways) + 1);
	assert_int_equal(n_legs, n_passages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spliced_byte_is_drawn),
		cmocka_unit_test(a_leg_or_two),
		cmocka_unit_test(no_way_vanishes),
	};

	return RUN_TESTS(tests);
}
