// SPDX-License-Identifier: GPL-2.0-only
/* trace.c - the default mode: trace what the options name, print the report when it ends. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "live.h"
#include "session.h"
#include "signals.h"
#include "trace.h"
#include "views.h"

#define POLL_MS 100

struct trace {
	const struct opts *o;
	struct live *live;
	struct source source;
	struct snapshot before; /* what the last interval ended with; its model is a copy of the sums, NULL at first */
	uint64_t next_ns;	/* of the source's time: when the interval ends */
	bool lost_too_much;
};

static struct view_opts view_opts(const struct opts *o)
{
	return (struct view_opts){.sort = o->sort, .limit = o->limit, .threads = o->threads, .verbose = o->verbose > 0};
}

static int poll_ms(const struct trace *t)
{
	uint64_t now = source__elapsed_ns(&t->source), left = POLL_MS;

	if (t->o->interval_ns && t->next_ns < now + left * 1000000)
		left = t->next_ns > now ? (t->next_ns - now) / 1000000 : 0;
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
	int err = source__snapshot(&t->source, &s);

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
	int err = source__stop(&t->source);

	if (!err)
		err = source__snapshot(&t->source, &s);
	if (err)
		return err;
	err = complain_of_output(t->o->json ? view_json(stdout, &s, &v) : view_report(stdout, &s, &v));
	if (err && begin >= 0 && ftruncate(STDOUT_FILENO, begin)) /* half a document is worse than none */
		fprintf(stderr, "zctrace: what was written of the report is incomplete\n");
	t->lost_too_much = lost_too_much(t->o, &s);
	return err;
}

/* Tables as it goes. */
static int run_plain(struct trace *t)
{
	int err = 0;

	t->next_ns = t->o->interval_ns;
	while (!err && !signals__stop() && !source__over(&t->source)) {
		err = source__poll(&t->source, poll_ms(t), -1);
		if (!err && t->o->interval_ns && !t->o->json && source__elapsed_ns(&t->source) >= t->next_ns)
			err = print_interval(t);
	}
	return err;
}

int trace__run(const struct opts *o)
{
	struct trace t = {.o = o};
	int err;

	signals__catch();
	err = live__open(&t.live, o);
	if (!err) {
		t.source = live__source(t.live);
		err = run_plain(&t);
	}
	if (!err)
		err = report(&t);
	model__free(t.before.model);
	live__close(t.live);
	if (!err && t.lost_too_much)
		return EXIT_LOST;
	return session__exit_status(err == -EPIPE ? 0 : err);
}
