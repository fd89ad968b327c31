/* SPDX-License-Identifier: GPL-2.0-only */
/* test_writer.c - bytes on their way to a descriptor: in order, whole, and waited for by nobody. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "writer.h"

#define PAGE 4096

static void pieces_come_in_order(void **state)
{
	int fd = memfd_create("test", 0);
	struct writer *w;
	char got[8] = "";

	(void)state;
	assert_int_equal(writer__new(&w, -1, 1000, true), 0);
	assert_int_equal(writer__put(w, "ab", 2), 0);
	assert_int_equal(writer__put(w, "cde", 3), 0);
	assert_int_equal(writer__settle(w), 0);
	assert_true(writer__busy(w)); /* it has nowhere to go */
	assert_int_equal(writer__into(w, fd, true), 0);
	assert_int_equal(writer__put(w, "fg", 2), 0);
	assert_int_equal(writer__wait(w, 60000), 0);
	assert_false(writer__busy(w));
	assert_int_equal(writer__n_taken(w), 7);
	assert_int_equal(writer__close(w, 60000), 0);
	assert_int_equal(pread(fd, got, sizeof(got), 0), 7);
	assert_string_equal(got, "abcdefg");
	close(fd);
}

/* A pipe of one page takes one page, and then nothing until it is read. */
static void nobody_waits_for_a_reader(void **state)
{
	static char bytes[2 * PAGE + 7];
	static char got[sizeof(bytes) + 11];
	struct writer *w;
	size_t n = 0;
	int pipe_fd[2];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i % 251);
	assert_int_equal(pipe(pipe_fd), 0);
	assert_int_equal(fcntl(pipe_fd[1], F_SETPIPE_SZ, PAGE), PAGE);
	assert_int_equal(writer__new(&w, pipe_fd[1], PAGE, false), 0);
	assert_int_equal(writer__put(w, bytes, sizeof(bytes)), 0); /* one piece may always wait */
	assert_int_equal(writer__wait(w, 100), -ETIMEDOUT);
	assert_true(writer__busy(w));
	assert_int_equal(writer__put(w, bytes, 11), -ENOBUFS);
	assert_int_equal(writer__settle(w), 0);
	close(pipe_fd[1]);
	while (n < sizeof(bytes)) {
		ssize_t more = read(pipe_fd[0], got + n, sizeof(got) - n);

		assert_true(more > 0);
		n += (size_t)more;
	}
	assert_int_equal(writer__close(w, 60000), 0);
	assert_int_equal(read(pipe_fd[0], got + n, sizeof(got) - n), 0); /* what was refused never comes */
	assert_memory_equal(got, bytes, sizeof(bytes));
	close(pipe_fd[0]);
}

/* As nobody_waits_for_a_reader, where whoever shares the pipe has set it not to block. */
static void no_room_is_no_error(void **state)
{
	static char bytes[5 * PAGE + 7], got[sizeof(bytes)];
	struct writer *w;
	size_t n = 0;
	int pipe_fd[2];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i % 251);
	assert_int_equal(pipe(pipe_fd), 0);
	assert_int_equal(fcntl(pipe_fd[1], F_SETPIPE_SZ, PAGE), PAGE);
	assert_int_equal(fcntl(pipe_fd[1], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(writer__new(&w, pipe_fd[1], PAGE, false), 0);
	assert_int_equal(writer__put(w, bytes, sizeof(bytes)), 0);
	assert_int_equal(writer__wait(w, 307), -ETIMEDOUT);
	assert_int_equal(writer__error(w), 0);
	close(pipe_fd[1]);
	while (n < sizeof(bytes)) {
		ssize_t more = read(pipe_fd[0], got + n, sizeof(got) - n);

		assert_true(more > 0);
		n += (size_t)more;
	}
	assert_int_equal(writer__close(w, 60000), 0);
	assert_memory_equal(got, bytes, sizeof(bytes));
	close(pipe_fd[0]);
}

/* A sealed memfd cannot grow: what fits is there, what does not is cut off, and the error stays. */
static void an_error_stays(void **state)
{
	int fd = memfd_create("test", MFD_ALLOW_SEALING);
	static char big[3 * PAGE];
	struct writer *w;

	(void)state;
	assert_int_equal(writer__new(&w, fd, 10 * PAGE, true), 0);
	assert_int_equal(writer__put(w, "whole", 5), 0);
	assert_int_equal(writer__wait(w, 60000), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), 0);
	assert_int_equal(writer__put(w, big, sizeof(big)), 0);
	assert_int_equal(writer__wait(w, 60000), -EPERM);
	assert_int_equal(writer__error(w), -EPERM);
	assert_int_equal(writer__put(w, "more", 4), -EPERM);
	assert_int_equal(writer__close(w, 60000), -EPERM);
	assert_int_equal(lseek(fd, 0, SEEK_END), 5);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_come_in_order),
		cmocka_unit_test(nobody_waits_for_a_reader),
		cmocka_unit_test(no_room_is_no_error),
		cmocka_unit_test(an_error_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
