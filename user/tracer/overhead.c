// SPDX-License-Identifier: GPL-2.0-only
/*
 * overhead.c - --max-overhead.
 *
 *	(run time of the programs + CPU time of the reader) / (window x CPUs)
 *
 * in a window of a tenth of a second every other second, since timing every run costs something itself.
 */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "overhead.h"

#define WINDOW_NS 100000000ULL
#define PERIOD_NS 2000000000ULL

static uint64_t cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

void overhead__begin(struct overhead *o, double limit_percent)
{
	*o = (struct overhead){.limit_percent = limit_percent, .stats_fd = -1};
}

static void open_window(struct overhead *o, const struct tracer *t, uint64_t elapsed_ns)
{
	o->stats_fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	if (o->stats_fd < 0) {
		if (!o->told)
			fprintf(stderr, "zctrace: --max-overhead cannot look: the kernel times no programs for us "
					"(bpf_enable_stats wants CAP_SYS_ADMIN)\n");
		o->told = true;
		o->limit_percent = -1;
		return;
	}
	o->open = true;
	o->begin_ns = elapsed_ns;
	o->reader_ns = cpu_ns();
	tracer__run_ns(t, o->run_ns);
}

static enum hook costliest(const struct tracer *t, const uint64_t ns[H_COUNT])
{
	enum hook most = H_COUNT;

	for (enum hook h = 0; h < H_COUNT; h++)
		if (tracer__can_detach(t, h) && ns[h] && (most == H_COUNT || ns[h] > ns[most]))
			most = h;
	return most;
}

static void take_off(struct overhead *o, struct tracer *t, uint64_t elapsed_ns, uint64_t ns[H_COUNT],
		     double percent_per_ns, double reader_percent)
{
	char why[160];

	for (;;) {
		double percent = reader_percent;
		enum hook h = costliest(t, ns);

		for (int i = 0; i < H_COUNT; i++)
			percent += (double)ns[i] * percent_per_ns;
		if (percent <= o->limit_percent)
			return;
		if (h == H_COUNT) {
			if (!o->told)
				fprintf(stderr,
					"zctrace: what is left of the hooks takes %.2f %% of the CPUs, more than "
					"--max-overhead allows, and cannot be taken off\n",
					percent);
			o->told = true;
			return;
		}
		snprintf(why, sizeof(why),
			 "taken off after %.1f s: tracing took %.2f %% of the CPUs, --max-overhead is %g",
			 (double)elapsed_ns / 1e9, percent, o->limit_percent);
		fprintf(stderr, "zctrace: %s %s; what it measures is - from here on\n", hooks[h].name, why);
		tracer__detach(t, h, why);
		for (enum hook i = 0; i < H_COUNT; i++)
			if (!tracer__hooks(t)[i].by)
				ns[i] = 0;
	}
}

static void close_window(struct overhead *o, struct tracer *t, uint64_t elapsed_ns)
{
	double percent_per_ns = 100.0 / (double)(elapsed_ns - o->begin_ns) / (double)sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t ns[H_COUNT];

	tracer__run_ns(t, ns);
	for (int h = 0; h < H_COUNT; h++)
		ns[h] -= o->run_ns[h];
	close(o->stats_fd);
	o->open = false;
	o->next_ns = elapsed_ns + PERIOD_NS;
	take_off(o, t, elapsed_ns, ns, percent_per_ns, (double)(cpu_ns() - o->reader_ns) * percent_per_ns);
}

void overhead__step(struct overhead *o, struct tracer *t, uint64_t elapsed_ns)
{
	if (o->limit_percent < 0)
		return;
	if (!o->open && elapsed_ns >= o->next_ns)
		open_window(o, t, elapsed_ns);
	else if (o->open && elapsed_ns >= o->begin_ns + WINDOW_NS)
		close_window(o, t, elapsed_ns);
}

void overhead__end(struct overhead *o)
{
	if (o->open)
		close(o->stats_fd);
	o->open = false;
}
