/* SPDX-License-Identifier: GPL-2.0-only */
/* storm.c - many short processes, each of a name of its own, and in batches in control groups of their own. */
#define _GNU_SOURCE 1

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "work.h"

struct storm {
	uint64_t n, first;
	const char *dir; /* of a cgroup2 hierarchy; NULL: all stay where they are */
	uint64_t batch;	 /* processes in each control group */
	int pipe[2];
};

/* A name, 7 bytes from its parent and 7 bytes to itself. */
static void live(const struct storm *s, uint64_t number)
{
	char name[32], bytes[7];
	int own[2];

	snprintf(name, sizeof(name), "storm%llu", (unsigned long long)number);
	prctl(PR_SET_NAME, name, 0, 0, 0);
	if (read(s->pipe[0], bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes) || pipe(own) < 0 ||
	    write(own[1], bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes) ||
	    read(own[0], bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes))
		syscall(SYS_exit_group, 1);
	syscall(SYS_exit_group, 0);
}

/* One that is born in the control group of the descriptor, -1: its parent's. */
static int bear(const struct storm *s, uint64_t number, int cgroup)
{
	struct clone_args args = {
		.flags = cgroup >= 0 ? CLONE_INTO_CGROUP : 0,
		.exit_signal = SIGCHLD,
		.cgroup = cgroup >= 0 ? (uint64_t)cgroup : 0,
	};
	long pid;

	if (write(s->pipe[1], "storm\n", 7) != 7)
		return -errno;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		live(s, number);
	return pid < 0 ? -errno : work__wait((pid_t)pid);
}

static void name_of(char path[4096], const struct storm *s, uint64_t number)
{
	snprintf(path, 4096, "%s/storm%llu", s->dir, (unsigned long long)(number / s->batch));
}

static int enter(const struct storm *s, uint64_t number)
{
	char path[4096];
	int fd;

	if (!s->dir)
		return -1;
	name_of(path, s, number);
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return -errno;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* A process that was waited for leaves its control group a moment later. */
static int leave(const struct storm *s, uint64_t number, int cgroup)
{
	const struct timespec moment = {.tv_nsec = 100000};
	char path[4096];

	if (!s->dir)
		return 0;
	close(cgroup);
	name_of(path, s, number);
	while (rmdir(path) < 0)
		if (errno != EBUSY || nanosleep(&moment, NULL) < 0)
			return -errno;
	return 0;
}

/* storm N FIRST [CGROUP-DIR BATCH]: numbers FIRST to FIRST + N - 1, one after another */
static int run_storm(int argc, char **argv)
{
	struct storm s = {.n = arg__number(argv[1]), .first = arg__number(argv[2]), .batch = 1};
	int cgroup = -1, err = 0;

	if (argc > 4) {
		s.dir = argv[3];
		s.batch = arg__number(argv[4]);
	}
	if (!s.batch || pipe(s.pipe) < 0)
		return s.batch ? -errno : -EINVAL;
	for (uint64_t i = s.first; i < s.first + s.n && !err; i++) {
		if (i == s.first || i % s.batch == 0)
			cgroup = enter(&s, i);
		if (s.dir && cgroup < 0)
			return cgroup;
		err = bear(&s, i, cgroup);
		if (!err && (i + 1 == s.first + s.n || (i + 1) % s.batch == 0))
			err = leave(&s, i, cgroup);
	}
	out__add("processes", s.n);
	return err;
}

const struct command storm_commands[] = {
	{"storm",
	 "N FIRST [DIR BATCH]  N children one after another, named stormFIRST and on; in control groups below DIR", 2,
	 4, run_storm},
	{0},
};
