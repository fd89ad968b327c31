/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view_json.c - zctrace/1, docs/zctrace-1.schema.json: the whole document in memory, then written; or nothing. It is
 *kept as text, piece by piece: as values of the library it would take four times as much.
 *
 *	figures     integers; null: not measured. Ratios are reals; null: not known
 *	inferred    the metrics of which something was derived from a system call's result, for every process alike
 *	text        passed user/safe: valid UTF-8, nothing that acts on a terminal
 *
 * Every process is in the document, whatever --limit says: a consumer must be able to add them up.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <jansson.h>

#include "safe.h"
#include "views.h"

#define TEXT_LEN (4 * PATH_MAX + 1) /* a path of nothing but refused bytes */

/* A document with a hole in it must not come to be: what could not be made makes NULL of all that would hold it. */
static json_t *put(json_t *object, const char *key, json_t *value)
{
	/* takes value, also when it fails */
	if (json_object_set_new(object, key, value) == 0)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *append(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) == 0)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *integer(uint64_t v)
{
	return json_integer(v > INT64_MAX ? INT64_MAX : (json_int_t)v);
}

/* NULL makes null. len: where untrusted bytes end at the latest. */
static json_t *text(const char *s, size_t len)
{
	char *shown;
	json_t *ret;

	if (!s)
		return json_null();
	shown = malloc(TEXT_LEN);
	if (!shown)
		return NULL;
	ret = json_string(safe_text(shown, TEXT_LEN, s, len));
	free(shown);
	return ret;
}

static json_t *metrics_of(const uint64_t *v, const enum quality *quality)
{
	json_t *o = json_object();

	for (enum metric m = 0; m < M_COUNT; m++)
		o = put(o, metrics[m].name, quality[m] == Q_NONE ? json_null() : integer(v[m]));
	return o;
}

/* Also appends to *lower_bounds the names of those that are. */
static json_t *derived_of(struct metric_view view, json_t **lower_bounds)
{
	json_t *o = json_object();

	for (enum derived d = 0; d < D_COUNT; d++) {
		bool lower = false, inferred;
		json_t *figure = json_null();
		uint64_t n;
		double r;

		if (derived_integer(d, view, &n, &lower, &inferred))
			figure = integer(n);
		else if (deriveds[d].is_ratio && derived_value(d, view, &r, &lower, &inferred))
			figure = json_real(r);
		o = put(o, deriveds[d].name, figure);
		if (lower)
			*lower_bounds = append(*lower_bounds, json_string(deriveds[d].name));
	}
	return o;
}

static json_t *thread_of(const struct model_thread *t, const enum quality *quality)
{
	json_t *o = json_object();

	o = put(o, "tid", json_integer(t->tid));
	o = put(o, "comm", text(t->comm, ZC_COMM_LEN));
	o = put(o, "exited", json_boolean(t->flags & ZT_EXITED));
	o = put(o, "metrics", metrics_of(t->v, quality));
	return o;
}

/* Without its threads. */
static json_t *process_of(const struct snapshot *s, const struct model_process *p)
{
	const char *cgroup = s->cgroup_path ? s->cgroup_path(s->cgroup_ctx, p->cgroup) : NULL;
	enum quality quality[M_COUNT];
	json_t *o = json_object(), *lower_bounds = json_array();

	snapshot__qualities(s, p, quality);
	o = put(o, "pid", p->folded ? json_null() : json_integer(p->id.tgid));
	o = put(o, "start_time", p->folded ? json_null() : integer(p->id.start_ns));
	o = put(o, "ppid", p->ppid ? json_integer(p->ppid) : json_null());
	o = put(o, "comm", text(p->comm, ZC_COMM_LEN));
	o = put(o, "cgroup", text(cgroup, PATH_MAX));
	o = put(o, "exited", json_boolean(p->folded || (p->flags & ZT_EXITED)));
	o = put(o, "folded", json_integer(p->folded));
	o = put(o, "metrics", metrics_of(p->v, quality));
	o = put(o, "derived", derived_of((struct metric_view){p->v, quality}, &lower_bounds));
	o = put(o, "lower_bounds", lower_bounds);
	return o;
}

static json_t *hooks_of(const struct snapshot *s)
{
	json_t *a = json_array();

	for (enum hook h = 0; h < H_COUNT; h++) {
		json_t *o = json_object();

		o = put(o, "hook", json_string(hooks[h].name));
		o = put(o, "by", text(s->hook[h].by, PATH_MAX));
		o = put(o, "error", text(s->hook[h].error, PATH_MAX));
		a = append(a, o);
	}
	return a;
}

static json_t *lost_of(const struct snapshot *s)
{
	json_t *o = json_object();

	for (enum loss l = 0; l < L_COUNT; l++)
		o = put(o, losses[l].name, integer(s->lost[l]));
	return o;
}

static json_t *inferred_of(const struct snapshot *s)
{
	json_t *a = json_array();

	for (enum metric m = 0; m < M_COUNT; m++)
		if (s->quality[m] == Q_INFERRED)
			a = append(a, json_string(metrics[m].name));
	return a;
}

static json_t *command_of(const struct snapshot_command *c)
{
	json_t *o;

	if (!c->present)
		return json_null();
	o = json_object();
	o = put(o, "pid", json_integer(c->pid > 0 ? c->pid : 0)); /* a recording may say anything */
	o = put(o, "exited", json_boolean(c->exited));
	o = put(o, "status", c->exited && WIFEXITED(c->status) ? json_integer(WEXITSTATUS(c->status)) : json_null());
	o = put(o, "signal", c->exited && WIFSIGNALED(c->status) ? json_integer(WTERMSIG(c->status)) : json_null());
	return o;
}

static json_t *leaf_side(uint64_t leaf, uint64_t site)
{
	uint64_t apart = site < leaf ? leaf - site : site - leaf;
	json_int_t shown = apart > INT64_MAX ? INT64_MAX : (json_int_t)apart;
	json_t *o = json_object();

	o = put(o, "leaf_bytes", integer(leaf));
	o = put(o, "site_bytes", integer(site));
	o = put(o, "difference", json_integer(site < leaf ? -shown : shown));
	return o;
}

static json_t *leaf_of(const struct snapshot_leaf *leaf)
{
	json_t *o;

	if (!leaf->valid)
		return json_null();
	o = json_object();
	o = put(o, "to_user", leaf_side(leaf->to_user_bytes, leaf->site_to_user_bytes));
	o = put(o, "from_user", leaf_side(leaf->from_user_bytes, leaf->site_from_user_bytes));
	return o;
}

static json_t *cost_of(const struct snapshot *s)
{
	json_t *o = json_object();
	uint64_t events;

	o = put(o, "cpu_ns", integer(s->cost.cpu_ns));
	o = put(o, "resident_bytes", integer(s->cost.resident_bytes));
	o = put(o, "records", integer(s->cost.records));
	o = put(o, "events", snapshot__events(s, &events) ? NULL : integer(events));
	o = put(o, "added_ns_per_event",
		s->cost.added_ns_per_event ? integer(s->cost.added_ns_per_event) : json_null());
	return o;
}

/* Without its processes. */
static json_t *document(const struct snapshot *s)
{
	json_t *doc = json_object();
	enum quality quality[M_COUNT];

	snapshot__qualities(s, NULL, quality);
	doc = put(doc, "schema", json_string("zctrace/1"));
	doc = put(doc, "kernel", text(s->kernel, PATH_MAX));
	doc = put(doc, "host", text(s->host, PATH_MAX));
	doc = put(doc, "duration_ns", integer(s->duration_ns));
	doc = put(doc, "whole_machine", json_boolean(s->whole_machine));
	doc = put(doc, "calls_in_flight", json_integer(s->calls_in_flight));
	doc = put(doc, "hooks", hooks_of(s));
	doc = put(doc, "lost", lost_of(s));
	doc = put(doc, "inferred", inferred_of(s));
	doc = put(doc, "cost", cost_of(s));
	doc = put(doc, "command", command_of(&s->command));
	doc = put(doc, "exact", leaf_of(&s->leaf));
	doc = put(doc, "folded", integer(model__n_folded(s->model)));
	doc = put(doc, "system", metrics_of(model__system(s->model), quality));
	return doc;
}

#define END_LEN 2 /* of an object's text: a line end and a brace */

struct piece {
	const char *before;
	char *text; /* NULL: none */
	size_t len;
	int depth; /* so far is the text to be moved to the right */
};

struct pieces {
	struct piece *at;
	size_t n, room;
	int err;
};

static struct piece *piece_add(struct pieces *p)
{
	if (p->n == p->room) {
		size_t room = p->room ? 2 * p->room : 64;
		struct piece *at = realloc(p->at, room * sizeof(*at));

		if (!at) {
			p->err = -ENOMEM;
			return NULL;
		}
		p->at = at;
		p->room = room;
	}
	p->at[p->n] = (struct piece){.before = ""};
	return &p->at[p->n++];
}

/* Takes value. left_open: more members follow. */
static void keep(struct pieces *p, const char *before, json_t *value, int depth, bool left_open)
{
	struct piece *piece = value ? piece_add(p) : NULL;

	if (piece)
		*piece = (struct piece){before, json_dumps(value, JSON_INDENT(1) | JSON_REAL_PRECISION(9)), 0, depth};
	if (piece && piece->text)
		piece->len = strlen(piece->text) - (left_open ? END_LEN : 0);
	else
		p->err = -ENOMEM;
	json_decref(value);
}

static void keep_words(struct pieces *p, const char *words)
{
	struct piece *piece = piece_add(p);

	if (piece)
		piece->before = words;
}

static void keep_threads(struct pieces *p, const struct snapshot *s, const struct model_process *process)
{
	const struct model_thread **threads;
	int n = model__threads(s->model, process, &threads);
	enum quality quality[M_COUNT];

	if (n < 0) {
		p->err = n;
		return;
	}
	snapshot__qualities(s, process, quality);
	keep_words(p, ",\n   \"threads\": [");
	for (int i = 0; !p->err && i < n; i++)
		keep(p, i ? ",\n    " : "\n    ", thread_of(threads[i], quality), 4, false);
	keep_words(p, n ? "\n   ]\n  }" : "]\n  }");
	free(threads);
}

static void keep_document(struct pieces *p, const struct snapshot *s, const struct view_opts *o)
{
	const struct model_process **list;
	int n = model__list(s->model, o->sort, &list);

	if (n < 0) {
		p->err = n;
		return;
	}
	keep(p, "", document(s), 0, true);
	keep_words(p, ",\n \"processes\": [");
	for (int i = 0; !p->err && i < n; i++) {
		keep(p, i ? ",\n  " : "\n  ", process_of(s, list[i]), 2, o->threads);
		if (o->threads && !p->err)
			keep_threads(p, s, list[i]);
	}
	keep_words(p, n ? "\n ]\n}\n" : "]\n}\n");
	free(list);
}

static void write_piece(FILE *out, const struct piece *piece)
{
	const char *line = piece->text, *end = line + piece->len, *next;

	fputs(piece->before, out);
	for (; line < end; line = next) {
		next = memchr(line, '\n', (size_t)(end - line));
		next = next ? next + 1 : end;
		fwrite(line, 1, (size_t)(next - line), out);
		if (next < end)
			fprintf(out, "%*s", piece->depth, "");
	}
}

int view_json(FILE *out, const struct snapshot *s, const struct view_opts *o)
{
	struct pieces p = {0};
	int err;

	keep_document(&p, s, o);
	err = p.err;
	errno = 0;
	for (size_t i = 0; i < p.n; i++) {
		if (!err) {
			write_piece(out, &p.at[i]);
			err = ferror(out) ? errno ? -errno : -EIO : 0;
		}
		free(p.at[i].text);
	}
	free(p.at);
	if (!err && fflush(out) == EOF)
		err = errno ? -errno : -EIO;
	return err;
}
