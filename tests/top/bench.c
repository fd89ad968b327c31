/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bench.c - how long the live display takes for one frame of a process with many threads and of as many processes: take
 * the snapshot in, sort, lay out what a screen of 50 lines shows. What ncurses then sends is a screenful, whatever the
 * number of rows.
 *
 * usage: bench-top [THREADS]; prints a line of JSON: CPU time of the slowest of ten frames.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "top_detail.h"
#include "top_layout.h"

#define ROWS 50
#define FRAMES 10

static double cpu_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts); /* whatever else the machine does */
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

/* Each thread has done more than the time before; of one process, or each a process of its own. */
static void fill(struct snapshot *s, uint32_t n, bool one_process)
{
	for (uint32_t i = 0; i < n; i++) {
		struct zc_record r = {.uid = i + 1, .tid = i + 1};

		r.process.tgid = one_process ? 1 : i + 1;
		r.process.start_ns = r.process.tgid;
		r.ppid = i / 2;
		for (int m = 0; m < M_COUNT; m++)
			r.v[m] = s->duration_ns / 1000 * ((uint64_t)i * 7919 % 1000 + 1);
		strcpy(r.comm, "worker");
		if (model__add(s->model, &r))
			abort();
	}
	if (model__sum(s->model))
		abort();
}

static void frame(struct rates *r, const struct snapshot *s, const struct top_order *o, struct top_list *l)
{
	struct top_layout layout;
	char text[LAYOUT_TEXT_LEN];

	if (rates__update(r, s) || top_rows__order(l, r, o))
		abort();
	layout__fit(&layout, 120, true);
	layout__marks(&layout, l);
	for (size_t i = 0; i < ROWS && i < l->n; i++) {
		struct top_subject subject = top_subject(r, l->lines[i].row, o->period);

		layout__row(text, &layout, &l->lines[i], &subject);
	}
}

/* The longest of some frames, and of the page of one process. */
static void run(uint32_t n, bool one_process, double *ret_frame, double *ret_detail)
{
	struct snapshot s = {.model = model__new(10000)};
	struct rates *r = rates__new();
	const struct top_order o = {.sort = TOP_COPY, .threads = one_process, .tree = !one_process};
	struct top_list l = {0};
	struct top_detail d = {.like = {.kind = RATES_PROCESS, .id = {.tgid = 1, .start_ns = 1}}};

	for (int m = 0; m < M_COUNT; m++)
		s.quality[m] = Q_MEASURED;
	*ret_frame = *ret_detail = 0;
	for (int i = 0; i < FRAMES; i++) {
		double start, end;

		s.duration_ns += 1000000000;
		fill(&s, n, one_process);
		start = cpu_ms();
		frame(r, &s, &o, &l);
		end = cpu_ms();
		*ret_frame = end - start > *ret_frame ? end - start : *ret_frame;
		if (detail__build(&d, r, &o))
			abort();
		*ret_detail = cpu_ms() - end > *ret_detail ? cpu_ms() - end : *ret_detail;
	}
	detail__free(&d);
	free(l.lines);
	rates__free(r);
	model__free(s.model);
}

int main(int argc, char **argv)
{
	uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 10000;
	double threads_ms, processes_ms, detail_ms, unused;

	setlocale(LC_CTYPE, "C.UTF-8");
	run(n, true, &threads_ms, &detail_ms);
	run(n, false, &processes_ms, &unused);
	printf("{\"rows\":%u,\"frame_of_threads_ms\":%.1f,\"frame_of_processes_ms\":%.1f,\"detail_ms\":%.1f}\n", n,
	       threads_ms, processes_ms, detail_ms);
	return 0;
}
