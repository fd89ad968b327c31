/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * description.c - reads lines of words. \xNN in a word is a byte. What a line may be:
 *
 *	kernel RELEASE            host NAME             duration_ns N         whole_machine
 *	calls_in_flight N         limit N               sort METRIC           threads         verbose
 *	hooks BY                  all hooks but copy-leaf are served by BY ("inferred" makes their metrics inferred)
 *	hook NAME BY|- [ERROR]    one of them, - for not attached
 *	lost REASON N             cgroup ID PATH        max_ended N (before the first record)
 *	command PID running|exited N|killed N           leaf TO FROM SITE_TO SITE_FROM
 *	cost CPU_NS RESIDENT_BYTES RECORDS ADDED_NS_PER_EVENT
 *	record KEY=VALUE ...      uid tid tgid start ppid cgroup flags comm leader; what is missing is as before
 *	source N                  values of nobody
 *	METRIC N                  a value of the last record or source
 *	before                    what has come so far is the start of the interval
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "description.h"

#define WORDS_MAX 16
#define MAX_ENDED 10000

struct reader {
	struct description *d;
	const char *path;
	int line;
	struct zc_record record;
	uint32_t source;
	enum { OPEN_NONE, OPEN_RECORD, OPEN_SOURCE } open;
};

static void __attribute__((noreturn, format(printf, 2, 3))) fail(const struct reader *r, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: ", r->path, r->line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

/* In place; returns the length, for bytes may be 0. */
static size_t unescape(char *s)
{
	char *out = s, *start = s;
	unsigned int byte;

	while (*s) {
		if (s[0] == '\\' && s[1] == 'x' && sscanf(s + 2, "%2x", &byte) == 1) {
			*out++ = (char)byte;
			s += 4;
		} else {
			*out++ = *s++;
		}
	}
	*out = '\0';
	return (size_t)(out - start);
}

static const char *keep(struct reader *r, const char *s)
{
	if (r->d->n_strings == DESCRIPTION_STRINGS)
		fail(r, "too many strings");
	return r->d->strings[r->d->n_strings++] = strdup(s);
}

static uint64_t number(const struct reader *r, const char *s)
{
	char *end;
	uint64_t n = strtoull(s, &end, 0);

	if (!*s || *end)
		fail(r, "no number: %s", s);
	return n;
}

static void close_record(struct reader *r)
{
	uint64_t v[M_COUNT];
	int err = 0;

	for (int i = 0; i < M_COUNT; i++)
		v[i] = r->record.v[i];
	if (r->open == OPEN_RECORD)
		err = model__add(r->d->now.model, &r->record);
	else if (r->open == OPEN_SOURCE)
		err = model__set_system(r->d->now.model, r->source, v);
	if (err)
		fail(r, "the model refused: %d", err);
	r->open = OPEN_NONE;
	memset(r->record.v, 0, sizeof(r->record.v));
}

static void serve(struct snapshot *s, enum hook h, const char *by, const char *error)
{
	enum quality q = !by ? Q_NONE : strcmp(by, "inferred") == 0 ? Q_INFERRED : Q_MEASURED;

	s->hook[h] = (struct hook_state){by, error};
	for (enum metric m = 0; m < M_COUNT; m++)
		if (metrics[m].hook == h)
			s->quality[m] = q;
}

static void read_hook(struct reader *r, char **word)
{
	const char *by = strcmp(word[2], "-") == 0 ? NULL : keep(r, word[2]);

	for (enum hook h = 0; h < H_COUNT; h++)
		if (strcmp(hooks[h].name, word[1]) == 0) {
			serve(&r->d->now, h, by, *word[3] ? keep(r, word[3]) : NULL);
			return;
		}
	fail(r, "no such hook: %s", word[1]);
}

static void read_hooks(struct reader *r, char **word)
{
	for (enum hook h = 0; h < H_COUNT; h++)
		if (h != H_LEAF)
			serve(&r->d->now, h, keep(r, word[1]), NULL);
}

static void read_lost(struct reader *r, char **word)
{
	for (enum loss l = 0; l < L_COUNT; l++)
		if (strcmp(losses[l].name, word[1]) == 0) {
			r->d->now.lost[l] = number(r, word[2]);
			return;
		}
	fail(r, "no such loss: %s", word[1]);
}

static void read_command(struct reader *r, char **word)
{
	struct snapshot_command *c = &r->d->now.command;

	c->present = true;
	c->pid = (int)number(r, word[1]);
	c->exited = strcmp(word[2], "running") != 0;
	if (strcmp(word[2], "exited") == 0)
		c->status = (int)number(r, word[3]) << 8;
	else if (strcmp(word[2], "killed") == 0)
		c->status = (int)number(r, word[3]);
}

static uint32_t read_flags(const struct reader *r, char *s)
{
	static const struct {
		const char *name;
		uint32_t flag;
	} names[] = {
		{"kthread", ZT_KTHREAD},
		{"exited", ZT_EXITED},
		{"leader", ZT_LEADER},
		{"suid", ZT_EXEC_SUID},
		{"leafoff", ZT_LEAF_OFF},
		{"owner", ZT_OWNER},
		{"unattributed", ZT_UNATTRIBUTED},
	};
	uint32_t flags = ZT_TRACED;

	for (char *rest, *name = strtok_r(s, "|", &rest); name; name = strtok_r(NULL, "|", &rest)) {
		size_t i = 0;

		while (i < sizeof(names) / sizeof(names[0]) && strcmp(names[i].name, name) != 0)
			i++;
		if (i == sizeof(names) / sizeof(names[0]))
			fail(r, "no such flag: %s", name);
		flags |= names[i].flag;
	}
	return flags;
}

static void read_comm(char comm[ZC_COMM_LEN], char *s)
{
	size_t len = unescape(s);

	memset(comm, 0, ZC_COMM_LEN);
	memcpy(comm, s, len < ZC_COMM_LEN ? len : ZC_COMM_LEN);
}

static void read_field(struct reader *r, char *word)
{
	struct zc_record *rec = &r->record;
	char *value = strchr(word, '=');

	if (!value)
		fail(r, "no KEY=VALUE: %s", word);
	*value++ = '\0';
	if (strcmp(word, "uid") == 0)
		rec->uid = number(r, value);
	else if (strcmp(word, "tid") == 0)
		rec->tid = (uint32_t)number(r, value);
	else if (strcmp(word, "tgid") == 0)
		rec->process.tgid = (uint32_t)number(r, value);
	else if (strcmp(word, "start") == 0)
		rec->process.start_ns = rec->start_ns = number(r, value);
	else if (strcmp(word, "ppid") == 0)
		rec->ppid = (uint32_t)number(r, value);
	else if (strcmp(word, "cgroup") == 0)
		rec->cgroup = number(r, value);
	else if (strcmp(word, "flags") == 0)
		rec->flags = read_flags(r, value);
	else if (strcmp(word, "comm") == 0)
		read_comm(rec->comm, value);
	else if (strcmp(word, "leader") == 0)
		read_comm(rec->leader_comm, value);
	else
		fail(r, "no such field: %s", word);
}

static void read_leaf(struct reader *r, char **word)
{
	r->d->now.leaf = (struct snapshot_leaf){true, number(r, word[1]), number(r, word[2]), number(r, word[3]),
						number(r, word[4])};
}

static const char *cgroup_path(void *ctx, uint64_t id)
{
	const struct description *d = ctx;

	for (int i = 0; i < d->n_cgroups; i++)
		if (d->cgroups[i].id == id)
			return d->cgroups[i].path;
	return NULL;
}

static void read_before(struct reader *r)
{
	struct description *d = r->d;

	close_record(r);
	if (model__sum(d->now.model))
		fail(r, "no sum");
	d->before = d->now;
	d->before.model = model__copy_sums(d->now.model);
}

/* Lines about the snapshot; false if it is none. */
static bool read_fact(struct reader *r, char **word)
{
	struct snapshot *s = &r->d->now;

	if (strcmp(word[0], "kernel") == 0)
		s->kernel = keep(r, word[1]);
	else if (strcmp(word[0], "host") == 0)
		s->host = (unescape(word[1]), keep(r, word[1]));
	else if (strcmp(word[0], "duration_ns") == 0)
		s->duration_ns = number(r, word[1]);
	else if (strcmp(word[0], "whole_machine") == 0)
		s->whole_machine = true;
	else if (strcmp(word[0], "calls_in_flight") == 0)
		s->calls_in_flight = (uint32_t)number(r, word[1]);
	else if (strcmp(word[0], "hooks") == 0)
		read_hooks(r, word);
	else if (strcmp(word[0], "hook") == 0)
		unescape(word[2]), unescape(word[3]), read_hook(r, word);
	else if (strcmp(word[0], "lost") == 0)
		read_lost(r, word);
	else if (strcmp(word[0], "command") == 0)
		read_command(r, word);
	else if (strcmp(word[0], "leaf") == 0)
		read_leaf(r, word);
	else if (strcmp(word[0], "cost") == 0)
		s->cost = (struct snapshot_cost){number(r, word[1]), number(r, word[2]), number(r, word[3]),
						 number(r, word[4])};
	else
		return false;
	return true;
}

static bool read_option(struct reader *r, char **word)
{
	struct view_opts *o = &r->d->opts;

	if (strcmp(word[0], "limit") == 0)
		o->limit = (int)number(r, word[1]);
	else if (strcmp(word[0], "sort") == 0)
		o->sort = metric__find(word[1]);
	else if (strcmp(word[0], "threads") == 0)
		o->threads = true;
	else if (strcmp(word[0], "verbose") == 0)
		o->verbose = true;
	else
		return false;
	return true;
}

static bool read_record(struct reader *r, char **word)
{
	struct description *d = r->d;

	if (strcmp(word[0], "record") == 0) {
		close_record(r);
		for (int i = 1; *word[i]; i++)
			read_field(r, word[i]);
		r->open = OPEN_RECORD;
	} else if (strcmp(word[0], "source") == 0) {
		close_record(r);
		r->source = (uint32_t)number(r, word[1]);
		r->open = OPEN_SOURCE;
	} else if (strcmp(word[0], "before") == 0) {
		read_before(r);
	} else if (strcmp(word[0], "max_ended") == 0) {
		model__free(d->now.model);
		d->now.model = model__new((uint32_t)number(r, word[1]));
	} else if (strcmp(word[0], "cgroup") == 0) {
		unescape(word[2]);
		d->cgroups[d->n_cgroups].id = number(r, word[1]);
		d->cgroups[d->n_cgroups++].path = keep(r, word[2]);
	} else {
		return false;
	}
	return true;
}

static void read_line(struct reader *r, char *line)
{
	char *word[WORDS_MAX], *rest, none[1] = "";
	enum metric m;
	int n = 0;

	for (char *w = strtok_r(line, " \t\n", &rest); w && n < WORDS_MAX - 1; w = strtok_r(NULL, " \t\n", &rest))
		word[n++] = w;
	if (n == 0 || word[0][0] == '#')
		return;
	while (n < WORDS_MAX)
		word[n++] = none;
	if (read_fact(r, word) || read_option(r, word) || read_record(r, word))
		return;
	m = metric__find(word[0]);
	if (m == M_COUNT || r->open == OPEN_NONE)
		fail(r, "not understood: %s", word[0]);
	r->record.v[m] = number(r, word[1]);
}

void description__read(struct description *d, const char *path)
{
	struct reader r = {.d = d, .path = path};
	char line[1024];
	FILE *f = fopen(path, "r");

	if (!f)
		fail(&r, "cannot be opened");
	*d = (struct description){.opts = {.sort = M_COUNT, .limit = 20}};
	d->now.model = model__new(MAX_ENDED);
	d->now.cgroup_path = cgroup_path;
	d->now.cgroup_ctx = d;
	while (fgets(line, sizeof(line), f)) {
		r.line++;
		read_line(&r, line);
	}
	fclose(f);
	close_record(&r);
	if (model__sum(d->now.model))
		fail(&r, "no sum");
}

void description__free(struct description *d)
{
	model__free(d->now.model);
	model__free(d->before.model);
	for (int i = 0; i < d->n_strings; i++)
		free(d->strings[i]);
}
