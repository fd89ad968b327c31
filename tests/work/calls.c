/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * calls.c - system calls, faults and time in user mode, counted.
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "work.h"

static void getppids(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		syscall(SYS_getppid);
	did.calls += n;
}

static int run_syscalls(int argc, char **argv)
{
	(void)argc;
	getppids(arg__number(argv[1]));
	return 0;
}

static int run_fstat(int argc, char **argv)
{
	uint64_t n = arg__number(argv[1]);
	int fd = open("/", O_RDONLY | O_DIRECTORY);
	struct stat st;

	(void)argc;
	if (fd < 0)
		return -errno;
	for (; did.calls < n; did.calls++)
		if (syscall(SYS_fstat, fd, &st) < 0)
			return -errno;
	out__add("to_user_bytes", n * sizeof(st));
	return 0;
}

static int run_stat_path(int argc, char **argv)
{
	uint64_t n = arg__number(argv[1]);
	struct stat st;

	(void)argc;
	for (; did.calls < n; did.calls++)
		if (syscall(SYS_newfstatat, AT_FDCWD, "/", &st, 0) < 0)
			return -errno;
	out__add("to_user_bytes", n * sizeof(st));
	return 0;
}

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000ull + t.tv_nsec / 1000;
}

/* By the time-stamp counter: where the clock is slow to read, as in an emulated machine, clock_gettime is a system
 * call. */
static int run_spin(int argc, char **argv)
{
	uint64_t us = arg__number(argv[1]) * 1000, from = now_us(), start = __rdtsc(), per_us, taken;

	(void)argc;
	while (__rdtsc() - start < 20000000)
		;
	taken = now_us() - from;
	per_us = (__rdtsc() - start) / (taken ? taken : 1);
	while (__rdtsc() - start < us * per_us)
		;
	out__add("spun_us", now_us() - from);
	return 0;
}

/* n pages without memory behind them, small ones only: one exception each. NULL: there is no room. */
static char *fresh_pages(uint64_t n)
{
	size_t len = n * 4096;
	char *mem = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (mem == MAP_FAILED || (madvise(mem, len, MADV_NOHUGEPAGE) < 0 && errno != EINVAL))
		return NULL;
	return mem;
}

static int run_faults(int argc, char **argv)
{
	uint64_t n = arg__number(argv[1]);
	volatile char *mem = fresh_pages(n);

	(void)argc;
	if (!mem)
		return -errno;
	for (uint64_t i = 0; i < n; i++)
		mem[i * 4096] = 1;
	out__add("faults", n);
	return 0;
}

/* The kernel is the first to touch them: it stores a byte of /dev/zero, which is no copy, into each. */
static int run_kernel_faults(int argc, char **argv)
{
	uint64_t n = arg__number(argv[1]);
	char *mem = fresh_pages(n);
	int fd = open("/dev/zero", O_RDONLY), err = 0;

	(void)argc;
	if (!mem || fd < 0)
		return -errno;
	for (uint64_t i = 0; i < n && !err; i++)
		err = work__read_all(fd, mem + i * 4096, 1);
	out__add("kernel_faults", n);
	return err;
}

/* N calls, then the same program anew in the same process for N more; it says 2 N. */
static int run_exec_self(int argc, char **argv)
{
	char *again[] = {"work", "exec-self", argv[1], "again", NULL};
	uint64_t n = arg__number(argv[1]);

	getppids(n);
	if (argc > 2) {
		did.calls += n;
		out__add("execs", 1);
		return 0;
	}
	execv("/proc/self/exe", again);
	return -errno;
}

static int run_sleep_block(int argc, char **argv)
{
	static char buf[65536];
	int fd = open(argv[1], O_RDONLY);
	ssize_t got;

	(void)argc;
	if (fd < 0)
		return -errno;
	while ((got = work__read(fd, buf, sizeof(buf))) > 0)
		;
	return (int)got;
}

/* clang-format off */
const struct command call_commands[] = {
	{"syscalls",    "N                 N getppid", 1, 1, run_syscalls},
	{"fstat",       "N                 N fstat", 1, 1, run_fstat},
	{"stat-path",   "N                 N stat of /", 1, 1, run_stat_path},
	{"spin",        "MS                user mode only", 1, 1, run_spin},
	{"faults",      "N                 touch N fresh anonymous pages", 1, 1, run_faults},
	{"kernel-faults", "N               the kernel touches N fresh anonymous pages", 1, 1, run_kernel_faults},
	{"exec-self",   "N                 N getppid, exec itself, N more", 1, 2, run_exec_self},
	{"sleep-block", "FIFO              read until its end, blocked as long as nobody writes", 1, 1, run_sleep_block},
	{0},
};
/* clang-format on */
