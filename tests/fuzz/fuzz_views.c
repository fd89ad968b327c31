/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz_views.c - every view on made-up snapshots, in this process, under ASan and UBSan.
 *
 *	fuzz-views SECONDS [SEED [DIRECTORY]]	cases of each kind one after another, until the time is over; the
 *pictures of some go to the directory
 *	fuzz-views KIND NUMBER			that case again; what the views wrote goes to standard output
 *
 * Prints a line `KIND N` for each kind, how many cases of it there were. At the first that is wrong it says which it
 *was, and ends with status 1.
 */
#define _GNU_SOURCE 1
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sanitizer/common_interface_defs.h>
#include <sys/mman.h>

#include "bound.h"
#include "diff_load.h"
#include "fuzz.h"
#include "prom_series.h"
#include "views_diff.h"

#define HANGS_S 60 /* no case takes so long anywhere */
#define RUNS_MOST 5

static struct {
	const char *program, *directory, *view;
	enum fuzz_kind kind;
	uint64_t number;
	bool show;
} here;

/* Only what may be called from a signal, or from a sanitizer that has seen enough. */
static void tell(void)
{
	char text[256];
	int n = snprintf(text, sizeof(text), "\nwrong: %s of a case; see it again: %s %s %llu\n", here.view,
			 here.program, fuzz_kinds[here.kind], (unsigned long long)here.number);

	if (write(STDERR_FILENO, text, (size_t)n) != n)
		_exit(3);
}

/* UBSan knows nothing of ASan's callback, so it has to come by a signal. */
const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void)
{
	return "abort_on_error=1:print_stacktrace=1";
}

static void on_signal(int sig)
{
	static const char hangs[] = "\nit hangs";

	if (sig == SIGALRM && write(STDERR_FILENO, hangs, sizeof(hangs) - 1) < 0)
		_exit(3);
	tell();
	_exit(1);
}

static void __attribute__((noreturn)) wrong(const char *what, const char *text, size_t len)
{
	if (here.show)
		fwrite(text, 1, len, stdout);
	fflush(stdout);
	fprintf(stderr, "\n%s", what);
	tell();
	exit(1);
}

struct memory {
	FILE *out;
	char *text;
	size_t len;
};

static FILE *begin(struct memory *m, const char *view)
{
	here.view = view;
	*m = (struct memory){0};
	m->out = open_memstream(&m->text, &m->len);
	if (!m->out)
		abort();
	return m->out;
}

static void keep_picture(const struct memory *m)
{
	char path[4096];
	FILE *f;

	if (!here.directory || here.number % 16)
		return;
	snprintf(path, sizeof(path), "%s/%s-%llu%s.svg", here.directory, fuzz_kinds[here.kind],
		 (unsigned long long)here.number, strchr(here.view, ' ') ? "-diff" : "");
	f = fopen(path, "w");
	if (!f || fwrite(m->text, 1, m->len, f) != m->len || fclose(f))
		abort();
}

/* err: of the view. */
static void end(struct memory *m, int err, const char *(*check)(const char *, size_t))
{
	const char *what;

	fclose(m->out);
	what = err ? strerror(-err) : check(m->text, m->len);
	if (what)
		wrong(what, m->text, m->len);
	if (here.show)
		fwrite(m->text, 1, m->len, stdout);
	if (check == check__svg)
		keep_picture(m);
}

/* The document again, as a run to be compared. */
static void load(struct diff_run *run, const struct memory *document)
{
	char path[64];
	int fd = memfd_create("document", MFD_CLOEXEC);

	if (fd < 0 || write(fd, document->text, document->len) != (ssize_t)document->len)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	here.view = "reading the document";
	if (diff_load(run, path, NULL))
		wrong("cannot be read again", document->text, document->len);
	close(fd);
}

/* As diff_load.c does from a recording. */
static void sum(struct diff_run *run, const struct snapshot *s)
{
	struct diff_sum all = {.run = run};
	const struct model_process **list;
	int n = model__list(s->model, M_COUNT, &list);

	*run = (struct diff_run){.file = "made up", .recording = true, .duration_ns = s->duration_ns};
	for (int i = 0; i < n; i++) {
		enum quality quality[M_COUNT];

		snapshot__qualities(s, list[i], quality);
		diff_sum__add(&all, list[i]->v, quality, list[i]->folded ? list[i]->folded : 1);
	}
	free(list);
	memcpy(run->system, model__system(s->model), sizeof(run->system));
	snapshot__qualities(s, NULL, run->system_quality);
	memcpy(run->lost, s->lost, sizeof(run->lost));
}

static void try_snapshot(struct made *m, struct prom *prom, struct diff_run *run)
{
	const struct snapshot *s = &m->s;
	struct memory out;

	begin(&out, "the report");
	end(&out, view_report(out.out, s, &m->opts), check__text);
	free(out.text);
	begin(&out, "the table");
	end(&out, view_table(out.out, s, NULL, &m->opts), check__text);
	free(out.text);
	begin(&out, "the exposition");
	end(&out, view_prom(out.out, s, prom, NULL), check__prom);
	free(out.text);
	begin(&out, "the picture");
	end(&out, view_svg(out.out, s, &m->opts), check__svg);
	free(out.text);
	begin(&out, "the document");
	end(&out, view_json(out.out, s, &m->opts), check__json);
	if (model__n_processes(s->model) && dice__below(&m->dice, 2))
		load(run, &out);
	else
		sum(run, s);
	free(out.text);
}

static void try_diff(struct made *m, const struct diff_run runs[2][RUNS_MOST], const int n[2])
{
	struct diff *d = malloc(sizeof(*d));
	const char *comm = dice__below(&m->dice, 2) ? m->text[0] : NULL;
	struct memory out;

	if (!d)
		abort();
	diff__make(d, runs[0], n[0], runs[1], n[1]);
	begin(&out, "the diff");
	end(&out, view_diff(out.out, d, comm, m->opts.verbose), check__text);
	free(out.text);
	begin(&out, "the diff's document");
	end(&out, view_diff_json(out.out, d, comm), check__json);
	free(out.text);
	begin(&out, "the diff's picture");
	end(&out, view_diff_svg(out.out, d), check__svg);
	free(out.text);
	free(d);
}

static void try_interval(struct made *m)
{
	struct snapshot before = m->s;
	struct memory out;

	before.model = model__copy_sums(m->s.model);
	if (!before.model)
		abort();
	made__next(m);
	begin(&out, "the interval");
	end(&out, view_table(out.out, &m->s, &before, &m->opts), check__text);
	free(out.text);
	model__free(before.model);
}

static void try_case(enum fuzz_kind kind, uint64_t number)
{
	static struct diff_run runs[2][RUNS_MOST];
	static struct made m;
	struct prom *prom;
	int n[2];
	const char *what;

	here.kind = kind;
	here.number = number;
	here.view = "making it up";
	alarm(HANGS_S);
	made__begin(&m, kind, number);
	prom = prom__new((uint32_t[]){0, 1, 30, 1000}[dice__below(&m.dice, 4)], dice__below(&m.dice, 2));
	for (int side = 0; side < 2; side++) {
		n[side] = 1 + (int)dice__below(&m.dice, dice__below(&m.dice, 2) ? 1 : RUNS_MOST);
		for (int i = 0; i < n[side]; i++) {
			made__next(&m);
			try_snapshot(&m, prom, &runs[side][i]);
		}
	}
	try_interval(&m);
	try_diff(&m, (const struct diff_run(*)[RUNS_MOST])runs, n);
	here.view = "the live display";
	what = display__run(&m);
	if (what)
		wrong(what, "", 0);
	prom__free(prom);
	made__end(&m);
}

/* A crowd takes as long as all the others of eight rounds. */
static uint64_t n_of_round(enum fuzz_kind kind, uint64_t round)
{
	static const uint64_t n[FUZZ_KINDS] = {
		[FUZZ_ZERO] = 1,  [FUZZ_ONE] = 6,      [FUZZ_FEW] = 3,	      [FUZZ_MAXIMAL] = 1,
		[FUZZ_EDGES] = 3, [FUZZ_ORDINARY] = 3, [FUZZ_CONTRADICT] = 3,
	};

	return kind == FUZZ_CROWD ? round % 8 == 0 : n[kind];
}

static void try_all(double seconds, uint64_t seed)
{
	uint64_t n[FUZZ_KINDS] = {0}, round = 0;
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		for (enum fuzz_kind kind = 0; kind < FUZZ_KINDS; kind++)
			for (uint64_t i = 0; i < n_of_round(kind, round); i++)
				try_case(kind, seed + n[kind]++);
		round++;
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((double)(now.tv_sec - start.tv_sec) < seconds);
	for (enum fuzz_kind kind = 0; kind < FUZZ_KINDS; kind++)
		printf("%s %llu\n", fuzz_kinds[kind], (unsigned long long)n[kind]);
}

int main(int argc, char **argv)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	here.program = argv[0];
	here.view = "nothing";
	bound__before_end = tell;
	__sanitizer_set_death_callback(tell);
	signal(SIGALRM, on_signal);
	signal(SIGABRT, on_signal);
	for (enum fuzz_kind kind = 0; argc == 3 && kind < FUZZ_KINDS; kind++)
		if (!strcmp(argv[1], fuzz_kinds[kind])) {
			here.show = true;
			try_case(kind, strtoull(argv[2], NULL, 10));
			return 0;
		}
	if (argc < 2 || argc > 4) {
		fputs("fuzz-views SECONDS [SEED [DIRECTORY]] | KIND NUMBER\n", stderr);
		return 2;
	}
	here.directory = argc > 3 ? argv[3] : NULL;
	try_all(strtod(argv[1], NULL), argc > 2 ? strtoull(argv[2], NULL, 10) : 0);
	return 0;
}
