// SPDX-License-Identifier: GPL-2.0-only
/* targets.c - the processes that a trace was pointed at. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "cgroup.h"
#include "safe.h"
#include "targets.h"

struct target {
	struct proc_id id;
	UT_hash_handle hh; /* by id.pid */
};

bool targets__has(const struct targets *t, struct proc_id id)
{
	const struct target *e;

	HASH_FIND_INT(t->by_pid, &id.pid, e);
	return e && e->id.start == id.start;
}

int targets__remember(struct targets *t, struct proc_id id)
{
	struct target *e;

	HASH_FIND_INT(t->by_pid, &id.pid, e);
	if (!e) {
		e = calloc(1, sizeof(*e));
		if (!e)
			return -ENOMEM;
		e->id = id;
		HASH_ADD(hh, t->by_pid, id.pid, sizeof(e->id.pid), e);
		if (!e->hh.tbl) {
			free(e);
			return -ENOMEM;
		}
		t->n++;
	} else if (e->id.start != id.start) {
		e->id.start = id.start;
		t->n++;
	}
	return 0;
}

void targets__free(struct targets *t)
{
	struct target *e, *next;

	HASH_ITER (hh, t->by_pid, e, next) {
		HASH_DEL(t->by_pid, e);
		free(e);
	}
	*t = (struct targets){0};
}

/* Whether a process of that number is a target: the one that has the number now. */
static bool has_number(const struct targets *t, pid_t pid)
{
	const struct target *e;
	struct proc_stat s;

	HASH_FIND_INT(t->by_pid, &pid, e);
	return e && proc__read_stat(pid, &s) && s.start == e->id.start;
}

/* One walk through /proc. Returns how many were new, or a negative errno. */
static int add_children(const struct targets *t, int (*add)(void *ctx, struct proc_id id), void *ctx)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int n = 0, err;

	if (!d)
		return -errno;
	while ((e = readdir(d))) {
		struct proc_id id = {.pid = (pid_t)strtol(e->d_name, NULL, 10)};
		struct proc_stat s;

		if (id.pid <= 0 || id.pid == getpid() || !proc__read_stat(id.pid, &s))
			continue;
		id.start = s.start;
		if (targets__has(t, id) || !has_number(t, s.parent))
			continue;
		err = add(ctx, id);
		if (err) {
			closedir(d);
			return err;
		}
		n++;
	}
	closedir(d);
	return n;
}

int targets__descend(const struct targets *t, int (*add)(void *ctx, struct proc_id id), void *ctx)
{
	int n;

	while ((n = add_children(t, add, ctx)) > 0)
		;
	return n;
}

int targets__check_pid(pid_t pid, struct proc_id *ret)
{
	pid_t tgid = proc__process_of(pid);
	struct proc_stat s;

	if (tgid == pid && proc__read_stat(pid, &s) && !proc__is_over(&s)) {
		*ret = (struct proc_id){pid, s.start};
		return 0;
	}
	if (tgid && tgid != pid)
		fprintf(stderr, "zctrace: no process %d: that is a thread of process %d; name the process\n", pid,
			tgid);
	else if (tgid)
		fprintf(stderr, "zctrace: process %d has ended, and its parent has not waited for it yet\n", pid);
	else
		fprintf(stderr, "zctrace: no process %d; see ps -e for those there are\n", pid);
	return -ESRCH;
}

int targets__check(const struct opts *o, struct proc_id pid[OPTS_MAX_PIDS])
{
	char name[256];
	int err, fd;

	if (!proc__pid_namespace()) {
		fprintf(stderr,
			access("/proc/self/stat", F_OK)
				? "zctrace: /proc is not mounted or does not show zctrace itself; mount -t proc proc "
				  "/proc\n"
				: "zctrace: /proc is that of another pid namespace; mount -t proc proc /proc here, or "
				  "run zctrace in the host's (nsenter -t PID -p)\n");
		return -ENOTSUP;
	}

	for (int i = 0; i < o->n_pids; i++) {
		err = targets__check_pid(o->pids[i], &pid[i]);
		if (err)
			return err;
	}
	if (!o->cgroup)
		return 0;
	fd = cgroup__open(o->cgroup);
	if (fd >= 0) {
		close(fd);
		return 0;
	}
	safe_text(name, sizeof(name), o->cgroup, strlen(o->cgroup));
	if (fd == -ENOTDIR)
		fprintf(stderr, "zctrace: %s is no cgroup: name the directory of one in a hierarchy of cgroup v2\n",
			name);
	else
		fprintf(stderr, "zctrace: cannot read cgroup %s: %s; name one below /sys/fs/cgroup\n", name,
			strerror(-fd));
	return fd == -ENOTDIR ? -ENOENT : fd;
}
