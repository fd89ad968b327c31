/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * work.c - `work COMMAND ...` does what it is told, an exact number of times, and says so in one line of JSON.
 *
 * The line is the last thing but exit: open, read and close of /proc/self/io (whose figures so leave out only what
 * follows), getrusage, one write. Those are the report_data_calls: the read and the write. It goes to standard output,
 * or, so that what traces us may have that for itself, to the file WORK_OUT names: one more call, the open before all
 * else. If WORK_GATE names a FIFO, it is read to its end, which comes when the one who writes to it closes it, before
 * the command begins: whoever wants to see all of that can attach in the meantime.
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "work.h"

#define MAX_FIGURES 24

struct did did;
static struct {
	const char *name;
	uint64_t value;
} figures[MAX_FIGURES];
static size_t n_figures;
static int out_fd = STDOUT_FILENO;

static const struct command *const groups[] = {call_commands,	  thread_commands, file_commands,    stream_commands,
					       transfer_commands, pipe_commands,   call_32_commands, storm_commands};
#define N_GROUPS (sizeof(groups) / sizeof(groups[0]))

void out__add(const char *name, uint64_t value)
{
	if (n_figures == MAX_FIGURES)
		abort();
	figures[n_figures].name = name;
	figures[n_figures++].value = value;
}

uint64_t arg__number(const char *s)
{
	char *end;
	uint64_t n;

	errno = 0;
	n = strtoull(s, &end, 0);
	if (errno || end == s || *end || *s == '-') {
		dprintf(STDERR_FILENO, "work: %s is not a number\n", s);
		exit(2);
	}
	return n;
}

bool arg__flag(int argc, char **argv, const char *flag)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], flag) == 0)
			return true;
	return false;
}

static size_t put(char *buf, size_t len, size_t at, const char *name, uint64_t value)
{
	int n = snprintf(buf + at, len - at, "%s\"%s\":%llu", buf[at - 1] == '{' ? "" : ",", name,
			 (unsigned long long)value);

	return at + n < len ? at + n : abort(), at + n;
}

/* "rchar: 123\nwchar: ..." as JSON members. */
static size_t put_io(char *buf, size_t len, size_t at)
{
	char io[512], *line, *rest = io;
	int fd = open("/proc/self/io", O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, io, sizeof(io) - 1);

	if (fd >= 0)
		close(fd);
	io[n > 0 ? n : 0] = '\0';
	while ((line = strsep(&rest, "\n")) != NULL) {
		char *colon = strchr(line, ':');

		if (!colon)
			continue;
		*colon = '\0';
		at = put(buf, len, at, line, strtoull(colon + 1, NULL, 10));
	}
	return at;
}

static void report(const char *command)
{
	static char buf[4096];
	struct rusage u;
	size_t at = snprintf(buf, sizeof(buf), "{\"command\":\"%s\"", command);

	at = put(buf, sizeof(buf), at, "pid", getpid());
	at = put(buf, sizeof(buf), at, "calls", did.calls);
	at = put(buf, sizeof(buf), at, "data_calls", did.data_calls);
	at = put(buf, sizeof(buf), at, "map_calls", did.map_calls);
	at = put(buf, sizeof(buf), at, "in_bytes", did.in_bytes);
	at = put(buf, sizeof(buf), at, "out_bytes", did.out_bytes);
	for (size_t i = 0; i < n_figures; i++)
		at = put(buf, sizeof(buf), at, figures[i].name, figures[i].value);
	at = put(buf, sizeof(buf), at, "report_data_calls", 2);
	at += snprintf(buf + at, sizeof(buf) - at, ",\"io\":{");
	at = put_io(buf, sizeof(buf), at);
	at += snprintf(buf + at, sizeof(buf) - at, "},\"rusage\":{");
	getrusage(RUSAGE_SELF, &u);
	at = put(buf, sizeof(buf), at, "minflt", u.ru_minflt);
	at = put(buf, sizeof(buf), at, "majflt", u.ru_majflt);
	at = put(buf, sizeof(buf), at, "nvcsw", u.ru_nvcsw);
	at = put(buf, sizeof(buf), at, "nivcsw", u.ru_nivcsw);
	at = put(buf, sizeof(buf), at, "utime_us", u.ru_utime.tv_sec * 1000000ull + u.ru_utime.tv_usec);
	at = put(buf, sizeof(buf), at, "stime_us", u.ru_stime.tv_sec * 1000000ull + u.ru_stime.tv_usec);
	at += snprintf(buf + at, sizeof(buf) - at, "}}\n");
	syscall(SYS_exit_group, write(out_fd, buf, at) == (ssize_t)at ? 0 : 1);
}

static int usage(void)
{
	dprintf(STDERR_FILENO, "usage: [WORK_OUT=FILE] work COMMAND ...\n");
	for (size_t g = 0; g < N_GROUPS; g++)
		for (const struct command *c = groups[g]; c->name; c++)
			dprintf(STDERR_FILENO, "  %s %s\n", c->name, c->usage);
	return 2;
}

/* Whom a command executes does not wait again. */
static int wait_at_gate(void)
{
	const char *path = getenv("WORK_GATE");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	char c;

	if (!path)
		return 0;
	if (fd < 0)
		return -errno;
	while (read(fd, &c, 1) > 0)
		;
	close(fd);
	unsetenv("WORK_GATE");
	return 0;
}

int main(int argc, char **argv)
{
	const struct command *c = NULL;
	int err;

	if (argc < 2)
		return usage();
	for (size_t g = 0; g < N_GROUPS && !(c && c->name); g++)
		for (c = groups[g]; c->name && strcmp(c->name, argv[1]) != 0; c++)
			;
	if (!c || !c->name || argc - 2 < c->min_args || argc - 2 > c->max_args)
		return usage();
	if (getenv("WORK_OUT"))
		out_fd = open(getenv("WORK_OUT"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (out_fd < 0) {
		dprintf(STDERR_FILENO, "work: %s: %s\n", getenv("WORK_OUT"), strerror(errno));
		return 1;
	}
	err = wait_at_gate();
	if (!err)
		err = c->run(argc - 1, argv + 1);
	if (err) {
		dprintf(STDERR_FILENO, "work: %s: %s\n", c->name, strerror(-err));
		return 1;
	}
	report(c->name);
}
