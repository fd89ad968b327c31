/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * metric.c - the lists of bpf/metrics.h as tables, and the figures computed from them.
 *
 * Sums keep three facts beside the number: how many of their columns were measured, whether any was missing (then the
 * sum is a lower bound) and whether any was inferred. A quotient has what its parts have.
 */
#include <string.h>

#include "metric.h"

const struct metric_desc metrics[M_COUNT] = {
#define M(id, name, unit, hook, help) [M_##id] = {name, help, UNIT_##unit, H_##hook},
	METRICS(M)
#undef M
};

const struct hook_desc hooks[H_COUNT] = {
#define H(id, name, help) [H_##id] = {name, help},
	HOOKS(H)
#undef H
};

const struct loss_desc losses[L_COUNT] = {
#define L(id, name, help) [L_##id] = {name, help},
	LOSSES(L)
#undef L
};

/* clang-format off */
const struct derived_desc deriveds[D_COUNT] = {
	[D_MODE_SWITCHES]          = {"mode_switches",           "2 x (system calls + faults and interrupts from user mode)", false},
	[D_PAYLOAD]                = {"payload_bytes",           "the larger of payload in and out", false},
	[D_CPU_COPIED_BYTES]       = {"cpu_copied_bytes",        "to user + from user + in kernel", false},
	[D_DMA_BYTES]              = {"dma_bytes",               "disk + net", false},
	[D_COPIES_PER_PAYLOAD_BYTE]= {"copies_per_payload_byte", "CPU-copied bytes per payload byte", true},
	[D_DMA_PER_PAYLOAD_BYTE]   = {"dma_per_payload_byte",    "DMA bytes per payload byte", true},
	[D_MEMORY_TRAFFIC_BYTES]   = {"memory_traffic_bytes",    "2 x CPU-copied bytes + DMA bytes", false},
	[D_MODE_SWITCHES_PER_MIB]  = {"mode_switches_per_mib",   "mode switches per MiB of payload", true},
	[D_CACHE_HIT_RATIO]        = {"cache_hit_ratio",         "hits / (hits + misses + first uses after readahead)", true},
};
/* clang-format on */

/* The first three together are the fourth. */
static const enum metric copy_columns[] = {
	M_TO_USER_FILE,	     M_TO_USER_SOCKET, M_TO_USER_PIPE,	  M_TO_USER_OTHER, M_FROM_USER_FILE,
	M_FROM_USER_SOCKET,  M_FROM_USER_PIPE, M_FROM_USER_OTHER, M_KERN_SEGMENT,  M_KERN_BOUNCE,
	M_KERN_UNZEROCOPIED, M_KERN_TO_FILE,   M_KERN_DEVICE,	  M_KERN_OTHER,
};

static const enum metric dma_columns[] = {M_DMA_DISK_READ, M_DMA_DISK_WRITE, M_DMA_NET_TX, M_DMA_NET_RX};
static const enum metric border_columns[] = {M_SYSCALLS, M_USER_FAULTS, M_USER_IRQS};
static const enum metric payload_columns[] = {M_PAYLOAD_IN, M_PAYLOAD_OUT};
static const enum metric cache_columns[] = {M_CACHE_HIT, M_CACHE_MISS, M_CACHE_READAHEAD_USED};
static const enum metric switch_columns[] = {M_SWITCHES_VOLUNTARY, M_SWITCHES_INVOLUNTARY};
static const enum metric zerocopy_columns[] = {
	M_ZC_SENDFILE,	  M_ZC_SPLICE,	     M_ZC_VMSPLICE,	M_ZC_TEE,	    M_ZC_COPY_FILE_RANGE,
	M_ZC_DIRECT_READ, M_ZC_DIRECT_WRITE, M_ZC_MSG_ZEROCOPY, M_ZC_IO_URING_SEND,
};

#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const enum metric *of;
	size_t n;
} groups[G_COUNT] = {
	[G_TO_USER] = {copy_columns, 4},
	[G_FROM_USER] = {copy_columns + 4, 4},
	[G_IN_KERNEL] = {copy_columns + 8, 6},
	[G_COPIED] = {copy_columns, N_OF(copy_columns)},
	[G_DISK_READ] = {dma_columns, 1},
	[G_DISK_WRITE] = {dma_columns + 1, 1},
	[G_NET_TX] = {dma_columns + 2, 1},
	[G_NET_RX] = {dma_columns + 3, 1},
	[G_DMA] = {dma_columns, N_OF(dma_columns)},
	[G_ZEROCOPY] = {zerocopy_columns, N_OF(zerocopy_columns)},
	[G_BORDER] = {border_columns, N_OF(border_columns)},
	[G_VOLUNTARY] = {switch_columns, 1},
	[G_INVOLUNTARY] = {switch_columns + 1, 1},
	[G_SWITCHES] = {switch_columns, N_OF(switch_columns)},
};

struct figure metric__group(struct metric_view m, enum metric_group g)
{
	return metric__sum(m, groups[g].of, groups[g].n);
}

bool metric__is_in(enum metric m, enum metric_group g)
{
	for (size_t i = 0; i < groups[g].n; i++)
		if (groups[g].of[i] == m)
			return true;
	return false;
}

struct figure metric__sum(struct metric_view m, const enum metric *columns, size_t n)
{
	struct figure f = {0};

	for (size_t i = 0; i < n; i++) {
		enum quality q = m.quality[columns[i]];

		if (q == Q_NONE) {
			f.lower_bound = true;
			continue;
		}
		f.value = metric__plus(f.value, m.v[columns[i]]);
		f.known = true;
		f.inferred |= q == Q_INFERRED;
	}
	return f;
}

struct figure metric__figure(struct metric_view m, enum metric column)
{
	return metric__sum(m, &column, 1);
}

static struct figure payload_of(const struct metric_view *m)
{
	struct figure f = metric__sum(*m, payload_columns, N_OF(payload_columns));
	uint64_t in = m->quality[M_PAYLOAD_IN] ? m->v[M_PAYLOAD_IN] : 0;
	uint64_t out = m->quality[M_PAYLOAD_OUT] ? m->v[M_PAYLOAD_OUT] : 0;

	f.value = in > out ? in : out;
	return f;
}

static struct figure mode_switches_of(const struct metric_view *m)
{
	struct figure f = metric__sum(*m, border_columns, N_OF(border_columns));

	f.value = metric__times(f.value, 2);
	return f;
}

static struct figure copied_of(const struct metric_view *m)
{
	return metric__sum(*m, copy_columns, N_OF(copy_columns));
}

static struct figure dma_of(const struct metric_view *m)
{
	return metric__sum(*m, dma_columns, N_OF(dma_columns));
}

static struct figure traffic_of(const struct metric_view *m)
{
	struct figure copied = copied_of(m), dma = dma_of(m);

	return (struct figure){
		.value = metric__plus(metric__times(copied.value, 2), dma.value),
		.known = copied.known || dma.known,
		.lower_bound = copied.lower_bound || dma.lower_bound,
		.inferred = copied.inferred || dma.inferred,
	};
}

static struct figure integer_of(enum derived d, const struct metric_view *m)
{
	switch (d) {
	case D_MODE_SWITCHES:
		return mode_switches_of(m);
	case D_PAYLOAD:
		return payload_of(m);
	case D_CPU_COPIED_BYTES:
		return copied_of(m);
	case D_DMA_BYTES:
		return dma_of(m);
	case D_MEMORY_TRAFFIC_BYTES:
		return traffic_of(m);
	default:
		return (struct figure){0};
	}
}

/* Quotients: which sum over which. The hit ratio's divisor holds its own numerator, so all of it must be measured. */
static bool quotient_of(enum derived d, const struct metric_view *m, struct figure *num, struct figure *div,
			double *unit)
{
	*unit = 1;
	*div = payload_of(m);
	switch (d) {
	case D_COPIES_PER_PAYLOAD_BYTE:
		*num = copied_of(m);
		break;
	case D_DMA_PER_PAYLOAD_BYTE:
		*num = dma_of(m);
		break;
	case D_MODE_SWITCHES_PER_MIB:
		*num = mode_switches_of(m);
		*unit = 1 << 20;
		break;
	case D_CACHE_HIT_RATIO:
		*num = metric__sum(*m, cache_columns, 1);
		*div = metric__sum(*m, cache_columns, N_OF(cache_columns));
		break;
	default:
		return false;
	}
	return num->known && div->known && !div->lower_bound && div->value > 0;
}

bool derived_integer(enum derived d, struct metric_view m, uint64_t *ret, bool *ret_lower_bound, bool *ret_inferred)
{
	struct figure f = integer_of(d, &m);

	if (!f.known)
		return false;
	*ret = f.value;
	*ret_lower_bound = f.lower_bound;
	*ret_inferred = f.inferred;
	return true;
}

bool derived_value(enum derived d, struct metric_view m, double *ret, bool *ret_lower_bound, bool *ret_inferred)
{
	struct figure num, div;
	uint64_t n;
	double unit;

	if (!deriveds[d].is_ratio) {
		if (!derived_integer(d, m, &n, ret_lower_bound, ret_inferred))
			return false;
		*ret = (double)n;
		return true;
	}
	if (!quotient_of(d, &m, &num, &div, &unit))
		return false;
	*ret = (double)num.value * unit / (double)div.value;
	*ret_lower_bound = num.lower_bound;
	*ret_inferred = num.inferred || div.inferred;
	return true;
}

uint64_t metric__cpu_copied(const uint64_t v[M_COUNT])
{
	uint64_t sum = 0;

	for (size_t i = 0; i < N_OF(copy_columns); i++)
		sum = metric__plus(sum, v[copy_columns[i]]);
	return sum;
}

enum metric metric__find(const char *name)
{
	enum metric m = 0;

	while (m < M_COUNT && strcmp(metrics[m].name, name) != 0)
		m++;
	return m;
}

uint64_t metric__events(const uint64_t v[M_COUNT])
{
	static const enum metric one_each[] = {
		M_SYSCALLS,
		M_USER_FAULTS,
		M_KERNEL_FAULTS,
		M_SWITCHES_TO_THREAD,
		M_SWITCHES_TO_PROCESS,
		M_SWITCHES_TO_KTHREAD,
		M_SWITCHES_TO_IDLE,
		M_HARDIRQS,
		M_SOFTIRQS,
		M_COPIES_TO_USER,
		M_COPIES_FROM_USER,
		M_DISK_REQUESTS,
	};
	uint64_t sum = 0;

	for (size_t i = 0; i < sizeof(one_each) / sizeof(one_each[0]); i++)
		sum = metric__plus(sum, v[one_each[i]]);
	return sum;
}
