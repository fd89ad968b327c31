/* SPDX-License-Identifier: GPL-2.0-only */
/* test_safe.c - a hostile corpus, then noise: what comes out acts on nothing and can be told back to what went in. */
#include "unit.h"

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "safe.h"

#define NOISE_ROUNDS 20000

static void corpus(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"", ""},
		{"nginx", "nginx"},
		{"naïve 日本", "naïve 日本"},
		{"a b\t", "a b\\x09"},
		{"\x1b[31mred\x1b]0;title\x07", "\\x1B[31mred\\x1B]0;title\\x07"},
		{"a\nb\rc", "a\\x0Ab\\x0Dc"},
		{"\x7f\x01\b", "\\x7F\\x01\\x08"},
		{"\xc2\x9b"
		 "31m",
		 "\\xC2\\x9B31m"},						  /* C1 CSI */
		{"\xe2\x80\xaegnp.exe", "\\xE2\\x80\\xAEgnp.exe"},		  /* U+202E */
		{"\xe2\x81\xa6x\xe2\x81\xa9", "\\xE2\\x81\\xA6x\\xE2\\x81\\xA9"}, /* U+2066, U+2069 */
		{"\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", "\\xE2\\x80\\x8E\\xE2\\x80\\x8F\\xD8\\x9C"},
		{"\xe2\x80\xa8\xe2\x80\xa9", "\\xE2\\x80\\xA8\\xE2\\x80\\xA9"}, /* U+2028/9 */
		{"ro\xe2\x80\x8bot", "ro\\xE2\\x80\\x8Bot"},			/* zero width space */
		{"\xef\xbb\xbfx", "\\xEF\\xBB\\xBFx"},
		{"\xff\xfe\x80", "\\xFF\\xFE\\x80"},
		{"\xc0\xaf\xe0\x80\xaf", "\\xC0\\xAF\\xE0\\x80\\xAF"}, /* overlong */
		{"\xed\xa0\x80", "\\xED\\xA0\\x80"},		       /* surrogate */
		{"\xf4\x90\x80\x80", "\\xF4\\x90\\x80\\x80"},	       /* above U+10FFFF */
		{"\xe6\x97", "\\xE6\\x97"},			       /* cut short */
		{"\\x1b", "\\\\x1b"},				       /* no escape can be forged */
		{"\"},{\"pid\":1", "\"},{\"pid\":1"},
		{"</script><b>", "</script><b>"}, /* markup is for its sink to escape */
	};
	char out[256];

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++)
		assert_string_equal(safe_text(out, sizeof(out), cases[i].in, strlen(cases[i].in)), cases[i].out);
}

static void ends_where_it_is_told(void **state)
{
	char out[32], exact[3];
	static const char full[4] = {'a', 'b', 'c', 'd'}; /* no NUL */

	(void)state;
	assert_string_equal(safe_text(out, sizeof(out), full, sizeof(full)), "abcd");
	assert_string_equal(safe_text(out, sizeof(out), "ab\0cd", 5), "ab");
	assert_string_equal(safe_text(exact, sizeof(exact), "日本", 6), ""); /* 3 bytes and a NUL do not fit 3 */
	assert_string_equal(safe_text(out, 4, "日本", 6), "日");
	assert_string_equal(safe_text(out, 6,
				      "a\x1b"
				      "b",
				      3),
			    "a\\x1B");
	assert_string_equal(safe_text(out, 5, "a\x1b", 2), "a"); /* no half escape */
	assert_string_equal(safe_text(out, 2, "\\", 1), "");
	out[0] = 'x';
	safe_text(out, 0, "abc", 3);
	assert_int_equal(out[0], 'x');
}

static void widths(void **state)
{
	(void)state;
	assert_int_equal(safe_width(""), 0);
	assert_int_equal(safe_width("nginx"), 5);
	assert_int_equal(safe_width("日本"), 4);
	assert_int_equal(safe_width("≥~2.00"), 6);
	assert_int_equal(safe_prefix("日本x", 3), 3);
	assert_int_equal(safe_prefix("日本x", 9), 7);
	assert_int_equal(safe_prefix("abc", 0), 0);
}

static void assert_harmless(const char *s)
{
	json_t *j = json_string(s); /* refuses bad UTF-8 */

	assert_non_null(j);
	json_decref(j);
	for (const unsigned char *p = (const unsigned char *)s; *p; p++) {
		assert_true(*p >= 0x20 && *p != 0x7f);
		assert_false(p[0] == 0xc2 && p[1] < 0xa0);
		assert_false(p[0] == 0xe2 && p[1] == 0x80 && p[2] >= 0xa8 && p[2] <= 0xae);
	}
}

/* \\ and \xNN back to bytes; returns the length. */
static size_t restore(char *out, const char *s)
{
	size_t n = 0;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] == 'x') {
			char hex[3] = {s[2], s[3], '\0'};

			out[n++] = (char)strtoul(hex, NULL, 16);
			s += 3;
			continue;
		}
		if (s[0] == '\\')
			s++;
		out[n++] = *s;
	}
	return n;
}

static void noise(void **state)
{
	static const unsigned char likely[] = {0x1b, 0xe2, 0x80, 0xae, 0xc2, 0x9b, '\\',
					       'x',  0xf0, 0x9f, 0xed, 0xa0, '\n', 'a'};
	char in[64], out[4 * 64 + 1], back[64], brief[24];

	(void)state;
	srandom(4242);
	for (int round = 0; round < NOISE_ROUNDS; round++) {
		size_t len = (size_t)random() % sizeof(in);

		for (size_t i = 0; i < len; i++)
			in[i] = (char)(random() % 2 ? likely[(size_t)random() % sizeof(likely)] : 1 + random() % 255);
		safe_text(out, sizeof(out), in, len);
		assert_harmless(out);
		assert_int_equal(restore(back, out), len);
		assert_memory_equal(back, in, len);
		safe_text(brief, 1 + (size_t)random() % sizeof(brief), in, len);
		assert_harmless(brief);
		assert_memory_equal(brief, out, strlen(brief));
	}
}

static size_t encode(char out[5], uint32_t c)
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(n == 1 ? c : (0xf00U >> n) | c);
	out[n] = '\0';
	return n;
}

/* Every code point there is, held against the tables of others. */
static void every_character(void **state)
{
	FILE *others = popen("python3 tests/unit/unicode.py", "r");
	size_t n_refused = 0, n_shown = 0, n_wrong = 0;

	(void)state;
	assert_non_null(others);
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		int kind = fgetc(others);
		char in[5], out[32];
		size_t len = encode(in, c);
		bool shown;

		if (kind == EOF)
			fail_msg("the tables end at U+%04X", c);
		if (c == 0)
			continue;
		safe_text(out, sizeof(out), in, len);
		shown = strcmp(out, c == '\\' ? "\\\\" : in) == 0;
		n_shown += shown;
		n_refused += !shown;
		if (!shown)
			assert_int_equal(strlen(out), 4 * len);
		if (kind == (shown ? 'r' : '.') || (kind == 's' && shown)) {
			print_error("U+%04X is %s\n", c, shown ? "shown" : "refused");
			n_wrong++;
		}
	}
	assert_int_equal(pclose(others), 0);
	assert_int_equal(n_wrong, 0);
	assert_true(n_refused > 0x1000 + 2048 && n_shown > 0x100000);
}

static void what_has_been_here_stays(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"", ""},
		{"nginx", "nginx"},
		{"naïve 日本", "naïve 日本"},
		{"\\x1B[31mred", "\\x1B[31mred"},
		{"a\\\\b", "a\\\\b"},
		{"a\\b", "a\\\\b"},	       /* a backslash alone: it has not */
		{"\\x1b", "\\\\x1b"},	       /* we write capitals */
		{"\\x1B\x1b", "\\\\x1B\\x1B"}, /* what has not goes through as a whole */
		{"\\x1B\n", "\\\\x1B\\x0A"},   /* a comm of a document that we did not write */
		{"\\\\\xc2\x9b", "\\\\\\\\\\xC2\\x9B"},
		{"\\x4", "\\\\x4"},
	};
	char out[64], in[64];

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		assert_string_equal(safe_text_again(out, sizeof(out), cases[i].in), cases[i].out);
		safe_text(in, sizeof(in), cases[i].in, strlen(cases[i].in));
		assert_string_equal(safe_text_again(out, sizeof(out), in), in);
	}
	assert_string_equal(safe_text_again(out, 4, "日本"), "日");
	assert_string_equal(safe_text_again(out, 5, "a\\x1B"), "a"); /* no half escape */
	assert_string_equal(safe_text_again(out, 6, "a\\x1B"), "a\\x1B");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(corpus),	   cmocka_unit_test(ends_where_it_is_told),
		cmocka_unit_test(widths),	   cmocka_unit_test(noise),
		cmocka_unit_test(every_character), cmocka_unit_test(what_has_been_here_stays),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return RUN_TESTS(tests);
}
