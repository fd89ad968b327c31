/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * threads.c - threads and processes that live, switch and die, and calls that never return.
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "work.h"

struct gang {
	uint64_t calls;
	int gate;  /* read end of a pipe: its end of file lets them go; -1: none */
	int after; /* they wait after their calls, not before */
	int file;  /* read_and_die: read whole, by positioned reads of `chunk` bytes */
	uint64_t size, chunk;
};

static int call_and_die(void *arg)
{
	const struct gang *g = arg;
	char c;

	if (g->gate >= 0 && !g->after)
		syscall(SYS_read, g->gate, &c, 1);
	for (uint64_t i = 0; i < g->calls; i++)
		syscall(SYS_getppid);
	if (g->gate >= 0 && g->after)
		syscall(SYS_read, g->gate, &c, 1);
	return 0;
}

static int read_and_die(void *arg)
{
	const struct gang *g = arg;
	char c, buf[4096];

	syscall(SYS_read, g->gate, &c, 1);
	for (uint64_t at = 0; at < g->size; at += g->chunk)
		if (syscall(SYS_pread64, g->file, buf, g->chunk, at) <= 0)
			return 1;
	return 0;
}

static int killed_by_filter(void *arg)
{
	const struct gang *g = arg;
	char c;

	if (g->gate >= 0)
		syscall(SYS_read, g->gate, &c, 1);
	syscall(SYS_getpgrp);
	return 0; /* not reached */
}

/* N threads; together: all alive at once before the first goes on; fifo: and until all who opened it have closed it. */
static int run_gang(uint64_t n, int (*fn)(void *), struct gang *g, bool together, const char *fifo)
{
	volatile int *tids = work__alloc(n * sizeof(*tids));
	int ends[2] = {-1, -1}, err = 0;

	if (together && (fifo ? (ends[0] = open(fifo, O_RDONLY)) : pipe(ends)) < 0)
		return -errno;
	g->gate = ends[0];
	for (uint64_t i = 0; i < n && !err; i++)
		err = work__thread(fn, g, &tids[i]);
	if (together && !fifo)
		close(ends[1]);
	for (uint64_t i = 0; i < n && !err; i++)
		work__join(&tids[i]);
	out__add("threads", n);
	/* Besides what is in did.calls: its exit, unless it is killed before, and a read of 0 bytes if they waited. */
	out__add("calls_per_thread_besides", (fn == call_and_die) + together);
	return err;
}

/* threads N CALLS [--together | FIFO [--after]] */
static int run_threads(int argc, char **argv)
{
	uint64_t n = arg__number(argv[1]);
	struct gang g = {.calls = arg__number(argv[2]), .after = argc > 4};

	did.calls = n * g.calls;
	return run_gang(n, call_and_die, &g, argc > 3, argc > 3 && strcmp(argv[3], "--together") ? argv[3] : NULL);
}

/* thread-reads N FILE CHUNK FIFO: N threads wait for the FIFO's end, then each reads the file */
static int run_thread_reads(int argc, char **argv)
{
	uint64_t n = arg__number(argv[1]);
	struct gang g = {.file = open(argv[2], O_RDONLY), .chunk = arg__number(argv[3])};
	off_t size = g.file < 0 ? -1 : lseek(g.file, 0, SEEK_END);

	(void)argc;
	if (size < 0 || g.chunk > 4096)
		return g.file < 0 ? -errno : -EINVAL;
	g.size = size;
	did.data_calls = n * ((g.size + g.chunk - 1) / g.chunk);
	did.in_bytes = n * g.size;
	return run_gang(n, read_and_die, &g, true, argv[4]);
}

/* getppid is denied with EPERM, getpgrp kills the thread. */
static int install_filter(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgrp, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_THREAD),
	};
	struct sock_fprog prog = {sizeof(code) / sizeof(code[0]), code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) < 0)
		return -errno;
	return 0;
}

static int run_seccomp(int argc, char **argv)
{
	uint64_t n = arg__number(argv[1]);
	struct gang g = {.gate = -1};
	int err = install_filter();

	(void)argc;
	for (; did.calls < n && !err; did.calls++)
		if (syscall(SYS_getppid) != -1 || errno != EPERM)
			err = -EPROTO;
	if (!err)
		err = run_gang(1, killed_by_filter, &g, false, NULL);
	did.calls++; /* the one it is killed in */
	out__add("denied", n);
	out__add("killed", 1);
	return err;
}

static int run_killed_threads(int argc, char **argv)
{
	struct gang g = {0};
	uint64_t n = arg__number(argv[1]);
	int err = install_filter();

	did.calls = n; /* each is in one when it is killed */
	out__add("killed", n);
	return err ? err : run_gang(n, killed_by_filter, &g, arg__flag(argc, argv, "--together"), NULL);
}

/* renamed NAME N [FIFO]: takes the name, then N getppid; with FIFO a thread of it does, which has the name from another
 */
static int run_renamed(int argc, char **argv)
{
	struct gang g = {.calls = arg__number(argv[2]), .gate = argc > 3 ? open(argv[3], O_RDONLY) : -1};
	volatile int *tid = work__alloc(sizeof(*tid));
	char path[64];
	int err, fd;

	did.calls = g.calls;
	if (argc <= 3) {
		prctl(PR_SET_NAME, argv[1]);
		for (uint64_t i = 0; i < g.calls; i++)
			syscall(SYS_getppid);
		return 0;
	}
	err = g.gate < 0 ? -errno : work__thread(call_and_die, &g, tid);
	if (err)
		return err;
	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", *tid);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, argv[1], strlen(argv[1])) < 0)
		return -errno;
	work__join(tid);
	return 0;
}

static int run_forks(int argc, char **argv)
{
	uint64_t n = arg__number(argv[1]), calls = argc > 2 ? arg__number(argv[2]) : 0;
	int err = 0;

	for (uint64_t i = 0; i < n && !err; i++) {
		pid_t pid = work__fork();

		if (pid == 0) {
			for (uint64_t j = 0; j < calls; j++)
				syscall(SYS_getppid);
			syscall(SYS_exit_group, 0);
		}
		err = pid < 0 ? pid : work__wait(pid);
		did.calls += 2;
	}
	out__add("forks", n);
	out__add("calls_per_child", calls + 1); /* and its exit */
	return err;
}

struct rally {
	uint64_t rounds;
	int in, out;
};

/* Raw calls only: no errno. */
static int return_balls(void *arg)
{
	const struct rally *r = arg;
	char c;

	for (uint64_t i = 0; i < r->rounds; i++) {
		syscall(SYS_read, r->in, &c, 1);
		syscall(SYS_write, r->out, &c, 1);
	}
	return 0;
}

/* Two threads and a byte to and fro: each round is a read and a write of each, and at least one switch. */
static int run_mixed_switch(int argc, char **argv)
{
	struct rally other = {.rounds = arg__number(argv[1])};
	volatile int *tid = work__alloc(sizeof(*tid));
	int to[2], back[2], err;
	char c = 'x';

	(void)argc;
	if (pipe(to) < 0 || pipe(back) < 0)
		return -errno;
	other.in = to[0];
	other.out = back[1];
	err = work__thread(return_balls, &other, tid);
	for (uint64_t i = 0; i < other.rounds && !err; i++) {
		err = work__write_all(to[1], &c, 1);
		if (!err)
			err = work__read_all(back[0], &c, 1);
	}
	if (!err)
		work__join(tid);
	did.calls *= 2; /* the other thread's as well */
	did.data_calls *= 2;
	did.in_bytes *= 2;
	did.out_bytes *= 2;
	return err;
}

/* naps N NS: sleeps N times; as a real-time process it takes the CPU from whoever has it each time it wakes */
static int run_naps(int argc, char **argv)
{
	uint64_t n = arg__number(argv[1]), ns = arg__number(argv[2]);
	struct timespec nap = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};

	(void)argc;
	for (; did.calls < n; did.calls++)
		if (syscall(SYS_nanosleep, &nap, NULL) < 0)
			return -errno;
	return 0;
}

/* clang-format off */
const struct command thread_commands[] = {
	{"threads",        "N CALLS [--together | FIFO [--after]]  N threads of CALLS getppid each", 2, 4, run_threads},
	{"thread-reads", "N FILE CHUNK FIFO  N threads wait for the FIFO's end, then each reads the file", 4, 4, run_thread_reads},
	{"killed-threads", "N [--together]    N threads killed inside a call", 1, 2, run_killed_threads},
	{"seccomp",        "N                 N calls denied with EPERM, then a thread killed inside one", 1, 1, run_seccomp},
	{"renamed",        "NAME N [FIFO]     takes the name, then N getppid; FIFO: a thread of it, by its main one", 2, 3, run_renamed},
	{"forks",          "N [CALLS]         N children one after another, of CALLS getppid each", 1, 2, run_forks},
	{"naps",           "N NS              N sleeps of NS nanoseconds", 2, 2, run_naps},
	{"mixed-switch",   "N                 two threads, N bytes to and fro through pipes", 1, 1, run_mixed_switch},
	{0},
};
/* clang-format on */
