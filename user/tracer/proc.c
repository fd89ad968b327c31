// SPDX-License-Identifier: GPL-2.0-only
/* proc.c - what /proc says of processes that are to be traced. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "proc.h"

/* As much of a file as buf has room for, and a NUL. -1: it cannot be opened or read. */
static ssize_t read_bytes(const char *path, char *buf, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t have = 0;
	ssize_t n = -1;

	if (fd < 0)
		return -1;
	while (have < room - 1) {
		n = read(fd, buf + have, room - 1 - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	close(fd);
	buf[have] = '\0';
	return n < 0 ? -1 : (ssize_t)have;
}

/* The name is the first line, and the one text in this file that shows its newlines as \n. */
pid_t proc__process_of(pid_t tid)
{
	char path[64], text[4096], *line;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	if (read_bytes(path, text, sizeof(text)) < 0)
		return 0;
	line = strstr(text, "\nTgid:");
	return line ? (pid_t)strtol(line + strlen("\nTgid:"), NULL, 10) : 0;
}

/* What follows the name: it ends at the last parenthesis, since numbers have none. */
bool proc__parse_stat(const char *text, size_t len, struct proc_stat *ret)
{
	const char *after = memrchr(text, ')', len);
	unsigned long long start;

	if (!after || sscanf(after, ") %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %ld %*d %llu",
			     &ret->state, &ret->parent, &ret->n_threads, &start) != 4)
		return false;
	ret->start = start;
	return true;
}

bool proc__read_stat(pid_t pid, struct proc_stat *ret)
{
	char path[64], text[2048];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	n = read_bytes(path, text, sizeof(text));
	return n > 0 && proc__parse_stat(text, (size_t)n, ret);
}

bool proc__is_over(const struct proc_stat *s)
{
	return (s->state == 'Z' || s->state == 'X') && s->n_threads <= 1;
}

bool proc__alive(struct proc_id id)
{
	struct proc_stat s;

	return proc__read_stat(id.pid, &s) && s.start == id.start && !proc__is_over(&s);
}

int64_t proc__boot_offset_ns(void)
{
	char text[256], *line;
	long long s, ns;

	if (read_bytes("/proc/self/timens_offsets", text, sizeof(text)) < 0)
		return 0;
	line = strstr(text, "boottime");
	if (!line || sscanf(line, "boottime %lld %lld", &s, &ns) != 2)
		return 0;
	return s * 1000000000LL + ns;
}

uint64_t proc__pid_namespace(void)
{
	char number[32] = "";
	struct stat st;

	if (readlink("/proc/self", number, sizeof(number) - 1) < 0 || strtol(number, NULL, 10) != getpid() ||
	    stat("/proc/self/ns/pid", &st))
		return 0;
	return st.st_ino;
}
