/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view_footer.c - measured by, lost, in flight, command, and what the signs mean.
 *
 * Hooks are listed by what serves them; those of the commonest kind are "the rest" unless verbose.
 */
#include <string.h>
#include <sys/wait.h>

#include "safe.h"
#include "view_figure.h"
#include "view_footer.h"

#define REST_LEAST 5 /* so many hooks of one kind are not named one by one */

static bool same_way(const struct hook_state *a, const struct hook_state *b)
{
	return a->by && b->by && strcmp(a->by, b->by) == 0;
}

static int count_same(const struct snapshot *s, enum hook h)
{
	int n = 0;

	for (enum hook i = 0; i < H_COUNT; i++)
		n += same_way(&s->hook[i], &s->hook[h]);
	return n;
}

static bool is_first(const struct snapshot *s, enum hook h)
{
	for (enum hook i = 0; i < h; i++)
		if (same_way(&s->hook[i], &s->hook[h]))
			return false;
	return true;
}

/* The hook whose kind is the commonest, H_COUNT if none is common. */
static enum hook commonest(const struct snapshot *s)
{
	enum hook best = H_COUNT;
	int most = REST_LEAST - 1;

	for (enum hook h = 0; h < H_COUNT; h++)
		if (count_same(s, h) > most) {
			most = count_same(s, h);
			best = h;
		}
	return best;
}

static void add_way(struct line *l, const struct snapshot *s, enum hook h)
{
	const char *separator = "; ";
	char by[128];

	safe_text(by, sizeof(by), s->hook[h].by, 64);
	for (enum hook i = h; i < H_COUNT; i++) {
		if (!same_way(&s->hook[i], &s->hook[h]))
			continue;
		line__add(l, separator, i == h ? "%s: %s" : "%.0s%s", by, hooks[i].name);
		separator = ", ";
	}
}

static void write_measured_by(FILE *out, const struct snapshot *s, bool verbose)
{
	enum hook rest = verbose ? H_COUNT : commonest(s);
	struct line l = line__begin(out, "measured by");
	char by[128];

	for (enum hook h = 0; h < H_COUNT; h++)
		if (s->hook[h].by && is_first(s, h) && !(rest < H_COUNT && same_way(&s->hook[h], &s->hook[rest])))
			add_way(&l, s, h);
	if (rest < H_COUNT)
		line__add(&l, "; ", "%s%s", l.empty ? "" : "the rest by ",
			  safe_text(by, sizeof(by), s->hook[rest].by, 64));
	if (l.empty)
		line__add(&l, "", "nothing: no hook attached");
	line__end(&l);
}

/* Hooks that were wanted and could not be had. That of --exact is not wanted as a rule; -v has its complaint. */
static void write_not_measured(FILE *out, const struct snapshot *s)
{
	struct line l = {0};

	for (enum hook h = 0; h < H_COUNT; h++) {
		if (s->hook[h].by || h == H_LEAF)
			continue;
		if (!l.out)
			l = line__begin(out, "not measured");
		line__add(&l, ", ", "%s", hooks[h].name);
	}
	if (l.out)
		line__end(&l);
}

static void write_complaints(FILE *out, const struct snapshot *s)
{
	char error[1024];

	for (enum hook h = 0; h < H_COUNT; h++)
		if (s->hook[h].error)
			fprintf(out, "    %-18s %s\n", hooks[h].name,
				safe_text(error, sizeof(error), s->hook[h].error, sizeof(error)));
}

static void write_lost(FILE *out, const struct snapshot *s)
{
	struct line l = line__begin(out, "lost");
	char n[FMT_LEN];

	for (enum loss r = 0; r < L_COUNT; r++)
		if (s->lost[r])
			line__add(&l, "; ", "%s %s: %s", fmt_count(n, s->lost[r]), losses[r].name, losses[r].help);
	if (l.empty)
		line__add(&l, "", "nothing");
	line__end(&l);
}

/* What zctrace itself took, so that nobody has to believe that it is little. */
static void write_cost(FILE *out, const struct snapshot *s)
{
	const struct snapshot_cost *c = &s->cost;
	char cpu[FMT_LEN], memory[FMT_LEN], n[FMT_LEN], ns[FMT_LEN], total[FMT_LEN];
	uint64_t events;
	struct line l;

	if (!c->cpu_ns || snapshot__events(s, &events))
		return;
	l = line__begin(out, "cost");
	line__add(&l, "", "zctrace took %s of CPU, %s of memory;", fmt_duration(cpu, c->cpu_ns),
		  fmt_bytes_unit(memory, c->resident_bytes));
	line__add(&l, " ", "%s events", fmt_count(n, events));
	if (c->added_ns_per_event)
		line__add(&l, ", ", "about %s ns each (~%s of CPU)", fmt_count(ns, c->added_ns_per_event),
			  fmt_duration(total, metric__times(events, c->added_ns_per_event)));
	line__end(&l);
}

static void write_in_flight(FILE *out, const struct snapshot *s)
{
	char n[FMT_LEN];
	struct line l;

	if (!s->calls_in_flight)
		return;
	l = line__begin(out, "in flight");
	line__add(&l, "", "%s system calls were under way when tracing began:", fmt_count(n, s->calls_in_flight));
	line__add(&l, " ", "their bytes are counted, their entries are not");
	line__end(&l);
}

static void write_command(FILE *out, const struct snapshot_command *c)
{
	struct line l;

	if (!c->present)
		return;
	l = line__begin(out, "command");
	if (!c->exited)
		line__add(&l, "", "process %d, still running", c->pid);
	else if (WIFSIGNALED(c->status))
		line__add(&l, "", "process %d, killed by signal %d (%s)", c->pid, WTERMSIG(c->status),
			  strsignal(WTERMSIG(c->status)));
	else
		line__add(&l, "", "process %d, exit status %d", c->pid, WEXITSTATUS(c->status));
	line__end(&l);
}

static void add_leaf(struct line *l, const char *direction, uint64_t leaf, uint64_t site)
{
	char a[FMT_LEN], b[FMT_LEN], c[FMT_LEN];

	line__add(l, "; ", "%s %s bytes at the leaves, %s at the sites, difference %s%s", direction, fmt_count(a, leaf),
		  fmt_count(b, site), site < leaf ? "-" : "", fmt_count(c, site < leaf ? leaf - site : site - leaf));
}

static void write_leaf(FILE *out, const struct snapshot_leaf *leaf)
{
	struct line l;

	if (!leaf->valid)
		return;
	l = line__begin(out, "exact");
	add_leaf(&l, "to user", leaf->to_user_bytes, leaf->site_to_user_bytes);
	add_leaf(&l, "from user", leaf->from_user_bytes, leaf->site_from_user_bytes);
	line__end(&l);
}

void footer__facts(FILE *out, const struct snapshot *s, bool verbose)
{
	write_command(out, &s->command);
	write_leaf(out, &s->leaf);
	write_measured_by(out, s, verbose);
	write_not_measured(out, s);
	if (verbose)
		write_complaints(out, s);
	write_in_flight(out, s);
	write_lost(out, s);
	write_cost(out, s);
}

void footer__write(FILE *out, const struct snapshot *s, bool verbose)
{
	footer__facts(out, s, verbose);
	fputs("  ══ DMA  ── CPU copy  ┄┄ no copy     ~ inferred  ≥ at least  - not measured\n", out);
}
