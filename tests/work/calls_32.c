/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * calls_32.c - 32-bit system calls, made from this 64-bit program: the kernel tells them by how they came, not by who
 * made them. Buffers lie below 4 GiB, since their addresses have 32 bits.
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "work.h"

#define ROOM_BYTES 65536
#define CHILD_CALLS 11
#define FILE_BYTES 1013
#define PIPE_BYTES 13
#define SOCKET_BYTES 17

enum {
	NR_EXIT = 1,
	NR_READ = 3,
	NR_WRITE = 4,
	NR_GETPPID = 64,
	NR_SOCKETCALL = 102,
	NR_FSYNC = 118,
	NR_READV = 145,
	NR_PREAD64 = 180,
	NR_SENDFILE = 187,
	SOCKETCALL_SEND = 9,
	SOCKETCALL_RECV = 10,
};

static long call(long nr, long a, long b, long c, long d, long e)
{
#ifdef __x86_64__
	long ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory", "r8", "r9", "r10", "r11");
	did.calls++;
	return (int)ret;
#else
	(void)nr, (void)a, (void)b, (void)c, (void)d, (void)e;
	return -ENOSYS;
#endif
}

static void expect(long ret, long want)
{
	if (ret != want) {
		dprintf(STDERR_FILENO, "work: a 32-bit call returned %ld, not %ld\n", ret, want);
		_exit(1);
	}
}

/* Makes a known number of calls and ends by one. */
static int child(void)
{
	pid_t pid = work__fork();

	if (pid < 0)
		return pid;
	if (!pid) {
		for (int i = 0; i < CHILD_CALLS; i++)
			call(NR_GETPPID, 0, 0, 0, 0, 0);
		call(NR_EXIT, 0, 0, 0, 0, 0);
	}
	out__add("child_pid", pid);
	out__add("child_calls", CHILD_CALLS + 1);
	return work__wait(pid);
}

/* calls-32 FILE N: N times pread64, readv and sendfile from FILE, fsync of it, and bytes to and fro. */
static int run_calls_32(int argc, char **argv)
{
	int fd = open(argv[1], O_RDWR), pipe_ends[2], ends[2];
	uint64_t n = arg__number(argv[2]);
	char *room =
		mmap(NULL, ROOM_BYTES + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	uint32_t *words = (uint32_t *)(room + ROOM_BYTES - 16),
		 buf = (uint32_t)(uintptr_t)room; /* nothing behind them */
	long at = (long)(uintptr_t)words;

	(void)argc;
	if (fd < 0 || room == MAP_FAILED || pipe(pipe_ends) || socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		return -errno;
	if (mprotect(room + ROOM_BYTES, 4096, PROT_NONE))
		return -errno;
	for (uint64_t i = 0; i < n; i++) {
		expect(call(NR_PREAD64, fd, buf, FILE_BYTES, 1, 0), FILE_BYTES);
		expect(lseek(fd, 0, SEEK_SET), 0);
		words[0] = buf, words[1] = 7, words[2] = buf + 4096, words[3] = FILE_BYTES - 7;
		expect(call(NR_READV, fd, at, 2, 0, 0), FILE_BYTES);
		expect(call(NR_WRITE, pipe_ends[1], buf, PIPE_BYTES, 0, 0), PIPE_BYTES);
		expect(call(NR_READ, pipe_ends[0], buf, PIPE_BYTES, 0, 0), PIPE_BYTES);
		words[0] = ends[0], words[1] = buf, words[2] = SOCKET_BYTES, words[3] = 0;
		expect(call(NR_SOCKETCALL, SOCKETCALL_SEND, at, 0, 0, 0), SOCKET_BYTES);
		words[0] = ends[1];
		expect(call(NR_SOCKETCALL, SOCKETCALL_RECV, at, 0, 0, 0), SOCKET_BYTES);
		words[0] = 1;
		expect(call(NR_SENDFILE, ends[0], fd, at, FILE_BYTES, 0), FILE_BYTES);
		words[0] = ends[1], words[1] = buf, words[2] = FILE_BYTES, words[3] = 0;
		expect(call(NR_SOCKETCALL, SOCKETCALL_RECV, at, 0, 0, 0), FILE_BYTES);
		expect(call(NR_FSYNC, fd, 0, 0, 0, 0), 0);
	}
	did.data_calls = 8 * n;
	out__add("file_in", 2 * n * FILE_BYTES);
	out__add("pipe", n * PIPE_BYTES);
	out__add("socket_out", n * SOCKET_BYTES);
	out__add("socket_in", n * (SOCKET_BYTES + FILE_BYTES));
	out__add("sendfile", n * FILE_BYTES);
	out__add("payload_in", n * (3 * FILE_BYTES + SOCKET_BYTES + FILE_BYTES));
	out__add("payload_out", n * (FILE_BYTES + SOCKET_BYTES));
	out__add("fsyncs", n);
	return child();
}

const struct command call_32_commands[] = {
	{"calls-32", "FILE N          as 32-bit calls", 2, 2, run_calls_32},
	{},
};
