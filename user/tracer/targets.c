// SPDX-License-Identifier: GPL-2.0-only
/* targets.c - the processes that a trace was pointed at. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"
#include "proc.h"
#include "safe.h"
#include "targets.h"

bool targets__has(const struct targets *t, pid_t pid)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->pid[i] == pid)
			return true;
	return false;
}

int targets__remember(struct targets *t, pid_t pid)
{
	pid_t *more;

	if (targets__has(t, pid))
		return 0;
	more = realloc(t->pid, (t->n + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	more[t->n++] = pid;
	t->pid = more;
	return 0;
}

void targets__free(struct targets *t)
{
	free(t->pid);
	*t = (struct targets){0};
}

/* One walk through /proc. Returns how many were new, or a negative errno. */
static int add_children(const struct targets *t, int (*add)(void *ctx, pid_t pid), void *ctx)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int n = 0, err;

	if (!d)
		return -errno;
	while ((e = readdir(d))) {
		pid_t pid = strtol(e->d_name, NULL, 10);

		if (pid <= 0 || pid == getpid() || targets__has(t, pid) || !targets__has(t, proc__parent_of(e->d_name)))
			continue;
		err = add(ctx, pid);
		if (err) {
			closedir(d);
			return err;
		}
		n++;
	}
	closedir(d);
	return n;
}

int targets__descend(const struct targets *t, int (*add)(void *ctx, pid_t pid), void *ctx)
{
	int n;

	while ((n = add_children(t, add, ctx)) > 0)
		;
	return n;
}

int targets__check_pid(pid_t pid)
{
	pid_t tgid = proc__process_of(pid);

	if (tgid == pid)
		return 0;
	if (tgid)
		fprintf(stderr, "zctrace: no process %d: that is a thread of process %d; name the process\n", pid,
			tgid);
	else
		fprintf(stderr, "zctrace: no process %d; see ps -e for those there are\n", pid);
	return -ESRCH;
}

int targets__check(const struct opts *o)
{
	char name[256];
	uint64_t id;
	uint32_t level;
	int err;

	for (int i = 0; i < o->n_pids; i++) {
		err = targets__check_pid(o->pids[i]);
		if (err)
			return err;
	}
	err = o->cgroup ? cgroup__resolve(o->cgroup, &id, &level) : 0;
	if (err)
		fprintf(stderr, "zctrace: cannot read cgroup %s: %s; name one below /sys/fs/cgroup\n",
			safe_text(name, sizeof(name), o->cgroup, strlen(o->cgroup)), strerror(-err));
	return err;
}
