/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view_block.c - what one subject's bytes cost, a line for each kind of cost.
 *
 *	  disk ═ 32.0M ═▶ page cache ─ 32.0M ─▶ user ─ 32.0M ─▶ socket ═ 32.1M ═▶ NIC
 *	  per payload byte     2.00 CPU copies   2.00 DMA   memory traffic 192 MiB
 *	  CPU copies           to user 32.0M (file), from user 32.0M (socket 32.0M, other 812)
 *	  ...
 */
#include <string.h>

#include "bound.h"
#include "view_block.h"
#include "view_figure.h"

#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

struct part_name {
	enum metric metric;
	const char *name;
};

static const struct part_name to_user[] = {
	{M_TO_USER_FILE, "file"},
	{M_TO_USER_SOCKET, "socket"},
	{M_TO_USER_PIPE, "pipe"},
	{M_TO_USER_OTHER, "other"},
};
static const struct part_name from_user[] = {
	{M_FROM_USER_FILE, "file"},
	{M_FROM_USER_SOCKET, "socket"},
	{M_FROM_USER_PIPE, "pipe"},
	{M_FROM_USER_OTHER, "other"},
};
static const struct part_name in_kernel[] = {
	{M_KERN_SEGMENT, "segment"}, {M_KERN_BOUNCE, "bounce"}, {M_KERN_UNZEROCOPIED, "unzerocopied"},
	{M_KERN_TO_FILE, "to file"}, {M_KERN_DEVICE, "device"}, {M_KERN_OTHER, "other"},
};
static const struct part_name zerocopy[] = {
	{M_ZC_SENDFILE, "sendfile"},
	{M_ZC_SPLICE, "splice (each call)"},
	{M_ZC_VMSPLICE, "vmsplice"},
	{M_ZC_TEE, "tee"},
	{M_ZC_COPY_FILE_RANGE, "copy_file_range"},
	{M_ZC_DIRECT_READ, "O_DIRECT read"},
	{M_ZC_DIRECT_WRITE, "O_DIRECT write"},
	{M_ZC_MSG_ZEROCOPY, "MSG_ZEROCOPY"},
	{M_ZC_IO_URING_SEND, "io_uring SEND_ZC"},
};

static struct figure sum_parts(struct metric_view m, const struct part_name *parts, size_t n)
{
	enum metric columns[16];

	for (size_t i = 0; i < n; i++)
		BOUND(columns, i) = parts[i].metric;
	return metric__sum(m, columns, n);
}

/* The figure with its format at hand: most lines are made of these. */
static char *count(char *buf, const struct subject *s, enum metric m)
{
	return figure__text(buf, metric__figure(s->m, m), fmt_count);
}

static char *size(char *buf, const struct subject *s, enum metric m)
{
	return figure__text(buf, metric__figure(s->m, m), fmt_bytes);
}

static char *span(char *buf, const struct subject *s, enum metric m)
{
	return figure__text(buf, metric__figure(s->m, m), fmt_duration);
}

static bool some(const struct subject *s, enum metric m)
{
	return figure__some(metric__figure(s->m, m));
}

static bool known(const struct subject *s, enum metric m)
{
	return s->m.quality[m] != Q_NONE;
}

char *block__payload(char *buf, const struct subject *s)
{
	struct figure payload = figure__derived(D_PAYLOAD, s->m);
	char text[FIGURE_LEN];

	figure__text(text, payload, fmt_bytes_unit);
	if (payload.known && payload.value == 0)
		snprintf(buf, BLOCK_PAYLOAD_LEN, "no payload");
	else if (s->paths.from && s->paths.to)
		snprintf(buf, BLOCK_PAYLOAD_LEN, "payload %s %s -> %s", text, s->paths.from, s->paths.to);
	else
		snprintf(buf, BLOCK_PAYLOAD_LEN, "payload %s", text);
	return buf;
}

static void write_ratios(FILE *out, const struct subject *s, bool terse)
{
	struct figure payload = figure__derived(D_PAYLOAD, s->m),
		      traffic = figure__derived(D_MEMORY_TRAFFIC_BYTES, s->m);
	char a[FIGURE_LEN], b[FIGURE_LEN];
	struct line l;

	if (terse && !figure__some(traffic))
		return;
	if (!figure__some(payload)) {
		l = line__begin(out, "memory traffic");
		line__add(&l, "", "%s", figure__text(a, traffic, fmt_bytes_unit));
		line__end(&l);
		return;
	}
	l = line__begin(out, "per payload byte");
	line__add(&l, "", "%s CPU copies   %s DMA", figure__ratio(a, D_COPIES_PER_PAYLOAD_BYTE, s->m),
		  figure__ratio(b, D_DMA_PER_PAYLOAD_BYTE, s->m));
	line__add(&l, "   ", "memory traffic %s", figure__text(a, traffic, fmt_bytes_unit));
	line__end(&l);
}

/* "to user 32.0M (file 32.0M, other -)" */
static void add_direction(struct line *l, const struct subject *s, const char *name, const struct part_name *parts,
			  size_t n)
{
	struct figure sum = sum_parts(s->m, parts, n);
	char a[FIGURE_LEN], list[256] = "";
	size_t used = 0;

	for (size_t i = 0; sum.known && i < n; i++) {
		if (known(s, parts[i].metric) && !some(s, parts[i].metric))
			continue;
		used += (size_t)snprintf(&BOUND(list, used), sizeof(list) - used, "%s%s %s", used ? ", " : " (",
					 parts[i].name, size(a, s, parts[i].metric));
	}
	line__add(l, ", ", "%s %s%s%s", name, figure__text(a, sum, fmt_bytes), list, used ? ")" : "");
}

static void write_copies(FILE *out, const struct subject *s, bool terse)
{
	struct line l;

	if (terse && !figure__some(sum_parts(s->m, to_user, N_OF(to_user))) &&
	    !figure__some(sum_parts(s->m, from_user, N_OF(from_user))))
		return;
	l = line__begin(out, "CPU copies");
	add_direction(&l, s, "to user", to_user, N_OF(to_user));
	add_direction(&l, s, "from user", from_user, N_OF(from_user));
	line__end(&l);
}

/* What happened, and what cannot be known; what is known not to have happened is left out. */
static void write_list(FILE *out, const struct subject *s, const char *label, const struct part_name *parts, size_t n,
		       bool terse)
{
	struct figure sum = sum_parts(s->m, parts, n);
	char a[FIGURE_LEN];
	struct line l;

	if ((terse || !sum.lower_bound) && !figure__some(sum))
		return;
	l = line__begin(out, label);
	for (size_t i = 0; sum.known && i < n; i++)
		if (some(s, parts[i].metric) || !known(s, parts[i].metric))
			line__add(&l, ", ", "%s %s", parts[i].name, size(a, s, parts[i].metric));
	if (!sum.known)
		line__add(&l, "", "-");
	line__end(&l);
}

static void add_device(struct line *l, const struct subject *s, const char *format, enum metric m)
{
	char a[FIGURE_LEN];

	if (some(s, m) || !known(s, m)) {
		size(a, s, m);
		line__add(l, ", ", "%s %s", format, a);
	}
}

static void write_dma(FILE *out, const struct subject *s, bool terse)
{
	struct figure dma = figure__derived(D_DMA_BYTES, s->m);
	char a[FIGURE_LEN], b[FIGURE_LEN];
	struct line l;

	if (terse && !figure__some(dma))
		return;
	l = line__begin(out, "DMA");
	if (dma.known && !dma.lower_bound && dma.value == 0)
		line__add(&l, "", "none");
	add_device(&l, s, "disk read", M_DMA_DISK_READ);
	add_device(&l, s, "disk written", M_DMA_DISK_WRITE);
	add_device(&l, s, "net sent", M_DMA_NET_TX);
	add_device(&l, s, "net received", M_DMA_NET_RX);
	if (some(s, M_DISK_REQUESTS))
		line__add(&l, "; ", "%s request%s, %s merged", count(a, s, M_DISK_REQUESTS),
			  s->m.v[M_DISK_REQUESTS] == 1 ? "" : "s", count(b, s, M_DISK_MERGES));
	line__end(&l);
}

static void write_mode_switches(FILE *out, const struct subject *s, bool terse)
{
	struct figure sum = figure__derived(D_MODE_SWITCHES, s->m);
	char a[FIGURE_LEN], b[FIGURE_LEN], c[FIGURE_LEN], d[FIGURE_LEN];
	struct line l;

	if (terse && !figure__some(sum))
		return;
	l = line__begin(out, "mode switches");
	figure__text(a, sum, fmt_count);
	line__add(&l, "", "%s = 2 × (%s calls + %s faults + %s interrupts)", a, count(b, s, M_SYSCALLS),
		  count(c, s, M_USER_FAULTS), count(d, s, M_USER_IRQS));
	if (some(s, M_DATA_CALLS))
		line__add(&l, "; ", "%s calls moved data", count(a, s, M_DATA_CALLS));
	if (some(s, M_MAP_CALLS))
		line__add(&l, ", ", "%s mapped or unmapped", count(a, s, M_MAP_CALLS));
	if (figure__derived(D_PAYLOAD, s->m).value >= 1 << 20)
		line__add(&l, "; ", "%s switches per MiB", figure__ratio(a, D_MODE_SWITCHES_PER_MIB, s->m));
	line__end(&l);
}

static void write_context_switches(FILE *out, const struct subject *s, bool terse)
{
	static const enum metric both[] = {M_SWITCHES_VOLUNTARY, M_SWITCHES_INVOLUNTARY};
	struct figure sum = metric__sum(s->m, both, 2);
	char a[FIGURE_LEN], b[FIGURE_LEN], c[FIGURE_LEN], d[FIGURE_LEN];
	struct line l;

	if (terse && !figure__some(sum))
		return;
	l = line__begin(out, "context switches");
	line__add(&l, "", "%s", figure__text(a, sum, fmt_count));
	if (figure__some(sum))
		line__add(&l, ": ", "%s voluntary, %s forced", count(a, s, M_SWITCHES_VOLUNTARY),
			  count(b, s, M_SWITCHES_INVOLUNTARY));
	if (figure__some(sum))
		line__add(&l, "; ", "next: %s thread, %s process, %s kernel, %s idle",
			  count(a, s, M_SWITCHES_TO_THREAD), count(b, s, M_SWITCHES_TO_PROCESS),
			  count(c, s, M_SWITCHES_TO_KTHREAD), count(d, s, M_SWITCHES_TO_IDLE));
	line__end(&l);
}

static void add_readahead(struct line *l, const struct subject *s)
{
	uint64_t ahead = s->m.v[M_CACHE_READAHEAD], used = s->m.v[M_CACHE_READAHEAD_USED];
	char a[FIGURE_LEN], b[FIGURE_LEN];

	if (!some(s, M_CACHE_READAHEAD) && !some(s, M_CACHE_READAHEAD_USED))
		return;
	count(a, s, M_CACHE_READAHEAD);
	if (ahead == used)
		line__add(l, ", ", "%s read ahead (all used)", a);
	else
		line__add(l, ", ", "%s read ahead (%s used)", a, count(b, s, M_CACHE_READAHEAD_USED));
}

static void write_page_cache(FILE *out, const struct subject *s, bool terse)
{
	static const enum metric columns[] = {M_CACHE_HIT,	  M_CACHE_MISS,
					      M_CACHE_READAHEAD,  M_CACHE_READAHEAD_USED,
					      M_CACHE_DIRTIED,	  M_CACHE_EVICTED,
					      M_MAPPED_FILE_FAULT};
	struct figure sum = metric__sum(s->m, columns, N_OF(columns));
	char a[FIGURE_LEN], b[FIGURE_LEN];
	struct line l;

	if ((terse || (sum.known && !sum.lower_bound)) && sum.value == 0)
		return;
	l = line__begin(out, "page cache");
	line__add(&l, "", "%s hits, %s missed", count(a, s, M_CACHE_HIT), count(b, s, M_CACHE_MISS));
	add_readahead(&l, s);
	if (some(s, M_CACHE_DIRTIED))
		line__add(&l, ", ", "%s dirtied", count(a, s, M_CACHE_DIRTIED));
	if (some(s, M_CACHE_EVICTED))
		line__add(&l, ", ", "%s evicted", count(a, s, M_CACHE_EVICTED));
	if (some(s, M_MAPPED_FILE_FAULT))
		line__add(&l, "; ", "%s mapped by faults", count(a, s, M_MAPPED_FILE_FAULT));
	if (some(s, M_FSYNCS))
		line__add(&l, "; ", "%s fsyncs", count(a, s, M_FSYNCS));
	line__end(&l);
}

static void write_faults(FILE *out, const struct subject *s)
{
	char a[FIGURE_LEN], b[FIGURE_LEN], c[FIGURE_LEN], d[FIGURE_LEN];
	struct line l = line__begin(out, "page faults");

	line__add(&l, "", "%s in user mode, %s in the kernel; %s minor, %s major", count(a, s, M_USER_FAULTS),
		  count(b, s, M_KERNEL_FAULTS), count(c, s, M_MINOR_FAULTS), count(d, s, M_MAJOR_FAULTS));
	line__end(&l);
}

static void write_time(FILE *out, const struct subject *s, bool terse)
{
	bool own_time = !terse || some(s, M_ONCPU_NS);
	char a[FIGURE_LEN], b[FIGURE_LEN];
	struct line l;

	if (!own_time && !some(s, M_HARDIRQS) && !some(s, M_SOFTIRQS))
		return;
	l = line__begin(out, own_time ? "time on CPU" : "interrupts");
	if (own_time)
		line__add(&l, "", "%s", span(a, s, M_ONCPU_NS));
	if (some(s, M_HARDIRQS))
		line__add(&l, "; ", "%s%s hard (%s)", own_time ? "interrupted by " : "", count(a, s, M_HARDIRQS),
			  span(b, s, M_HARDIRQ_NS));
	if (some(s, M_SOFTIRQS))
		line__add(&l, ", ", "%s soft (%s)", count(a, s, M_SOFTIRQS), span(b, s, M_SOFTIRQ_NS));
	line__end(&l);
}

void block__write(FILE *out, const struct subject *s, bool terse)
{
	if (s->paths.n)
		paths__draw(out, &s->paths);
	else if (!terse)
		fputs("  nothing moved\n", out);
	write_ratios(out, s, terse);
	write_copies(out, s, terse);
	write_list(out, s, "in-kernel copies", in_kernel, N_OF(in_kernel), terse);
	write_dma(out, s, terse);
	write_list(out, s, "without a copy", zerocopy, N_OF(zerocopy), true);
	write_mode_switches(out, s, terse);
	write_context_switches(out, s, terse);
	write_page_cache(out, s, terse);
	if (!terse)
		write_faults(out, s);
	write_time(out, s, terse);
}
