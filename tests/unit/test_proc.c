/* SPDX-License-Identifier: GPL-2.0-only */
/* test_proc.c - what /proc says of a process, whatever its name is; and the sentence for a kernel that took no
 * programs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"

#include "complain.h"
#include "proc.h"

#define REST " S 41 7 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 13 0 987654321 100 200 18446744073709551615"

static void any_name(void **state)
{
	static const char *const names[] = {"sh", "two\nlines", ") Z 1 1\n(", "\n\n\n", "(a) R 1 2 3 (b",
					    ")",  "",		"\n) X 1"};

	(void)state;
	for (size_t i = 0; i < N_OF(names); i++) {
		char text[256];
		struct proc_stat s;

		snprintf(text, sizeof(text), "43 (%s)" REST "\n", names[i]);
		assert_true(proc__parse_stat(text, strlen(text), &s));
		assert_int_equal(s.state, 'S');
		assert_int_equal(s.parent, 41);
		assert_int_equal(s.n_threads, 13);
		assert_int_equal(s.start, 987654321);
	}
}

static void cut_short(void **state)
{
	static const char whole[] = "43 (sh)" REST;
	struct proc_stat s;

	(void)state;
	for (size_t len = 0; len < strlen("43 (sh) S 41 7 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 13 0 "); len++) {
		char text[sizeof(whole)];

		memcpy(text, whole, len);
		text[len] = '\0';
		assert_false(proc__parse_stat(text, len, &s));
	}
}

static void over(void **state)
{
	(void)state;
	assert_true(proc__is_over(&(struct proc_stat){.state = 'Z', .n_threads = 1}));
	assert_true(proc__is_over(&(struct proc_stat){.state = 'X', .n_threads = 0}));
	assert_false(proc__is_over(&(struct proc_stat){.state = 'Z', .n_threads = 2})); /* others go on */
	assert_false(proc__is_over(&(struct proc_stat){.state = 'D', .n_threads = 1}));
}

static void sentences(void **state)
{
	static const struct {
		int err, confidential, ret;
		const char *says;
	} cases[] = {
		{-EINVAL, 1, -ENOTSUP, "lockdown is in confidentiality mode"},
		{-EPERM, 1, -ENOTSUP, "lockdown=integrity"},
		{-EMFILE, 1, -EIO, "ulimit -n"}, /* that is what it lacks first */
		{-EMFILE, 0, -EIO, "ulimit -n"},
		{-ENFILE, 0, -EIO, "fs.file-max"},
		{-ENOMEM, 0, -EIO, "memory"},
		{-EPERM, 0, -EPERM, "sudo"},
		{-EACCES, 0, -EPERM, "sudo"},
		{-EINVAL, 0, -ENOTSUP, "Linux 6.1"},
		{-ENOENT, 0, -ENOTSUP, "Linux 6.1"},
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < N_OF(cases); i++) {
		assert_int_equal(complain__of_load(text, sizeof(text), cases[i].err, "load", cases[i].confidential),
				 cases[i].ret);
		if (!strstr(text, cases[i].says))
			fail_msg("%d: %s", cases[i].err, text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_name),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(over),
		cmocka_unit_test(sentences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
