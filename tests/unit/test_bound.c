/* SPDX-License-Identifier: GPL-2.0-only */
/* test_bound.c - an index that is outside ends the program, with a sentence, before anything is written. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>

#include "bound.h"

static void last_words(void)
{
	dprintf(STDERR_FILENO, "the terminal is given back. ");
}

/* What a program that asks for this place of five says before its end, and its status. */
static int ask(long at, char *said, size_t len)
{
	int pipes[2], status;
	size_t used = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		int five[5] = {0};
		size_t n_five = (size_t)at;

		dup2(pipes[1], STDERR_FILENO);
		bound__before_end = last_words;
		BOUND(five, n_five++) = 7;
		_exit(five[at] == 7 && n_five == (size_t)at + 1 ? 0 : 99);
	}
	close(pipes[1]);
	while (used < len - 1 && (n = read(pipes[0], said + used, len - 1 - used)) > 0)
		used += (size_t)n;
	said[used] = '\0';
	close(pipes[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void inside(void **state)
{
	char said[512];

	(void)state;
	assert_int_equal(ask(0, said, sizeof(said)), 0);
	assert_int_equal(ask(4, said, sizeof(said)), 0);
	assert_string_equal(said, "");
}

static void outside(void **state)
{
	static const long places[] = {-1, 5, 1L << 40, INT64_MIN};
	char said[512] = "";

	(void)state;
	for (size_t i = 0; i < N_OF(places); i++) {
		assert_int_equal(ask(places[i], said, sizeof(said)), 1);
		assert_ptr_equal(strstr(said, "the terminal is given back. zctrace: this is a bug"), said);
		assert_non_null(strstr(said, "test_bound.c:"));
		assert_non_null(strstr(said, " of an array of 5\n"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inside),
		cmocka_unit_test(outside),
	};

	return RUN_TESTS(tests);
}
