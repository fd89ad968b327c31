/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * overhead.h - --max-overhead: what tracing takes of all CPUs, looked at now and then, and the costliest hooks taken
 * off when it is more than was allowed. Prints a sentence for each.
 */
#ifndef ZCTRACE_OVERHEAD_H
#define ZCTRACE_OVERHEAD_H

#include "tracer.h"

struct overhead {
	double limit_percent; /* negative: none */
	int stats_fd;	      /* while a window is open: the kernel times every program */
	bool open, told;
	uint64_t begin_ns, next_ns; /* of the trace's time */
	uint64_t reader_ns;
	uint64_t run_ns[H_COUNT];
};

void overhead__begin(struct overhead *o, double limit_percent);
/* Call it at every poll; elapsed_ns: since counting began. */
void overhead__step(struct overhead *o, struct tracer *t, uint64_t elapsed_ns);
void overhead__end(struct overhead *o);

#endif
