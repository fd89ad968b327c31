// SPDX-License-Identifier: GPL-2.0-only
/* faces.c - shows one source through the faces that the options ask for. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "faces.h"
#include "outfile.h"
#include "output.h"
#include "picture.h"
#include "prom_series.h"
#include "signals.h"
#include "top.h"
#include "views.h"

#define POLL_MS 100

struct faces {
	const struct opts *o;
	struct source source;
	struct output output;
	struct snapshot before; /* what the last interval ended with; its model is a copy of the sums, NULL at first */
	uint64_t interval_ns;	/* between tables, 0: none */
	uint64_t next_ns;	/* of the source's time: when the interval ends */
	int output_err; /* standard output takes no more, which was told: pictures and recordings are finished all the
			   same */
	bool lost_too_much;
};

static struct view_opts view_opts(const struct opts *o)
{
	return (struct view_opts){.sort = o->sort, .limit = o->limit, .threads = o->threads, .verbose = o->verbose > 0};
}

static int poll_ms(const struct faces *f)
{
	uint64_t now = source__elapsed_ns(&f->source), left = POLL_MS;

	if (f->interval_ns && f->next_ns < now + left * 1000000)
		left = f->next_ns > now ? (f->next_ns - now) / 1000000 : 0;
	return left ? (int)left : 1;
}

/* The reason is told: to who asks for an exit status it is that of no permission to trace, and of no missing target. */
static int complain_of_output(int err)
{
	if (err && err != -EPIPE) /* a reader that has seen enough is no failure */
		fprintf(stderr, "zctrace: cannot write the report: %s\n", outfile__why(err));
	return err && err != -EPIPE ? -EIO : err;
}

/* A table that its reader has not taken keeps the next one back, which then covers the time since; nothing else waits.
 * A replay has all the time there is. */
static bool table_waits(struct faces *f)
{
	if (!output__busy(&f->output))
		return false;
	return !f->o->replay || output__finish(&f->output, signals__stop, true);
}

static int print_interval(struct faces *f)
{
	struct view_opts v = view_opts(f->o);
	struct snapshot s;
	FILE *page;
	int err;

	f->next_ns += f->interval_ns;
	if (table_waits(f))
		return 0;
	err = source__snapshot(&f->source, &s);
	if (err)
		return err;
	page = output__page(&f->output);
	err = page ? output__send(&f->output, view_table(page, &s, f->before.model ? &f->before : NULL, &v)) : -ENOMEM;
	if (err) {
		f->output_err = complain_of_output(err);
		return 0;
	}
	model__free(f->before.model);
	f->before = s;
	f->before.model = model__copy_sums(s.model);
	return f->before.model ? 0 : -ENOMEM;
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
	static const enum loss in_no_total[] = {L_UNTOLD,	L_UNKNOWN_DISK, L_UNMATCHED,	L_DEPTH,
						L_INCONSISTENT, L_RECURSION,	L_KPROBE_MISSED};
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

struct drawing {
	const struct snapshot *s;
	struct view_opts v;
};

static int draw(FILE *out, const void *ctx)
{
	const struct drawing *d = ctx;

	return view_svg(out, d->s, &d->v);
}

int faces__check(const struct opts *o)
{
	return picture__check(o->svg);
}

static int print_prom(FILE *out, const struct opts *o, const struct snapshot *s)
{
	struct prom *prom = prom__new(o->max_series, o->label_pid);
	int err = prom ? view_prom(out, s, prom, NULL) : -ENOMEM;

	prom__free(prom);
	return err;
}

static int print_final(FILE *out, const struct opts *o, const struct snapshot *s)
{
	struct view_opts v = view_opts(o);

	if (o->prom)
		return print_prom(out, o, s);
	return o->json ? view_json(out, s, &v) : view_report(out, s, &v);
}

/* The report on its way: what is known of standard output from before. */
struct sent {
	off_t begin; /* where it begins in the file that standard output is, or -1 */
	bool takes;  /* it is read by somebody, who may take his time, as a pager does */
};

/* Behind the tables, which are out. Waits for nobody. */
static int send_report(struct faces *f, const struct snapshot *s, struct sent *sent)
{
	FILE *page;

	*sent = (struct sent){output_begin(), output__takes()};
	page = output__page(&f->output);
	return page ? output__send(&f->output, print_final(page, f->o, s)) : -ENOMEM;
}

/* Until it is out, or err: why it will not be. */
static int finish_report(struct faces *f, const struct sent *sent, int err)
{
	if (!err)
		err = output__finish(&f->output, signals__stop, !sent->takes || !signals__somebody_waits());
	if (err && err != -ETIMEDOUT && sent->begin >= 0 &&
	    ftruncate(STDOUT_FILENO, sent->begin)) /* half of it is worse than none */
		fprintf(stderr, "zctrace: what was written of the report is incomplete\n");
	return complain_of_output(err);
}

/*
 * A reader that takes nothing and a disk that hangs cost nothing but what goes there: first the report is sent, unless
 * tables are before it, then comes the picture, then we wait. A picture that is a stream comes last.
 */
static int put_out(struct faces *f, const struct snapshot *s)
{
	struct drawing drawing = {s, view_opts(f->o)};
	bool file = picture__is_file(f->o->svg), sent_first = !f->output_err && !output__busy(&f->output);
	struct sent sent = {.begin = -1};
	int err = sent_first ? send_report(f, s, &sent) : 0, picture_err = 0;

	if (file)
		picture_err = picture__write(f->o->svg, draw, &drawing);
	if (!sent_first && !f->output_err) {
		err = output__finish(&f->output, signals__stop, true);
		if (!err)
			err = send_report(f, s, &sent);
	}
	err = f->output_err ? f->output_err : finish_report(f, &sent, err);
	f->lost_too_much = lost_too_much(f->o, s);
	if (!file)
		picture_err = picture__write(f->o->svg, draw, &drawing);
	return err && err != -EPIPE ? err : picture_err ? picture_err : err;
}

static int report(struct faces *f)
{
	struct snapshot s;
	int err = source__stop(&f->source);

	if (!err)
		err = source__snapshot(&f->source, &s);
	if (err)
		return err;
	source__done(&f->source);
	return put_out(f, &s);
}

/* Tables as it goes; with --textfile the interval is that file's. An output that takes no more ends it early. */
static int run_plain(struct faces *f)
{
	int err = 0;

	f->interval_ns = f->o->json || f->o->textfile ? 0 : f->o->interval_ns;
	f->next_ns = f->interval_ns;
	while (!err && !f->output_err && !signals__stop() && !source__over(&f->source)) {
		err = source__poll(&f->source, poll_ms(f), -1);
		if (!err && f->interval_ns && source__elapsed_ns(&f->source) >= f->next_ns)
			err = print_interval(f);
		if (!err && !f->output_err)
			f->output_err = complain_of_output(output__error(&f->output));
	}
	return err;
}

int faces__run(const struct source *source, const struct opts *o, bool display)
{
	struct faces f = {.o = o, .source = *source};
	int err = display ? top__run(source, o) : -ENOTTY;

	if (err == -ENOTTY)
		err = run_plain(&f);
	if (!err)
		err = report(&f);
	output__close(&f.output);
	model__free(f.before.model);
	if (!err && f.lost_too_much)
		return -EOVERFLOW;
	return err == -EPIPE ? 0 : err;
}
