/* SPDX-License-Identifier: GPL-2.0-only */
/* test_fmt.c - numbers as written and as read. */
#include "unit.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "fmt.h"

static void bytes_have_three_figures(void **state)
{
	static const struct {
		uint64_t n;
		const char *plain, *unit, *brief;
	} cases[] = {
		{0, "0", "0 B", "0"},
		{512, "512", "512 B", "512"},
		{1023, "1023", "1023 B", "1023"},
		{1024, "1.00K", "1.00 KiB", "1.0K"},
		{32 << 20, "32.0M", "32.0 MiB", "32M"},
		{1000 * 1024, "0.98M", "0.98 MiB", "1.0M"},
		{999 * 1024, "999K", "999 KiB", "999K"},
		{10230, "9.99K", "9.99 KiB", "10K"},
		{1975684956, "1.84G", "1.84 GiB", "1.8G"},
		{UINT64_MAX, "16.0E", "16.0 EiB", "16E"},
	};
	char buf[FMT_LEN];

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		assert_string_equal(fmt_bytes(buf, cases[i].n), cases[i].plain);
		assert_string_equal(fmt_bytes_unit(buf, cases[i].n), cases[i].unit);
		assert_string_equal(fmt_bytes_short(buf, cases[i].n), cases[i].brief);
	}
}

static void widths_hold(void **state)
{
	char buf[FMT_LEN];

	(void)state;
	for (uint64_t n = 1; n; n = n > UINT64_MAX / 7 * 5 ? 0 : n + n / 3 + 1) {
		assert_true(strlen(fmt_bytes(buf, n)) <= 5);
		assert_true(strlen(fmt_bytes_short(buf, n)) <= 4);
		assert_true(strlen(fmt_count_short(buf, n)) <= 4);
	}
}

static void counts_have_commas(void **state)
{
	char buf[FMT_LEN];

	(void)state;
	assert_string_equal(fmt_count(buf, 0), "0");
	assert_string_equal(fmt_count(buf, 999), "999");
	assert_string_equal(fmt_count(buf, 4270), "4,270");
	assert_string_equal(fmt_count(buf, UINT64_MAX), "18,446,744,073,709,551,615");
	assert_string_equal(fmt_count_short(buf, 9999), "9999");
	assert_string_equal(fmt_count_short(buf, 43210), "43k");
}

static void durations_and_ratios(void **state)
{
	char buf[FMT_LEN];

	(void)state;
	assert_string_equal(fmt_duration(buf, 0), "0 ns");
	assert_string_equal(fmt_duration(buf, 999), "999 ns");
	assert_string_equal(fmt_duration(buf, 1840000000), "1.84 s");
	assert_string_equal(fmt_duration(buf, 12300000), "12.3 ms");
	assert_string_equal(fmt_duration(buf, 999999), "1.00 ms");
	assert_string_equal(fmt_duration(buf, 125000000000), "2 min 05 s");
	assert_string_equal(fmt_duration(buf, 7260000000000), "2 h 01 min");
	assert_string_equal(fmt_ratio(buf, 2), "2.00");
	assert_string_equal(fmt_ratio(buf, 80391.4), "80,391");
	assert_string_equal(fmt_ratio(buf, 1e300), "1e+300");
	assert_string_equal(fmt_ratio(buf, INFINITY), "-");
	assert_string_equal(fmt_ratio(buf, NAN), "-");
}

static void bytes_are_read(void **state)
{
	static const struct {
		const char *s;
		int err;
		uint64_t n;
	} cases[] = {
		{"0", 0, 0},
		{"320000000", 0, 320000000},
		{"32K", 0, 32768},
		{"32k", 0, 32768},
		{"32M", 0, 32 << 20},
		{"1.5G", 0, 3ULL << 29},
		{"1MiB", 0, 1 << 20},
		{".5K", 0, 512},
		{"18446744073709551615", 0, UINT64_MAX},
		{"18446744073709551616", -ERANGE, 0},
		{"16E", -ERANGE, 0},
		{"99999999999999999999999999E", -ERANGE, 0},
		{"", -EINVAL, 0},
		{"K", -EINVAL, 0},
		{".", -EINVAL, 0},
		{"1.", -EINVAL, 0},
		{"1.5", -EINVAL, 0},
		{"-1", -EINVAL, 0},
		{"+1", -EINVAL, 0},
		{" 1", -EINVAL, 0},
		{"1 ", -EINVAL, 0},
		{"1KB", -EINVAL, 0},
		{"1e3", -EINVAL, 0},
		{"0x10", -EINVAL, 0},
		{"1..5K", -EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		uint64_t n = 42;

		if (fmt_parse_bytes(cases[i].s, &n) != cases[i].err)
			fail_msg("fmt_parse_bytes(\"%s\")", cases[i].s);
		assert_true(n == (cases[i].err ? 42 : cases[i].n));
	}
}

static void durations_are_read(void **state)
{
	static const struct {
		const char *s;
		int err;
		uint64_t n;
	} cases[] = {
		{"1", 0, 1000000000},
		{"0.5", 0, 500000000},
		{"250ms", 0, 250000000},
		{"2s", 0, 2000000000},
		{"3us", 0, 3000},
		{"7ns", 0, 7},
		{"1m", 0, 60000000000},
		{"1h", 0, 3600000000000},
		{"1x", -EINVAL, 0},
		{"", -EINVAL, 0},
		{"-1", -EINVAL, 0},
		{"1 s", -EINVAL, 0},
		{"1e9", -EINVAL, 0},
		{"nan", -EINVAL, 0},
		{"inf", -EINVAL, 0},
		{"1.5.5", -EINVAL, 0},
		{"99999999999", -EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		uint64_t n = 42;

		if (fmt_parse_duration(cases[i].s, &n) != cases[i].err)
			fail_msg("fmt_parse_duration(\"%s\")", cases[i].s);
		assert_true(n == (cases[i].err ? 42 : cases[i].n));
	}
}

static void whole_numbers(void **state)
{
	(void)state;
	assert_int_equal(fmt_whole(0), 0);
	assert_int_equal(fmt_whole(0.49), 0);
	assert_int_equal(fmt_whole(0.5), 1);
	assert_int_equal(fmt_whole(-7), 0);
	assert_true(fmt_whole(0x1p63) == 1ULL << 63);
	assert_true(fmt_whole(0x1p64) == UINT64_MAX); /* what the largest of counters is as a real number */
	assert_true(fmt_whole(1e300) == UINT64_MAX);
	assert_int_equal(fmt_whole(nan("")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_have_three_figures),
		cmocka_unit_test(widths_hold),
		cmocka_unit_test(counts_have_commas),
		cmocka_unit_test(durations_and_ratios),
		cmocka_unit_test(bytes_are_read),
		cmocka_unit_test(durations_are_read),
		cmocka_unit_test(whole_numbers),
	};

	return RUN_TESTS(tests);
}
