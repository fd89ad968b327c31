/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * metric.h - the metric list of bpf/metrics.h as tables, and the figures derived from it. Pure: no clock, no stdio, no
 * libbpf.
 */
#ifndef ZCTRACE_METRIC_H
#define ZCTRACE_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../bpf/metrics.h"

enum unit { UNIT_COUNT, UNIT_BYTES, UNIT_NS, UNIT_PAGES };

struct metric_desc {
	const char *name; /* JSON key */
	const char *help;
	enum unit unit;
	enum hook hook;
};

struct hook_desc {
	const char *name;
	const char *help;
};

struct loss_desc {
	const char *name;
	const char *help;
};

extern const struct metric_desc metrics[M_COUNT];
extern const struct hook_desc hooks[H_COUNT];
extern const struct loss_desc losses[L_COUNT];

/* How a figure was come by; shown wherever the figure is. */
enum quality { Q_NONE, Q_INFERRED, Q_MEASURED };

/*
 * Figures computed from metrics. A figure whose parts are not all measured, or whose divisor is 0, is not known:
 * the functions return false and leave *ret alone. quality[m] tells what is known.
 */
struct metric_view {
	const uint64_t *v;	     /* M_COUNT values */
	const enum quality *quality; /* M_COUNT qualities */
};

/* Sums and multiples of counters: what is too much stays the largest there is, and does not begin at 0 again. */
static inline uint64_t metric__plus(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static inline uint64_t metric__times(uint64_t a, uint64_t n)
{
	return n && a > UINT64_MAX / n ? UINT64_MAX : a * n;
}

/* A sum and how good it is. */
struct figure {
	uint64_t value;
	bool known;	  /* at least one part was measured or inferred */
	bool lower_bound; /* some part was not */
	bool inferred;	  /* some part was inferred */
};

struct figure metric__sum(struct metric_view m, const enum metric *columns, size_t n);
struct figure metric__figure(struct metric_view m, enum metric column);

/* What belongs together: a column of a table each. */
enum metric_group {
	G_TO_USER,
	G_FROM_USER,
	G_IN_KERNEL,
	G_COPIED, /* the three above */
	G_DISK_READ,
	G_DISK_WRITE,
	G_NET_TX,
	G_NET_RX,
	G_DMA, /* the four above */
	G_ZEROCOPY,
	G_BORDER, /* what crosses it: two mode switches each */
	G_VOLUNTARY,
	G_INVOLUNTARY,
	G_SWITCHES, /* the two above */
	G_COUNT
};

struct figure metric__group(struct metric_view m, enum metric_group g);
bool metric__is_in(enum metric m, enum metric_group g);

enum derived {
	D_MODE_SWITCHES,	   /* 2 x (syscalls + user_faults + user_irqs) */
	D_PAYLOAD,		   /* the larger of in and out, bytes */
	D_CPU_COPIED_BYTES,	   /* to user + from user + in kernel; see exactness below */
	D_DMA_BYTES,		   /* disk + net */
	D_COPIES_PER_PAYLOAD_BYTE, /* ratio */
	D_DMA_PER_PAYLOAD_BYTE,	   /* ratio */
	D_MEMORY_TRAFFIC_BYTES,	   /* 2 x CPU-copied + DMA */
	D_MODE_SWITCHES_PER_MIB,   /* per MiB of payload */
	D_CACHE_HIT_RATIO,	   /* hits / (hits + misses + readahead used) */
	D_COUNT
};

struct derived_desc {
	const char *name; /* JSON key */
	const char *help;
	bool is_ratio; /* a real number; else an integer */
};

extern const struct derived_desc deriveds[D_COUNT];

/*
 * *ret gets the figure. Sums over columns of which some are not measured (`other`, on kernels that allow no probe
 * there) are sums of those that are, and *ret_lower_bound is set; if none is measured the figure is not known.
 * *ret_inferred is set when a part was inferred.
 */
bool derived_value(enum derived d, struct metric_view m, double *ret, bool *ret_lower_bound, bool *ret_inferred);
/* The same for those that are no ratios, exact beyond 2^53; false for a ratio. */
bool derived_integer(enum derived d, struct metric_view m, uint64_t *ret, bool *ret_lower_bound, bool *ret_inferred);

uint64_t metric__events(const uint64_t v[M_COUNT]);	/* how many times a hook counted, by these values */
uint64_t metric__cpu_copied(const uint64_t v[M_COUNT]); /* to user + from user + in kernel, whatever their quality */
enum metric metric__find(const char *name);		/* by JSON key; M_COUNT: none of that name */

#endif
