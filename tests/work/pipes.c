/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pipes.c - many processes and pipes. Children are named for what they do: "writer", "reader", "both"; what each has
 * moved is known beforehand, but for readers of one pipe, of which only the sum is.
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "work.h"

static _Noreturn void end(int err)
{
	syscall(SYS_exit_group, err ? 1 : 0);
	__builtin_unreachable();
}

static _Noreturn void writer(int fd, uint64_t n, uint64_t bytes)
{
	const char *buf = work__alloc(bytes);
	int err = 0;

	prctl(PR_SET_NAME, "writer");
	for (uint64_t i = 0; i < n && !err; i++)
		err = work__write_all(fd, buf, bytes);
	end(err);
}

static _Noreturn void reader(int fd, uint64_t bytes)
{
	char *buf = work__alloc(bytes);
	ssize_t n;

	prctl(PR_SET_NAME, "reader");
	do
		n = work__read(fd, buf, bytes);
	while (n > 0);
	end((int)n);
}

static int wait_for_all(void)
{
	int status, err = 0;

	while (wait(&status) > 0)
		err = status ? -EIO : err;
	return err;
}

/* crowd WRITERS READERS N BYTES: one pipe; each writer writes N times BYTES to it, the readers read it to its end. */
static int run_crowd(int argc, char **argv)
{
	uint64_t writers = arg__number(argv[1]), readers = arg__number(argv[2]);
	uint64_t n = arg__number(argv[3]), bytes = arg__number(argv[4]);
	int ends[2];

	(void)argc;
	if (pipe(ends) < 0)
		return -errno;
	for (uint64_t i = 0; i < writers + readers; i++) {
		pid_t pid = work__fork();

		if (pid < 0)
			return pid;
		if (pid)
			continue;
		if (i < readers) {
			close(ends[1]);
			reader(ends[0], bytes);
		}
		close(ends[0]);
		writer(ends[1], n, bytes);
	}
	close(ends[0]);
	close(ends[1]);
	return wait_for_all();
}

/* pipes N BYTES: N processes one after another, each of which writes BYTES to a pipe of its own, read by this one. */
static int run_pipes(int argc, char **argv)
{
	uint64_t n = arg__number(argv[1]), bytes = arg__number(argv[2]);
	char *buf = work__alloc(bytes);

	(void)argc;
	for (uint64_t i = 0; i < n; i++) {
		int ends[2], err;
		pid_t pid;

		if (pipe(ends) < 0)
			return -errno;
		pid = work__fork();
		if (pid < 0)
			return pid;
		if (!pid)
			writer(ends[1], 1, bytes);
		err = work__read_all(ends[0], buf, bytes);
		close(ends[0]);
		close(ends[1]);
		if (!err)
			err = work__wait(pid);
		if (err)
			return err;
	}
	return 0;
}

/* churn N BYTES: N pipes one after another, each written to and read by this process. */
static int run_churn(int argc, char **argv)
{
	uint64_t n = arg__number(argv[1]), bytes = arg__number(argv[2]);
	char *buf = work__alloc(bytes);
	int ends[2], err = 0;

	(void)argc;
	for (uint64_t i = 0; i < n && !err; i++) {
		if (pipe(ends) < 0)
			return -errno;
		err = work__write_all(ends[1], buf, bytes);
		if (!err)
			err = work__read_all(ends[0], buf, bytes);
		close(ends[0]);
		close(ends[1]);
	}
	return err;
}

/* tokens PROCESSES N: one pipe that holds a token for each; each takes one and puts it back, N times. */
static int run_tokens(int argc, char **argv)
{
	uint64_t processes = arg__number(argv[1]), n = arg__number(argv[2]);
	int ends[2], err = 0;
	char token = 't';

	(void)argc;
	if (pipe(ends) < 0)
		return -errno;
	for (uint64_t i = 0; i < processes && !err; i++)
		err = work__write_all(ends[1], &token, 1);
	for (uint64_t i = 0; i < processes && !err; i++) {
		pid_t pid = work__fork();

		if (pid < 0)
			return pid;
		if (pid)
			continue;
		prctl(PR_SET_NAME, "both");
		for (uint64_t k = 0; k < n && !err; k++) {
			err = work__read_all(ends[0], &token, 1);
			if (!err)
				err = work__write_all(ends[1], &token, 1);
		}
		end(err);
	}
	return err ? err : wait_for_all();
}

const struct command pipe_commands[] = {
	{"crowd", "WRITERS READERS N BYTES", 4, 4, run_crowd},
	{"pipes", "N BYTES", 2, 2, run_pipes},
	{"churn", "N BYTES", 2, 2, run_churn},
	{"tokens", "PROCESSES N", 2, 2, run_tokens},
	{},
};
