/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * proc.h - what /proc says of processes that are to be traced; it may change at any moment. Its files are read as
 * bytes: a name may hold a newline, a parenthesis, anything but a NUL. Prints nothing.
 */
#ifndef ZCTRACE_PROC_H
#define ZCTRACE_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Who a process is, for ever: its number is another's once it has been waited for. */
struct proc_id {
	pid_t pid;
	uint64_t start; /* clock ticks since the machine booted, as the kernel shows them here */
};

struct proc_stat {
	char state;
	pid_t parent;
	uint64_t start;
	long n_threads;
};

pid_t proc__process_of(pid_t tid); /* the process a thread belongs to, 0 if there is none of that number */
/* False if there is none of that number; ret->n_threads: those that have not ended, and the first in any case. */
bool proc__read_stat(pid_t pid, struct proc_stat *ret);
/* The same from the text of the file, len bytes. */
bool proc__parse_stat(const char *text, size_t len, struct proc_stat *ret);
/* Of what is not waited for yet nothing is left to trace, unless only its first thread has ended. */
bool proc__is_over(const struct proc_stat *s);
/* That very process is there, and has not ended. */
bool proc__alive(struct proc_id id);
/* What the kernel adds to the time since boot before it shows it here (time namespaces), in nanoseconds. */
int64_t proc__boot_offset_ns(void);

/* The pid namespace that we are in, as its inode number; 0: /proc is not there, or is that of another one. */
uint64_t proc__pid_namespace(void);
/* The one that the machine began with (PROC_PID_INIT_INO of the kernel). */
#define PROC_FIRST_PID_NAMESPACE 0xeffffffcU

#endif
