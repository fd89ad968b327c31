/* SPDX-License-Identifier: GPL-2.0-only */
/* top_rows.c - rows as a forest: threads beneath processes, processes beneath parents; roots and siblings are sorted.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bound.h"
#include "safe.h"
#include "top_rows.h"

struct node {
	const struct rates_row *row;
	double key;
	uint64_t oncpu; /* of what is equal, who was busier comes first */
	bool shown;
	struct node *parent, *next; /* next: sibling or root */
	struct node *first, *last;  /* children */
};

struct forest {
	const struct top_order *o;
	struct node *nodes;
	size_t n;
	struct node **sorted; /* those shown */
	size_t n_sorted;
	struct node root;
};

static bool matches(const struct top_order *o, const struct rates_row *row)
{
	struct top_subject s = {.row = row};
	char text[CELL_LEN];

	if (!*o->filter)
		return true;
	for (enum top_column c = TOP_PID; c <= TOP_COMM; c++)
		if (strcasestr(top_column__cell(text, c, &s, 0), o->filter))
			return true;
	return false;
}

static bool is_over(const struct rates_row *row, const uint64_t v[M_COUNT])
{
	if (!(row->flags & ZT_EXITED) && row->kind != RATES_FOLD)
		return false;
	for (int i = 0; i < M_COUNT; i++)
		if (v[i])
			return false;
	return true;
}

/* A node for each row; threads point at their process. */
static void nodes_fill(struct forest *f, const struct rates *r)
{
	size_t n;
	const struct rates_row *const *rows = rates__rows(r, &n);
	struct node *process = NULL;

	for (size_t i = 0; i < n; i++) {
		struct node *node = &f->nodes[f->n];
		bool thread = rows[i]->kind == RATES_THREAD;
		struct top_subject s;

		if (!thread)
			process = node;
		if (thread && (!f->o->threads || !process || process->row->n_threads < 2))
			continue;
		s = top_subject(r, rows[i], f->o->period);
		node->row = rows[i];
		node->key = f->o->sort == TOP_COMM ? 0 : top_column__key(f->o->sort, &s);
		node->oncpu = s.v[M_ONCPU_NS];
		node->parent = thread ? process : NULL;
		node->shown = matches(f->o, rows[i]) && !is_over(rows[i], s.v);
		f->n++;
	}
}

/* Family matters: threads that match bring their process, a process that matches its threads. */
static void nodes_show(struct forest *f, enum rates_period period, const struct rates *r)
{
	if (!*f->o->filter)
		return;
	for (size_t i = 0; i < f->n; i++) {
		struct node *node = &f->nodes[i];

		if (node->parent && node->shown && !matches(f->o, node->parent->row))
			node->parent->shown = true;
	}
	for (size_t i = 0; i < f->n; i++) {
		struct node *node = &f->nodes[i];
		struct top_subject s;

		if (!node->parent || node->shown || !matches(f->o, node->parent->row))
			continue;
		s = top_subject(r, node->row, period);
		node->shown = node->parent->shown && !is_over(node->row, s.v);
	}
}

static int by_pid(const void *a, const void *b)
{
	const struct rates_row *x = (*(struct node *const *)a)->row, *y = (*(struct node *const *)b)->row;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return (x->id.start_ns > y->id.start_ns) - (x->id.start_ns < y->id.start_ns);
}

static bool is_older(const struct rates_row *a, const struct rates_row *b)
{
	return a->id.start_ns < b->id.start_ns || (a->id.start_ns == b->id.start_ns && a->pid < b->pid);
}

/* The youngest process of the parent's pid that is older than the child: pids are used again. list is sorted by pid. */
static struct node *parent_of(const struct rates_row *child, struct node **list, size_t n)
{
	size_t low = 0, high = n;
	struct node *found = NULL;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (list[middle]->row->pid < child->ppid)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < n && list[low]->row->pid == child->ppid; low++)
		if (is_older(list[low]->row, child))
			found = list[low];
	return found;
}

static int nodes_adopt(struct forest *f)
{
	struct node **list = malloc((f->n + 1) * sizeof(struct node *));
	size_t n = 0;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < f->n; i++)
		if (f->nodes[i].shown && f->nodes[i].row->kind == RATES_PROCESS)
			list[n++] = &f->nodes[i];
	qsort(list, n, sizeof(struct node *), by_pid);
	for (size_t i = 0; i < n; i++)
		list[i]->parent = parent_of(list[i]->row, list, n);
	free(list);
	return 0;
}

static int compare(const struct node *x, const struct node *y, const struct top_order *o)
{
	bool small_first = (o->sort == TOP_PID || o->sort == TOP_COMM) != o->invert;
	int less = x->key < y->key ? -1 : x->key > y->key;

	if (o->sort == TOP_COMM)
		less = strncasecmp(x->row->comm, y->row->comm, ZC_COMM_LEN);
	if (less)
		return small_first ? less : -less;
	if (x->oncpu != y->oncpu)
		return x->oncpu > y->oncpu ? -1 : 1;
	if (x->row->pid != y->row->pid)
		return x->row->pid < y->row->pid ? -1 : 1;
	/* rows of a process are made in a fixed order */
	return (x > y) - (x < y);
}

static int by_order(const void *a, const void *b, void *o)
{
	return compare(*(struct node *const *)a, *(struct node *const *)b, o);
}

static void forest_grow(struct forest *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->nodes[i].shown)
			f->sorted[f->n_sorted++] = &f->nodes[i];
	qsort_r(f->sorted, f->n_sorted, sizeof(struct node *), by_order, (void *)f->o);
	for (size_t i = 0; i < f->n_sorted; i++) {
		struct node *node = f->sorted[i], *parent = node->parent ? node->parent : &f->root;

		if (parent->last)
			parent->last->next = node;
		else
			parent->first = node;
		parent->last = node;
	}
}

/* Depth first, without recursion: chains of parents have no bound. */
static void forest_walk(const struct forest *f, struct top_list *l)
{
	const struct node *node = f->root.first;
	int depth = 0;

	while (node) {
		l->lines[BOUND_OF(l->n++, f->n)] = (struct top_line){node->row, depth};
		if (node->first) {
			node = node->first;
			depth++;
			continue;
		}
		while (node && !node->next) {
			node = node->parent;
			depth--;
		}
		if (node)
			node = node->next;
	}
}

int top_rows__order(struct top_list *l, const struct rates *r, const struct top_order *o)
{
	struct forest f = {.o = o};
	size_t n;
	int err = -ENOMEM;

	rates__rows(r, &n);
	free(l->lines);
	*l = (struct top_list){0};
	f.nodes = calloc(n + 1, sizeof(*f.nodes));
	f.sorted = calloc(n + 1, sizeof(struct node *));
	l->lines = calloc(n + 1, sizeof(*l->lines));
	if (!f.nodes || !f.sorted || !l->lines)
		goto out;
	nodes_fill(&f, r);
	nodes_show(&f, o->period, r);
	err = o->tree ? nodes_adopt(&f) : 0;
	if (err)
		goto out;
	forest_grow(&f);
	forest_walk(&f, l);
out:
	free(f.nodes);
	free(f.sorted);
	return err;
}
