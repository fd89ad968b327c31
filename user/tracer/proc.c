// SPDX-License-Identifier: GPL-2.0-only
/* proc.c - what /proc says of processes that are to be traced. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proc.h"

/* The process that a thread belongs to, 0 if there is none of that number. */
pid_t proc__process_of(pid_t tid)
{
	char path[64], line[128];
	pid_t tgid = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	while (!tgid && fgets(line, sizeof(line), f))
		if (sscanf(line, "Tgid: %d", &tgid) != 1)
			tgid = 0;
	fclose(f);
	return tgid;
}

/* The state letter of a process, 0 if it has gone. comm may hold anything, a parenthesis too: it ends at the last one.
 */
static char read_stat(const char *pid, pid_t *parent)
{
	char path[300], line[512], *after, state = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	after = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	if (!after || sscanf(after, ") %c %d", &state, parent) != 2)
		state = 0;
	fclose(f);
	return state;
}

pid_t proc__parent_of(const char *pid)
{
	pid_t parent = 0;

	return read_stat(pid, &parent) ? parent : 0;
}

bool proc__alive(pid_t pid)
{
	char text[16], state;
	pid_t parent;

	snprintf(text, sizeof(text), "%d", pid);
	state = read_stat(text, &parent);
	return state && state != 'Z' && state != 'X';
}
