/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * demo_figures.c - what a way cost, and what it should cost on the path its bytes took. The path changes the textbook's
 * sums:
 *
 * A NIC without scatter-gather is one copy more for every way: the stack cuts what it sends into packets by copying,
 * whoever filled the pages (net/core/skbuff.c: skb_segment). Without any NIC there is no DMA there, and what
 * MSG_ZEROCOPY and SEND_ZC send is copied where the packet turns round.
 * A disk that is a CPU copy is one copy more, and no DMA. Without any disk (tmpfs) there is no DMA; O_DIRECT, if it is
 * accepted, is a copy from the page cache.
 *
 * In-kernel copies that no hook on this kernel can see are expected, but apart: only what is measured is compared.
 */
#include <string.h>

#include "demo_table.h"

#define COPIES_TOLERANCE 0.01
#define DMA_TOLERANCE 0.065 /* headers: 66 bytes to 1,448, over IPv6 86 to 1,428 */
#define CALLS_TOLERANCE 0.005

static const enum metric border[] = {M_TO_USER_FILE,   M_TO_USER_SOCKET,   M_TO_USER_PIPE,   M_TO_USER_OTHER,
				     M_FROM_USER_FILE, M_FROM_USER_SOCKET, M_FROM_USER_PIPE, M_FROM_USER_OTHER};
static const enum metric inside[] = {M_KERN_SEGMENT, M_KERN_BOUNCE, M_KERN_UNZEROCOPIED,
				     M_KERN_TO_FILE, M_KERN_DEVICE, M_KERN_OTHER};
static const enum metric dma[] = {M_DMA_DISK_READ, M_DMA_DISK_WRITE, M_DMA_NET_TX, M_DMA_NET_RX};
#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

static bool is_zerocopy_send(const struct way *w)
{
	return strcmp(w->name, "zerocopy") == 0 || strcmp(w->name, "uring-zc") == 0;
}

static bool writes_file(const struct way *w)
{
	return strcmp(w->name, "recv+write") == 0 || strcmp(w->name, "splice") == 0;
}

/* Adds to *f the columns that are measured; the others, except `other`, a lower bound, make it unknown. */
static void sum_columns(struct demo_figure *f, const struct demo_table *t, const struct demo_row *row,
			const enum metric *columns, size_t n, bool need_all)
{
	for (size_t i = 0; i < n; i++) {
		enum quality q = snapshot__quality(t->snapshot, row->process, columns[i]);
		bool needed = need_all && columns[i] != M_TO_USER_OTHER && columns[i] != M_FROM_USER_OTHER;

		if (q == Q_NONE) {
			f->known &= !needed;
			continue;
		}
		f->value += (double)row->process->v[columns[i]];
		f->inferred |= q == Q_INFERRED && row->process->v[columns[i]] > 0;
	}
}

/* What is expected of one in-kernel column goes to the sum if it is measured, else to what is unseen. */
static void expect_inside(struct demo_figures *f, const struct demo_table *t, const struct demo_row *row, enum metric m,
			  double copies)
{
	if (snapshot__quality(t->snapshot, row->process, m) == Q_NONE)
		f->unseen_copies += copies;
	else
		f->copies.expected += copies;
}

/* What the disk does for one payload byte: pages that were cached need no transfer, unless O_DIRECT ignores them. */
static double disk_share(const struct demo_table *t, const struct demo_row *row)
{
	if (t->opts->demo.receive)
		return writes_file(row->way) ? 1 : 0;
	return row->way->needs_direct ? 1 : 1 - row->cached;
}

static void expect_send(struct demo_figures *f, const struct demo_table *t, const struct demo_row *row)
{
	f->copies.expected = row->way->cpu_copies;
	if (row->way->needs_direct && t->path.disk == DEMO_DISK_NONE)
		f->copies.expected += 1;
	if (t->path.link == DEMO_LINK_NIC && !t->path.scatter_gather)
		expect_inside(f, t, row, M_KERN_SEGMENT, 1);
	if (t->path.link != DEMO_LINK_NIC && is_zerocopy_send(row->way))
		expect_inside(f, t, row, M_KERN_UNZEROCOPIED, 1);
	/* Before packets are cut by copying, some of them are undone as well: how many depends on the clones. */
	if (is_zerocopy_send(row->way) && (t->path.link != DEMO_LINK_NIC || !t->path.scatter_gather) &&
	    snapshot__quality(t->snapshot, row->process, M_KERN_UNZEROCOPIED) != Q_NONE)
		f->copies.slack = 1;
}

static void expect_receive(struct demo_figures *f, const struct demo_table *t, const struct demo_row *row)
{
	const struct way_result *r = &row->report.result;

	f->copies.expected = row->way->cpu_copies;
	if (strcmp(row->way->name, "zerocopy-receive") == 0)
		f->copies.expected = 1 - (double)r->zerocopied / (double)r->bytes;
	if (strcmp(row->way->name, "splice") == 0) {
		f->copies.expected = 0;
		expect_inside(f, t, row, M_KERN_TO_FILE, 1);
	}
}

static bool differs(const struct demo_figure *f, double tolerance)
{
	if (!f->known || f->expected < 0)
		return false;
	return f->value < f->expected - tolerance || f->value > f->expected + f->slack + tolerance;
}

static void fill_calls(struct demo_figures *f, const struct demo_table *t, const struct demo_row *row)
{
	const struct way_result *r = &row->report.result;
	double setup = (double)(r->setup_data_calls + r->setup_map_calls);
	static const enum metric calls[] = {M_DATA_CALLS, M_MAP_CALLS};

	sum_columns(&f->calls, t, row, calls, N_OF(calls), true);
	f->calls_disagree = f->calls.known && f->calls.value - setup != (double)(r->data_calls + r->map_calls);
	f->calls.value = (f->calls.value - setup) / (double)r->chunks;
	f->calls.expected = row->way->data_calls_per_chunk > 0 ? row->way->data_calls_per_chunk : -1;
	f->calls.differs = f->calls_disagree || differs(&f->calls, CALLS_TOLERANCE);
	f->mode_switches = f->calls;
	f->mode_switches.value *= 2;
	f->mode_switches.expected *= 2;
}

void demo_figures__fill(struct demo_figures *f, const struct demo_table *t, const struct demo_row *row)
{
	double bytes = (double)row->report.result.bytes;
	double disk = disk_share(t, row);

	*f = (struct demo_figures){.traffic.expected = -1};
	f->calls.known = f->copies.known = f->dma.known = row->process && bytes > 0;
	if (!f->calls.known)
		return;
	fill_calls(f, t, row);
	if (t->opts->demo.receive)
		expect_receive(f, t, row);
	else
		expect_send(f, t, row);
	if (t->path.disk == DEMO_DISK_CPU)
		expect_inside(f, t, row, M_KERN_DEVICE, disk);
	sum_columns(&f->copies, t, row, border, N_OF(border), true);
	sum_columns(&f->copies, t, row, inside, N_OF(inside), false);
	sum_columns(&f->dma, t, row, dma, N_OF(dma), true);
	f->traffic.value = 2 * f->copies.value + f->dma.value;
	f->traffic.known = f->copies.known && f->dma.known;
	f->traffic.inferred = f->copies.inferred || f->dma.inferred;
	f->copies.value /= bytes;
	f->dma.value /= bytes;
	f->dma.expected = (t->path.disk == DEMO_DISK_DMA ? disk : 0) + (t->path.link == DEMO_LINK_NIC ? 1 : 0);
	f->copies.differs = differs(&f->copies, COPIES_TOLERANCE);
	f->dma.differs = differs(&f->dma, DMA_TOLERANCE);
}
