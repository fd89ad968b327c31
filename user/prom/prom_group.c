/* SPDX-License-Identifier: GPL-2.0-only */
/* prom_group.c - sets of labels: their text, the cap on their lines, and how they end. */
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "prom_parts.h"
#include "safe.h"

#define COMM_TEXT (4 * ZC_COMM_LEN + 1)			    /* of nothing but refused bytes */
#define LABELS_LEN (2 * (COMM_TEXT + PROM_CGROUP_LEN) + 64) /* each byte escaped */

/* Of a sanitised text only quotes and backslashes are left to escape. */
char *prom__append_label(char *at, const char *name, const char *text)
{
	at += sprintf(at, "%s=\"", name);
	for (; *text; text++) {
		if (*text == '\\' || *text == '"')
			*at++ = '\\';
		*at++ = *text;
	}
	*at++ = '"';
	*at = '\0';
	return at;
}

/* Names of our own series; a process of that name is told apart by its first byte. */
static void comm_text(char text[COMM_TEXT], const char comm[ZC_COMM_LEN])
{
	static const char *const ours[] = {"", "ended", "other", "system"};

	safe_text(text, COMM_TEXT, comm, ZC_COMM_LEN);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (strcmp(text, ours[i]) == 0) {
			snprintf(text, COMM_TEXT, "\\x%02X%s", (unsigned char)ours[i][0], *ours[i] ? ours[i] + 1 : "");
			return;
		}
}

static struct prom_group *group_of(struct prom *p, const char *labels)
{
	struct prom_group *g;
	bool oom = false;
	size_t len = strlen(labels);

	HASH_FIND_STR(p->groups, labels, g);
	if (g)
		return g;
	g = calloc(1, sizeof(*g) + len + 1);
	if (!g)
		return NULL;
	memcpy(g->text, labels, len);
	g->s.labels = g->text;
	HASH_ADD_KEYPTR(hh, p->groups, g->text, len, g);
	if (!oom)
		return g;
	free(g);
	return NULL;
}

struct prom_group *group__open(struct prom *p, const struct snapshot *s, const struct model_process *like)
{
	const char *path = s->cgroup_path ? s->cgroup_path(s->cgroup_ctx, like->cgroup) : NULL;
	char comm[COMM_TEXT], cgroup[PROM_CGROUP_LEN], labels[LABELS_LEN], *at, *end;
	struct prom_group *g;

	comm_text(comm, like->comm);
	safe_text(cgroup, sizeof(cgroup), path ? path : "", sizeof(cgroup));
	at = prom__append_label(labels, "comm", comm);
	*at++ = ',';
	end = prom__append_label(at, "cgroup", cgroup);
	if (p->label_pid && !like->folded)
		sprintf(end, ",pid=\"%u\"", like->id.tgid);
	g = group_of(p, labels);
	if (!g)
		return NULL;
	g->cgroup_at = (size_t)(at - labels);
	g->cgroup_len = (size_t)(end - at);
	g->busy_ns = p->now_ns;
	return g;
}

static struct prom_group *group_ended(struct prom *p, const struct prom_group *g)
{
	char labels[LABELS_LEN];
	struct prom_group *ended;

	snprintf(labels, sizeof(labels), "comm=\"ended\",%.*s", (int)g->cgroup_len, g->text + g->cgroup_at);
	ended = group_of(p, labels);
	if (!ended)
		return NULL;
	p->n_ended += !ended->ended;
	ended->ended = true;
	ended->busy_ns = p->now_ns;
	return ended;
}

static void series_merge(struct prom_series *to, const struct prom_series *from)
{
	for (int k = 0; k < PROM_KINDS; k++)
		for (enum metric m = 0; m < M_COUNT; m++) {
			if (!from->shown[k][m])
				continue;
			to->n_lines += !to->shown[k][m];
			to->shown[k][m] = true;
			to->v[k][m] += from->v[k][m];
		}
}

static void group_remove(struct prom *p, struct prom_group *g)
{
	p->n_lines -= g->s.n_lines;
	p->n_ended -= g->ended;
	HASH_DEL(p->groups, g);
	free(g);
}

/* The cgroup that ended first gives its room. False: there is none. */
static bool make_room(struct prom *p)
{
	struct prom_group *first = NULL;

	if (p->n_ended == 0)
		return false;
	for (struct prom_group *g = p->groups; g; g = g->hh.next)
		if (g->ended && (!first || g->busy_ns < first->busy_ns))
			first = g;
	series_merge(&p->ended, &first->s);
	group_remove(p, first);
	return true;
}

static bool line_open(struct prom *p, struct prom_group *g, enum prom_kind k, enum metric m)
{
	uint32_t limit = g->s.n_lines ? p->max_lines : p->max_lines - p->max_lines / 10;

	if (g->s.shown[k][m])
		return true;
	while (p->n_lines >= limit && make_room(p))
		;
	if (p->n_lines >= limit) {
		p->n_dropped += !g->refused[k][m];
		g->refused[k][m] = true;
		return false;
	}
	g->s.shown[k][m] = true;
	g->s.n_lines++;
	p->n_lines++;
	return true;
}

void group__add(struct prom *p, struct prom_group *g, enum quality q, enum metric m, uint64_t n)
{
	enum prom_kind k = q == Q_INFERRED ? PROM_INFERRED : PROM_MEASURED;
	struct prom_series *s = g && line_open(p, g, k, m) ? &g->s : &p->other;

	s->shown[k][m] = true;
	s->v[k][m] += n;
}

static void group_fold(struct prom *p, struct prom_group *g)
{
	struct prom_group *ended = g->s.n_lines ? group_ended(p, g) : NULL;

	if (ended) {
		p->n_lines -= ended->s.n_lines;
		series_merge(&ended->s, &g->s);
		p->n_lines += ended->s.n_lines;
	} else if (g->s.n_lines) { /* no memory for it */
		series_merge(&p->ended, &g->s);
	}
	group_remove(p, g);
}

void group__age(struct prom *p)
{
	struct prom_group *g, *next;
	bool any = false;

	for (g = p->groups; g; g = g->hh.next) {
		g->aged = !g->ended && p->now_ns - g->busy_ns >= PROM_FOLD_NS;
		any |= g->aged;
	}
	if (!any)
		return;
	for (struct prom_seen *e = p->seen; e; e = e->hh.next)
		if (e->group && e->group->aged)
			e->group = NULL;
	HASH_ITER (hh, p->groups, g, next)
		if (g->aged)
			group_fold(p, g);
}
