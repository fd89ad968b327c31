/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * work.h - a load whose every operation is known: commands, and the one line of JSON that says what was done.
 *
 * A command counts what it does in `did`, adds figures of its own with out__add, and returns 0 or a negative errno.
 * Nothing is allocated by malloc and nothing printed before the end, so that the calls a command makes are those it was
 * asked for and a constant number of others: two runs with different counts differ by the difference, exactly.
 */
#ifndef ZCTRACE_TESTS_WORK_H
#define ZCTRACE_TESTS_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct did {
	uint64_t calls;	     /* system calls of the counted loop */
	uint64_t data_calls; /* those that moved data, as the metric data_calls */
	uint64_t map_calls;  /* mmap of a file, and munmap */
	uint64_t in_bytes;   /* data calls brought in */
	uint64_t out_bytes;  /* data calls took out */
};
extern struct did did;

void out__add(const char *name, uint64_t value);

/* argv[0] is the command's name, the rest as usage says. */
struct command {
	const char *name;
	const char *usage;
	int min_args, max_args;
	int (*run)(int argc, char **argv);
};

extern const struct command call_commands[], thread_commands[], file_commands[], stream_commands[], transfer_commands[],
	pipe_commands[], call_32_commands[], storm_commands[];

uint64_t arg__number(const char *s); /* exits with a message if it is none */
bool arg__flag(int argc, char **argv, const char *flag);

/* Present before use; released by the end of the process. Exits if there is none. */
void *work__alloc(size_t len);
/* One call each, counted in `did` when it moved something. Bytes, 0 at the end, or a negative errno. */
ssize_t work__read(int fd, void *buf, size_t n);
ssize_t work__write(int fd, const void *buf, size_t n);
/* All n bytes; -ENODATA at an early end. */
int work__read_all(int fd, void *buf, size_t n);
int work__write_all(int fd, const void *buf, size_t n);
/* What any data call returned: counts it as in (1), out (2) or both (3). */
ssize_t work__moved(ssize_t ret, int direction);

/* A process that runs no library code at its start: 0 in the child. */
pid_t work__fork(void);
int work__wait(pid_t pid);

/* A thread without glibc: fn(arg) on a stack of its own; it may make raw system calls only. tid becomes 0 at its end.
 */
int work__thread(int (*fn)(void *), void *arg, volatile int *tid);
/* Waits without a system call. */
void work__join(volatile int *tid);

#endif
