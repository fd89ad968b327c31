/* SPDX-License-Identifier: GPL-2.0-only */
/* top.c - the live display's loop: take a snapshot when it is time, draw, wait for time or a key. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "signals.h"
#include "top.h"
#include "top_parts.h"
#include "top_screen.h"

#define POLL_MS 100 /* a signal that comes between two waits is noticed after so long */
#define FIRST_NS 250000000ULL
#define INTERVAL_NS 1000000000ULL

bool top__wanted(const struct opts *o)
{
	const char *why;

	if (o->plain || o->json || o->record || o->prom || o->command || o->duration_ns || o->interval_ns)
		return false;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return false;
	why = screen__refusal();
	if (why)
		fprintf(stderr, "zctrace: no live display, the report comes at the end (Ctrl-C): %s\n", why);
	return !why;
}

int top__relist(struct top *t)
{
	int err = top_rows__order(&t->list, t->rates, &t->order);

	if (!err && t->page == PAGE_DETAIL)
		err = detail__build(&t->detail, t->rates, &t->order);
	t->stale = false;
	return err;
}

static int take_snapshot(struct top *t)
{
	struct snapshot s;
	int err = source__snapshot(t->source, &s);

	if (!err)
		err = rates__update(t->rates, &s);
	if (err)
		return err;
	head__take(&t->head, &s, t->rates);
	t->measured = true;
	t->stale = true;
	return 0;
}

/* Intervals begin where the last one was due; what was missed meanwhile is skipped. */
static int refresh(struct top *t)
{
	uint64_t now = source__elapsed_ns(t->source);
	int err = 0;

	if (now >= t->next_ns && !t->paused)
		err = take_snapshot(t);
	if (now >= t->next_ns)
		t->next_ns = t->next_ns + t->interval_ns > now ? t->next_ns + t->interval_ns : now + t->interval_ns;
	if (!err && t->stale)
		err = top__relist(t);
	return err;
}

static int wait_ms(const struct top *t)
{
	uint64_t now = source__elapsed_ns(t->source), left = t->next_ns > now ? (t->next_ns - now) / 1000000 : 0;

	return left > POLL_MS ? POLL_MS : left > 0 ? (int)left : 1;
}

/* All keys that wait; the terminal's end is ours. */
static void read_keys(struct top *t, bool *acted)
{
	int key, ret;

	while ((ret = screen__key(&key)) > 0) {
		top__act(t, key);
		*acted = true;
	}
	if (ret < 0)
		t->quit = true;
}

static int loop(struct top *t)
{
	bool acted = true;
	int err = 0;

	while (!err && !t->quit && !signals__stop() && !source__over(t->source)) {
		uint64_t due = t->next_ns;

		err = refresh(t);
		if (!err && (acted || due != t->next_ns))
			top__draw(t);
		acted = false;
		if (!err)
			err = source__poll(t->source, wait_ms(t), STDIN_FILENO);
		if (!err)
			read_keys(t, &acted);
	}
	return err;
}

static int run(struct top *t, const struct opts *o)
{
	int err = screen__open(o->ascii);

	if (err) {
		fprintf(stderr, "zctrace: no live display, the report comes at the end (Ctrl-C): the terminal cannot "
				"be set up\n");
		return err;
	}
	err = loop(t);
	screen__close();
	return err;
}

int top__run(const struct source *s, const struct opts *o)
{
	struct top *t = calloc(1, sizeof(*t));
	int err = -ENOMEM;

	if (t) {
		t->source = s;
		t->rates = rates__new();
		t->order.sort = top_column__of_metric(o->sort);
		t->order.threads = o->threads;
		t->interval_ns = INTERVAL_NS;
		t->next_ns = source__elapsed_ns(s) + FIRST_NS;
		if (t->rates)
			err = run(t, o);
		rates__free(t->rates);
		free(t->list.lines);
		detail__free(&t->detail);
	}
	free(t);
	if (err == -ENOMEM)
		fprintf(stderr, "zctrace: out of memory\n");
	return err;
}
