// SPDX-License-Identifier: GPL-2.0-only
/* leaf.c - hardware breakpoints on the copy functions of lib/. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "leaf.h"

#define X86_BREAKPOINTS 4
#define MAX_POINTS 3

struct point {
	const char *symbol, *or_symbol; /* the name moved: either */
	uint64_t address;
	int prog_fd;
};

struct event {
	pid_t tgid, tid;
	int fd[MAX_POINTS];
	uint64_t hits; /* at the last look */
	bool off;
};

struct leaf {
	struct point point[MAX_POINTS];
	int n_points;
	struct event *event;
	size_t n_events, room;
	uint64_t looked_ns;
	int n_off;
};

static void find_symbols(struct leaf *l)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[512], name[256];
	unsigned long long address;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx %*c %255s", &address, name) != 2)
			continue;
		if (strchr(line, '[')) /* modules follow the kernel */
			break;
		for (int i = 0; i < l->n_points; i++)
			if (!strcmp(name, l->point[i].symbol) ||
			    (l->point[i].or_symbol && !strcmp(name, l->point[i].or_symbol)))
				l->point[i].address = address;
	}
	if (f)
		fclose(f);
}

static int open_point(const struct point *p, pid_t tid, bool at_exec, bool inherit)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_BREAKPOINT,
		.size = sizeof(attr),
		.bp_type = HW_BREAKPOINT_X,
		.bp_addr = p->address,
		.bp_len = sizeof(long),
		.sample_period = 1,
		.inherit = inherit,
		.disabled = 1,
		.enable_on_exec = at_exec,
	};
	int fd = syscall(SYS_perf_event_open, &attr, tid, -1, -1, PERF_FLAG_FD_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	if (ioctl(fd, PERF_EVENT_IOC_SET_BPF, p->prog_fd) || (!at_exec && ioctl(fd, PERF_EVENT_IOC_ENABLE, 0))) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* Some virtual machines accept breakpoints and never deliver them: one known call tells. */
static int self_test(const struct leaf *l)
{
	struct stat st;
	uint64_t hits = 0;
	char buf[16];
	int fd = open_point(&l->point[0], 0, false, false);
	FILE *f;

	if (fd < 0)
		return fd;
	stat("/", &st);
	f = fopen("/proc/self/stat", "re"); /* through an iterator */
	if (f) {
		if (!fgets(buf, sizeof(buf), f))
			buf[0] = 0;
		fclose(f);
	}
	if (read(fd, &hits, sizeof(hits)) != sizeof(hits))
		hits = 0;
	close(fd);
	return hits ? 0 : -ENODEV;
}

int leaf__new(struct leaf **ret, struct tracer_leaf_progs progs, bool exact, const char **why)
{
	struct leaf *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return -ENOMEM;
	if (exact) {
		l->point[0] = (struct point){"_copy_to_iter", NULL, 0, progs.to_iter};
		l->point[1] = (struct point){"_copy_from_iter", NULL, 0, progs.from_iter};
		l->point[2] = (struct point){"copy_page_from_iter_atomic", "copy_folio_from_iter_atomic", 0,
					     progs.from_atomic};
		l->n_points = 3;
	} else {
		l->point[0] = (struct point){"_copy_to_user", NULL, 0, progs.to_user};
		l->point[1] = (struct point){"_copy_from_user", NULL, 0, progs.from_user};
		l->n_points = 2;
	}
	find_symbols(l);
	err = 0;
	for (int i = 0; i < l->n_points; i++)
		if (!l->point[i].address)
			err = -ENOENT;
	*why = "the copy functions are not in /proc/kallsyms";
	if (!err) {
		err = self_test(l);
		*why = err == -ENODEV	? "hardware breakpoints are accepted but never fire here"
		       : err == -ENOSPC ? "all hardware breakpoints are taken (gdb or perf?)"
					: "the kernel allows no hardware breakpoint on the copy functions";
	}
	if (err) {
		free(l);
		return err;
	}
	*why = NULL;
	*ret = l;
	return 0;
}

static void close_event(struct leaf *l, struct event *e)
{
	for (int i = 0; i < l->n_points; i++)
		if (e->fd[i] >= 0)
			close(e->fd[i]);
}

void leaf__free(struct leaf *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->n_events; i++)
		close_event(l, &l->event[i]);
	free(l->event);
	free(l);
}

static bool known(const struct leaf *l, pid_t tid)
{
	for (size_t i = 0; i < l->n_events; i++)
		if (l->event[i].tid == tid)
			return true;
	return false;
}

static int add_thread(struct leaf *l, pid_t tgid, pid_t tid, bool at_exec, bool inherited)
{
	struct event *e;

	if (l->n_events == l->room) {
		size_t room = l->room ? 2 * l->room : 64;
		struct event *grown = realloc(l->event, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		l->event = grown;
		l->room = room;
	}
	e = &l->event[l->n_events];
	*e = (struct event){.tgid = tgid, .tid = tid};
	for (int i = 0; i < l->n_points; i++)
		e->fd[i] = -1;
	for (int i = 0; i < l->n_points && !inherited; i++) {
		e->fd[i] = open_point(&l->point[i], tid, at_exec, true);
		if (e->fd[i] < 0) {
			int err = e->fd[i];

			close_event(l, e);
			return err == -ESRCH ? 0 : err; /* it ended meanwhile */
		}
	}
	l->n_events++;
	return 0;
}

/*
 * A thread that was started while we were busy has its events already if its parent had them by then. The debug
 * registers tell: a thread with inherited breakpoints has no room for more than the rest of the four.
 */
static bool has_inherited(const struct leaf *l, pid_t tid)
{
	int fd[X86_BREAKPOINTS], n = X86_BREAKPOINTS - l->n_points + 1;
	bool full = false;

	for (int i = 0; i < n; i++) {
		fd[i] = open_point(&l->point[0], tid, true, false); /* at an exec that will not come: disabled */
		full |= fd[i] == -ENOSPC;
	}
	for (int i = 0; i < n; i++)
		if (fd[i] >= 0)
			close(fd[i]);
	return full;
}

/* One pass over the thread list; returns how many threads were new, or a negative errno. */
static int add_new_threads(struct leaf *l, pid_t tgid, bool at_exec, bool first_pass)
{
	struct dirent *d;
	char path[64];
	int err = 0, found = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", tgid);
	dir = opendir(path);
	if (!dir)
		return first_pass ? -errno : 0;
	while (!err && (d = readdir(dir))) {
		pid_t tid = atoi(d->d_name);

		if (tid <= 0 || known(l, tid))
			continue;
		found++;
		err = add_thread(l, tgid, tid, at_exec, !first_pass && has_inherited(l, tid));
	}
	closedir(dir);
	return err ? err : found;
}

int leaf__add(struct leaf *l, pid_t tgid, bool at_exec)
{
	int n = add_new_threads(l, tgid, at_exec, true);

	while (n > 0)
		n = add_new_threads(l, tgid, at_exec, false);
	return n;
}

int leaf__check_rate(struct leaf *l, uint64_t now_ns, uint32_t max_per_second)
{
	uint64_t ns = now_ns - l->looked_ns;
	bool first = !l->looked_ns;

	if (!first && ns < 250000000)
		return l->n_off;
	l->looked_ns = now_ns;
	for (size_t i = 0; i < l->n_events; i++) {
		struct event *e = &l->event[i];
		uint64_t hits = 0, n;

		if (e->off || e->fd[0] < 0) /* inherited: its parent's event counts for it */
			continue;
		for (int k = 0; k < l->n_points; k++)
			if (read(e->fd[k], &n, sizeof(n)) == sizeof(n))
				hits += n;
		if (!first && (double)(hits - e->hits) * 1e9 / ns > max_per_second) {
			for (int k = 0; k < l->n_points; k++)
				ioctl(e->fd[k], PERF_EVENT_IOC_DISABLE, 0);
			e->off = true;
			l->n_off++;
		}
		e->hits = hits;
	}
	return l->n_off;
}

/* A process without an event of its own has inherited them, from whom is not known: with any of them off it may lack
 * some. */
bool leaf__given_up(const struct leaf *l, pid_t tgid)
{
	bool own = false, own_off = false;

	for (size_t i = 0; i < l->n_events; i++) {
		own |= l->event[i].tgid == tgid;
		own_off |= l->event[i].tgid == tgid && l->event[i].off;
	}
	return own ? own_off : l->n_off > 0;
}
