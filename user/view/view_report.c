/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view_report.c - the report: a block for each process when they are few, else the machine's block and a table.
 */
#include <errno.h>
#include <stdlib.h>

#include "safe.h"
#include "view_block.h"
#include "view_figure.h"
#include "view_footer.h"
#include "views.h"

#define BLOCKS_MAX 3   /* more processes make a table */
#define THREADS_MAX 64 /* more are in the JSON document */

static void subject_fill(struct subject *ret, const uint64_t *v, const enum quality *quality)
{
	ret->m = (struct metric_view){v, quality};
	paths__find(&ret->paths, ret->m);
}

static void write_thread(FILE *out, const struct model_thread *t, const enum quality *quality)
{
	struct metric_view m = {t->v, quality};
	char comm[NAME_LEN], a[FIGURE_LEN], b[FIGURE_LEN], c[FIGURE_LEN], d[FIGURE_LEN], label[NAME_LEN + 32];
	struct line l;

	snprintf(label, sizeof(label), "  %u %s%s", t->tid, safe_text(comm, sizeof(comm), t->comm, ZC_COMM_LEN),
		 t->flags & ZT_EXITED ? " +" : "");
	label[safe_prefix(label, LABEL_COLUMNS - 3)] = '\0';
	l = line__begin(out, label);
	line__add(&l, "", "%s copied, %s mode, %s + %s context switches",
		  figure__text(a, figure__derived(D_CPU_COPIED_BYTES, m), fmt_bytes),
		  figure__text(b, figure__derived(D_MODE_SWITCHES, m), fmt_count),
		  figure__text(c, metric__figure(m, M_SWITCHES_VOLUNTARY), fmt_count),
		  figure__text(d, metric__figure(m, M_SWITCHES_INVOLUNTARY), fmt_count));
	line__end(&l);
}

static int write_threads(FILE *out, const struct snapshot *s, const struct model_process *p,
			 const enum quality *quality)
{
	const struct model_thread **threads;
	int n = model__threads(s->model, p, &threads);

	if (n < 0)
		return n;
	fputs("  threads (+ ended)\n", out);
	for (int i = 0; i < n && i < THREADS_MAX; i++)
		write_thread(out, threads[i], quality);
	if (n > THREADS_MAX)
		fprintf(out, "    and %d more\n", n - THREADS_MAX);
	free(threads);
	return 0;
}

/* A process whose breakpoints were dropped says so: its column is "-" where another's is not. */
static void write_note(FILE *out, const struct model_process *p)
{
	struct line l;

	if (!(p->flags & (ZT_EXEC_SUID | ZT_LEAF_OFF)))
		return;
	l = line__begin(out, "note");
	if (p->flags & ZT_EXEC_SUID)
		line__add(&l, "; ", "exec changed its privileges: the kernel dropped its breakpoints");
	if (p->flags & ZT_LEAF_OFF)
		line__add(&l, "; ", "too many breakpoint hits: given up");
	line__end(&l);
}

/* "xfer (4242)  1.84 s, 1 thread, payload 32.0 MiB file -> socket" */
static void write_title(FILE *out, const struct snapshot *s, const struct model_process *p,
			const struct subject *subject)
{
	char comm[NAME_LEN], payload[BLOCK_PAYLOAD_LEN], time[FMT_LEN], n[FMT_LEN];

	safe_text(comm, sizeof(comm), p->comm, ZC_COMM_LEN);
	if (p->folded)
		fprintf(out, "%s (%s ended processes)  ", comm, fmt_count(n, p->folded));
	else
		fprintf(out, "%s (%u)  ", comm, p->id.tgid);
	fprintf(out, "%s, %s %s%s, %s\n", fmt_duration(time, s->duration_ns), fmt_count(n, p->n_threads),
		p->n_threads == 1 ? "thread" : "threads", !p->folded && (p->flags & ZT_EXITED) ? ", ended" : "",
		block__payload(payload, subject));
}

static int write_process(FILE *out, const struct snapshot *s, const struct model_process *p, const struct view_opts *o)
{
	enum quality quality[M_COUNT];
	struct subject subject;
	int err = 0;

	snapshot__qualities(s, p, quality);
	subject_fill(&subject, p->v, quality);
	write_title(out, s, p, &subject);
	block__write(out, &subject, false);
	write_note(out, p);
	if (o->threads)
		err = write_threads(out, s, p, quality);
	fputc('\n', out);
	return err;
}

/* Nobody's work and kernel threads; nothing is written if there was none. */
static void write_system(FILE *out, const struct snapshot *s)
{
	const uint64_t *v = model__system(s->model);
	enum quality quality[M_COUNT];
	struct subject subject;
	bool some = false;

	for (int i = 0; i < M_COUNT; i++)
		some |= v[i] > 0;
	if (!some)
		return;
	snapshot__qualities(s, NULL, quality);
	subject_fill(&subject, v, quality);
	fprintf(out, "system line  %s\n",
		s->whole_machine ? "kernel threads and work without an owner" : "work without an owner");
	block__write(out, &subject, true);
	fputc('\n', out);
}

/* "HOST  1.84 s, 143 processes, payload ..."; without the host if not every process is traced */
static void write_machine_title(FILE *out, const struct snapshot *s, const struct subject *subject)
{
	char host[256], time[FMT_LEN], n[FMT_LEN], payload[BLOCK_PAYLOAD_LEN];
	size_t folded = model__n_folded(s->model);

	if (s->whole_machine)
		fprintf(out, "%s  ", safe_text(host, sizeof(host), s->host ? s->host : "machine", 64));
	fprintf(out, "%s, %s processes, ", fmt_duration(time, s->duration_ns),
		fmt_count(n, model__n_processes(s->model) + folded));
	fprintf(out, "%s\n", block__payload(payload, subject));
}

static void write_machine(FILE *out, const struct snapshot *s, const struct model_process **list, int n)
{
	enum quality quality[M_COUNT];
	uint64_t v[M_COUNT];
	struct subject subject;
	int n_given_up = 0;

	snapshot__sum(s, list, n, v);
	for (int i = 0; i < n; i++)
		n_given_up += snapshot__quality(s, list[i], M_TO_USER_OTHER) != s->quality[M_TO_USER_OTHER];
	snapshot__qualities(s, NULL, quality);
	subject_fill(&subject, v, quality);
	write_machine_title(out, s, &subject);
	block__write(out, &subject, false);
	if (n_given_up) {
		struct line l = line__begin(out, "note");

		line__add(&l, "", "%d processes lost their breakpoints:", n_given_up);
		line__add(&l, " ", "copies counted as other are too few by theirs");
		line__end(&l);
	}
	fputc('\n', out);
}

static int write_report(FILE *out, const struct snapshot *s, const struct view_opts *o)
{
	const struct model_process **list;
	int n = model__list(s->model, o->sort, &list), err = 0;

	if (n < 0)
		return n;
	if (n == 0)
		fputs("no process was traced\n\n", out);
	for (int i = 0; !err && n <= BLOCKS_MAX && i < n; i++)
		err = write_process(out, s, list[i], o);
	if (n > BLOCKS_MAX)
		write_machine(out, s, list, n);
	free(list);
	if (!err && n > BLOCKS_MAX) {
		err = view_table(out, s, NULL, o);
		fputc('\n', out);
	}
	if (!err)
		write_system(out, s);
	return err;
}

int view_report(FILE *out, const struct snapshot *s, const struct view_opts *o)
{
	int err = write_report(out, s, o);

	if (err)
		return err;
	footer__write(out, s, o->verbose);
	errno = 0;
	if (fflush(out) == EOF || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}
