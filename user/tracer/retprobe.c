// SPDX-License-Identifier: GPL-2.0-only
/*
 * retprobe.c - return probes with room for many calls at once.
 *
 * The kernel keeps a fixed number of places for the calls of a probed function that are under way on the whole machine,
 * and does not see the others return. A probe made through perf_event_open has max(10, 2 * CPUs) of them
 * (kernel/kprobes.c: register_kretprobe), which a few threads that wait for a pipe hold for good; one made through
 * tracefs has as many as it asks for (kernel/trace/trace_kprobe.c: trace_kprobe_create).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "retprobe.h"

#define PLACES 4096 /* KRETPROBE_MAXACTIVE_MAX */
#define GROUP "zctrace"

static const char *tracefs(void)
{
	static const char *const places[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char path[64];

		snprintf(path, sizeof(path), "%s/kprobe_events", places[i]);
		if (!access(path, W_OK))
			return places[i];
	}
	return NULL;
}

static int define(const char *line)
{
	const char *dir = tracefs();
	char path[64];
	ssize_t n;
	int fd;

	if (!dir)
		return -ENOENT;
	snprintf(path, sizeof(path), "%s/kprobe_events", dir);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = write(fd, line, strlen(line));
	n = n < 0 ? -errno : 0;
	close(fd);
	return n;
}

static long event_id(const char *name)
{
	const char *dir = tracefs();
	char path[192];
	long id = -1;
	FILE *f;

	snprintf(path, sizeof(path), "%s/events/" GROUP "/%s/id", dir ? dir : "", name);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	if (fscanf(f, "%ld", &id) != 1)
		id = -EIO;
	fclose(f);
	return id;
}

struct bpf_link *retprobe__attach(const struct bpf_program *p)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr), .sample_period = 1};
	const char *function = strchr(bpf_program__section_name(p), '/') + 1;
	char name[96], line[256];
	struct bpf_link *link;
	long id;
	int fd;

	snprintf(name, sizeof(name), "%s_%d", function, getpid());
	snprintf(line, sizeof(line), "r%d:" GROUP "/%s %s\n", PLACES, name, function);
	if (define(line))
		return NULL;
	id = event_id(name);
	attr.config = id;
	fd = id < 0 ? -1 : syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return NULL;
	link = bpf_program__attach_perf_event(p, fd);
	if (!link)
		close(fd);
	return link;
}

/* Ours, and those of a zctrace that was killed. */
void retprobe__free_all(void)
{
	const char *dir = tracefs();
	char path[64], line[512];
	FILE *f;

	if (!dir)
		return;
	snprintf(path, sizeof(path), "%s/kprobe_events", dir);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		char *name = strstr(line, ":" GROUP "/"), *pid;

		if (!name)
			continue;
		name[strcspn(name, " \n")] = 0;
		pid = strrchr(name, '_');
		if (pid && (atoi(pid + 1) == getpid() || kill(atoi(pid + 1), 0))) {
			char remove[512];

			snprintf(remove, sizeof(remove), "-%s\n", name);
			define(remove);
		}
	}
	if (f)
		fclose(f);
}
