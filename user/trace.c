// SPDX-License-Identifier: GPL-2.0-only
/* trace.c - the default mode: trace what the options name, print the report when it ends. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/stat.h>

#include "run.h"
#include "safe.h"
#include "session.h"
#include "trace.h"
#include "views.h"

#define POLL_MS 100

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
	(void)sig;
	interrupted = 1;
}

/* A second Ctrl-C while the report is being made ends us at once. */
static void catch_signals(void)
{
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESETHAND};

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

struct trace {
	const struct opts *o;
	struct session *session;
	struct command command;
	struct snapshot before; /* what the last interval ended with; its model is a copy of the sums, NULL at first */
	uint64_t start_ns, next_ns;
	bool lost_too_much;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static struct view_opts view_opts(const struct opts *o)
{
	return (struct view_opts){.sort = o->sort, .limit = o->limit, .threads = o->threads, .verbose = o->verbose > 0};
}

static void complain_of_command(const struct trace *t, const char *what, int err)
{
	char name[256];

	fprintf(stderr, "zctrace: cannot %s %s: %s\n", what, safe_text(name, sizeof(name), t->o->command[0], PATH_MAX),
		strerror(-err));
}

static int start(struct trace *t)
{
	int err;

	if (t->o->command) {
		err = command__start(&t->command, t->o->command);
		if (err) {
			complain_of_command(t, "start", err);
			return err;
		}
	}
	err = session__new(&t->session, t->o, t->o->command != NULL);
	if (!err && t->o->command)
		err = session__add_target(t->session, t->command.pid, true);
	if (!err)
		err = session__start(t->session);
	if (!err && t->o->command) {
		err = command__release(&t->command);
		if (err)
			complain_of_command(t, "run", err);
	}
	t->start_ns = now_ns();
	t->next_ns = t->start_ns + t->o->interval_ns;
	return err;
}

static bool over(struct trace *t)
{
	if (interrupted || (t->o->duration_ns && now_ns() - t->start_ns >= t->o->duration_ns))
		return true;
	if (t->o->command)
		return command__exited(&t->command) && session__targets_gone(t->session);
	return session__targets_gone(t->session);
}

static int poll_ms(const struct trace *t)
{
	uint64_t now = now_ns(), left = POLL_MS;

	if (t->o->interval_ns && t->next_ns < now + left * 1000000)
		left = t->next_ns > now ? (t->next_ns - now) / 1000000 : 0;
	if (t->o->duration_ns) {
		uint64_t end = t->start_ns + t->o->duration_ns;

		if (end < now + left * 1000000)
			left = end > now ? (end - now) / 1000000 + 1 : 0;
	}
	return left ? (int)left : 1;
}

static int complain_of_output(int err)
{
	if (err && err != -EPIPE) /* a reader that has seen enough is no failure */
		fprintf(stderr, "zctrace: cannot write the report: %s\n", strerror(-err));
	return err;
}

static int print_interval(struct trace *t)
{
	struct view_opts v = view_opts(t->o);
	struct snapshot s;
	int err = session__snapshot(t->session, &s);

	if (!err)
		err = complain_of_output(view_table(stdout, &s, t->before.model ? &t->before : NULL, &v));
	if (err)
		return err;
	model__free(t->before.model);
	t->before = s;
	t->before.model = model__copy_sums(s.model);
	t->next_ns += t->o->interval_ns;
	return t->before.model ? 0 : -ENOMEM;
}

/* Where our output will begin in the file that standard output is; -1: it is none, or we do not write at its end. */
static off_t output_begin(void)
{
	struct stat st;

	if (fstat(STDOUT_FILENO, &st) || !S_ISREG(st.st_mode))
		return -1;
	if (!(fcntl(STDOUT_FILENO, F_GETFL) & O_APPEND) && lseek(STDOUT_FILENO, 0, SEEK_CUR) != st.st_size)
		return -1;
	return st.st_size;
}

/* Whether more of what happened is in no total than --max-lost allows; records that only came late are in them. */
static bool lost_too_much(const struct opts *o, const struct snapshot *s)
{
	static const enum loss in_no_total[] = {L_UNKNOWN_DISK, L_UNMATCHED, L_DEPTH,
						L_INCONSISTENT, L_RECURSION, L_KPROBE_MISSED};
	const struct model_process **list;
	double lost = 0, seen = 0;
	int n = model__list(s->model, M_COUNT, &list);

	if (n < 0)
		return false;
	for (size_t i = 0; i < sizeof(in_no_total) / sizeof(in_no_total[0]); i++)
		lost += s->lost[in_no_total[i]];
	for (enum metric m = 0; m < M_COUNT; m++) {
		if (metrics[m].unit != UNIT_COUNT)
			continue;
		seen += model__system(s->model)[m];
		for (int i = 0; i < n; i++)
			seen += list[i]->v[m];
	}
	free(list);
	if (o->max_lost_percent < 0 || !lost || lost <= (seen + lost) * o->max_lost_percent / 100)
		return false;
	fprintf(stderr, "zctrace: %.0f of %.0f events were lost, more than --max-lost allows\n", lost, seen + lost);
	return true;
}

static int report(struct trace *t)
{
	off_t begin = output_begin();
	struct view_opts v = view_opts(t->o);
	struct snapshot s;
	int err = session__stop(t->session);

	if (!err)
		err = session__snapshot(t->session, &s);
	if (err)
		return err;
	if (t->o->command)
		s.command = (struct snapshot_command){true, t->command.pid, t->command.exited, t->command.status};
	err = complain_of_output(t->o->json ? view_json(stdout, &s, &v) : view_report(stdout, &s, &v));
	if (err && begin >= 0 && ftruncate(STDOUT_FILENO, begin)) /* half a document is worse than none */
		fprintf(stderr, "zctrace: what was written of the report is incomplete\n");
	t->lost_too_much = lost_too_much(t->o, &s);
	return err;
}

int trace__run(const struct opts *o)
{
	struct trace t = {.o = o, .command = {.release_fd = -1, .error_fd = -1}};
	int err;

	catch_signals();
	err = start(&t);
	while (!err && !over(&t)) {
		err = session__poll(t.session, poll_ms(&t));
		if (!err && o->interval_ns && !o->json && now_ns() >= t.next_ns)
			err = print_interval(&t);
	}
	if (!err)
		err = report(&t);
	if (o->command)
		command__end(&t.command);
	model__free(t.before.model);
	session__free(t.session);
	if (!err && t.lost_too_much)
		return EXIT_LOST;
	return session__exit_status(err == -EPIPE ? 0 : err);
}
