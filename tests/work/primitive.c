/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * primitive.c - what the commands are made of: counted reads and writes, and processes and threads that make no call
 * but those written here (glibc's own make a varying number).
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "work.h"

#define STACK_BYTES (16u << 10)

void *work__alloc(size_t len)
{
	void *mem =
		mmap(NULL, len ? len : 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (mem == MAP_FAILED) {
		dprintf(STDERR_FILENO, "work: no memory for %zu bytes\n", len);
		exit(1);
	}
	return mem;
}

ssize_t work__moved(ssize_t ret, int direction)
{
	did.calls++;
	if (ret < 0)
		return -errno;
	did.data_calls += ret > 0;
	if (direction & 1)
		did.in_bytes += ret;
	if (direction & 2)
		did.out_bytes += ret;
	return ret;
}

ssize_t work__read(int fd, void *buf, size_t n)
{
	return work__moved(syscall(SYS_read, fd, buf, n), 1);
}

ssize_t work__write(int fd, const void *buf, size_t n)
{
	return work__moved(syscall(SYS_write, fd, buf, n), 2);
}

int work__read_all(int fd, void *buf, size_t n)
{
	for (size_t done = 0; done < n;) {
		ssize_t got = work__read(fd, (char *)buf + done, n - done);

		if (got <= 0)
			return got ? (int)got : -ENODATA;
		done += got;
	}
	return 0;
}

int work__write_all(int fd, const void *buf, size_t n)
{
	for (size_t done = 0; done < n;) {
		ssize_t put = work__write(fd, (const char *)buf + done, n - done);

		if (put < 0)
			return (int)put;
		done += put;
	}
	return 0;
}

pid_t work__fork(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	return pid < 0 ? -errno : pid;
}

int work__wait(pid_t pid)
{
	int status;

	if (syscall(SYS_wait4, pid, &status, 0, NULL) < 0)
		return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ECHILD;
}

int work__thread(int (*fn)(void *), void *arg, volatile int *tid)
{
	char *stack = work__alloc(STACK_BYTES);
	int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;

	/* No CLONE_SETTLS: it shares our thread-local memory, which is well as long as it never sets errno. */
	flags |= CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
	return clone(fn, stack + STACK_BYTES, flags, arg, tid, NULL, tid) < 0 ? -errno : 0;
}

void work__join(volatile int *tid)
{
	while (*tid)
		__builtin_ia32_pause();
}
