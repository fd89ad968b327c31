/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * demo_table.c - what demo shows:
 *
 *	way        calls    switches CPU       DMA       memory  context   page cache   wall   CPU    speed
 *	           /chunk   /chunk   copies    /byte     traffic vol/forc  hit/miss/ra  time   time
 *	read+write 2.00 (2) 4.00 (4) 2.00 (2)  1.00 (1)   160.0M 1058/33   0/8/8184     31.2ms 24.1ms 1.00x
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "demo_table.h"
#include "fmt.h"
#include "safe.h"

#define CELL_LEN 48

/* "~2.00!(2)": ~ inferred, ! differs from the expected value in parentheses; "-": not measured. */
static const char *cell(char buf[CELL_LEN], const struct demo_figure *f)
{
	char expected[24] = "";

	if (f->expected >= 0)
		snprintf(expected, sizeof(expected), "%c(%.3g)", f->differs ? '!' : ' ', f->expected);
	if (!f->known)
		snprintf(buf, CELL_LEN, "-%s", expected);
	else
		snprintf(buf, CELL_LEN, "%s%.2f%s", f->inferred ? "~" : "", f->value, expected);
	return buf;
}

static const char *time_cell(char buf[CELL_LEN], uint64_t ns)
{
	double ms = (double)ns / 1e6;

	if (ms < 99.95)
		snprintf(buf, CELL_LEN, "%.1fms", ms);
	else if (ms < 999.5)
		snprintf(buf, CELL_LEN, "%.0fms", ms);
	else
		snprintf(buf, CELL_LEN, "%.2fs", ms / 1000);
	return buf;
}

/* n metrics joined by slashes, "-" for what is not measured. */
static const char *joined_cell(char buf[CELL_LEN], const struct demo_table *t, const struct demo_row *row,
			       const enum metric *columns, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		enum quality q = snapshot__quality(t->snapshot, row->process, columns[i]);
		char value[24] = "-";

		if (q != Q_NONE)
			snprintf(value, sizeof(value), "%s%" PRIu64, q == Q_INFERRED ? "~" : "",
				 row->process->v[columns[i]]);
		at += snprintf(buf + at, CELL_LEN - at, "%s%s", i ? "/" : "", value);
		if (at >= CELL_LEN)
			break;
	}
	return buf;
}

static uint64_t wall_ns(const struct demo_row *row)
{
	return row->report.end_ns - row->report.start_ns;
}

/* Relative to the row that the texts start from; 0: it was not run. */
static double speed_of(const struct demo_table *t, const struct demo_row *row)
{
	const char *base = t->opts->demo.receive ? "recv+write" : "read+write";

	for (size_t i = 0; i < t->n_rows; i++)
		if (strcmp(t->rows[i].way->name, base) == 0 && !t->rows[i].err && wall_ns(row) > 0)
			return (double)wall_ns(&t->rows[i]) / (double)wall_ns(row);
	return 0;
}

static int name_width(const struct demo_table *t)
{
	return t->opts->demo.receive ? 16 : 10;
}

static void print_heading(FILE *out, const struct demo_table *t)
{
	int w = name_width(t);
	bool receive = t->opts->demo.receive;

	fprintf(out, "\n%-*s %-8s %-8s %-9s %-9s %7s %-9s %-*s %6s %6s %s\n", w, "way", "calls", "switches", "CPU",
		"DMA", "memory", "context", receive ? 7 : 12, receive ? "pages" : "page cache", "wall", "CPU", "speed");
	fprintf(out, "%-*s %-8s %-8s %-9s %-9s %7s %-9s %-*s %6s %6s\n", w, "", "/chunk", "/chunk", "copies", "/byte",
		"traffic", "vol/forcd", receive ? 7 : 12, receive ? "dirtied" : "hit/miss/ra", "time", "time");
}

static void print_row(FILE *out, const struct demo_table *t, const struct demo_row *row)
{
	static const enum metric switches[] = {M_SWITCHES_VOLUNTARY, M_SWITCHES_INVOLUNTARY};
	static const enum metric cache[] = {M_CACHE_HIT, M_CACHE_MISS, M_CACHE_READAHEAD_USED};
	static const enum metric dirtied[] = {M_CACHE_DIRTIED};
	char calls[CELL_LEN], mode[CELL_LEN], copies[CELL_LEN], dma[CELL_LEN], bytes[FMT_LEN], traffic[CELL_LEN] = "-";
	char context[CELL_LEN], pages[CELL_LEN], wall[CELL_LEN], cpu[CELL_LEN] = "-", speed[CELL_LEN] = "-";
	bool receive = t->opts->demo.receive;
	struct demo_figures f;

	demo_figures__fill(&f, t, row);
	if (f.traffic.known)
		snprintf(traffic, sizeof(traffic), "%s%s", f.traffic.inferred ? "~" : "",
			 fmt_bytes(bytes, (uint64_t)f.traffic.value));
	joined_cell(context, t, row, switches, 2);
	joined_cell(pages, t, row, receive ? dirtied : cache, receive ? 1 : 3);
	if (snapshot__quality(t->snapshot, row->process, M_ONCPU_NS) != Q_NONE)
		time_cell(cpu, row->process->v[M_ONCPU_NS]);
	if (speed_of(t, row) > 0)
		snprintf(speed, sizeof(speed), "%.2fx", speed_of(t, row));
	fprintf(out, "%-*s %-8s %-8s %-9s %-9s %7s %-9s %-*s %6s %6s %s\n", name_width(t), row->way->name,
		cell(calls, &f.calls), cell(mode, &f.mode_switches), cell(copies, &f.copies), cell(dma, &f.dma),
		traffic, context, receive ? 7 : 12, pages, time_cell(wall, wall_ns(row)), cpu, speed);
}

#define SHOWN_LEN (4 * DEMO_NAME_LEN + 1)

/* A name that the kernel has from somebody: of an interface, a file system in user space, ... */
static char *shown(char ret[SHOWN_LEN], const char *name)
{
	return safe_text(ret, SHOWN_LEN, name, DEMO_NAME_LEN);
}

static void print_link(FILE *out, const struct demo_path *p)
{
	char interface[SHOWN_LEN], driver[SHOWN_LEN];

	shown(interface, p->interface);
	switch (p->link) {
	case DEMO_LINK_LOOPBACK:
		fprintf(out,
			"  network   %s, loopback: no NIC and no DMA; zero-copy sends are copied by the stack after "
			"all\n",
			interface);
		return;
	case DEMO_LINK_VIRTUAL:
		fprintf(out,
			"  network   %s, virtual: no NIC and no DMA; zero-copy sends are copied by the stack after "
			"all\n",
			interface);
		return;
	case DEMO_LINK_NIC:
		fprintf(out, "  network   %s (%s), a NIC %s\n", interface,
			p->driver[0] ? shown(driver, p->driver) : "driver unknown",
			p->scatter_gather ? "with scatter-gather"
					  : "without scatter-gather: the stack copies to cut packets");
	}
}

static void print_disk(FILE *out, const struct demo_path *p)
{
	static const char *const kind[] = {
		[DEMO_DISK_DMA] = "by DMA",
		[DEMO_DISK_CPU] = "no DMA: the CPU moves the bytes",
		[DEMO_DISK_NONE] = "no disk beneath it, no DMA",
	};
	char name[SHOWN_LEN], fs_type[SHOWN_LEN];

	shown(fs_type, p->fs_type);
	if (p->disk_name[0])
		fprintf(out, "  disk      %s (%s), %s\n", shown(name, p->disk_name), fs_type, kind[p->disk]);
	else
		fprintf(out, "  disk      none: %s keeps it elsewhere, so its bytes come by no DMA\n",
			*fs_type ? fs_type : "the file system");
}

static const char *hook_by(const struct demo_table *t, enum hook h)
{
	const char *by = t->snapshot->hook[h].by; /* NULL: not measured */

	return by ? by : "-";
}

static void print_header(FILE *out, const struct demo_table *t)
{
	const struct demo_opts *d = &t->opts->demo;
	char size[FMT_LEN], chunk[FMT_LEN];

	fprintf(out, "zctrace demo: %s %s, %s per call, each way in a process of its own\n",
		fmt_bytes_unit(size, d->size_bytes), d->receive ? "from a TCP socket" : "from a file to a TCP socket",
		fmt_bytes_unit(chunk, d->chunk_bytes));
	print_disk(out, &t->path);
	print_link(out, &t->path);
	fprintf(out, "  measured  copies across the border: files %s, sockets %s, other %s\n", hook_by(t, H_COPY_FILE),
		hook_by(t, H_COPY_SOCK), hook_by(t, H_COPY_OTHER));
	fprintf(out, "            in the kernel: packets cut %s, zero-copy undone %s, into files %s\n",
		hook_by(t, H_SEGMENT), hook_by(t, H_UNZC), hook_by(t, H_TO_FILE));
	fprintf(out,
		"  (n) expected on this path, per chunk or payload byte   ~ inferred   - not measured   ! differs\n");
}

/*
 * io_uring since 6.10 calls a notification copied when it was merged into another one, whatever became of the bytes
 * (io_uring/notif.c: io_tx_ubuf_complete marks the head as used, not those linked to it).
 */
static void print_reported_copies(FILE *out, const struct demo_table *t, const struct demo_row *row,
				  const struct model_process *p)
{
	const struct way_result *r = &row->report.result;
	uint64_t copied = p->v[M_KERN_UNZEROCOPIED] + p->v[M_KERN_SEGMENT];

	if (!r->zerocopy_copied)
		return;
	fprintf(out, "  %s: the kernel reported %" PRIu64 " of %" PRIu64 " zero-copy sends as copied after all%s\n",
		row->way->name, r->zerocopy_copied, r->chunks,
		snapshot__quality(t->snapshot, p, M_KERN_UNZEROCOPIED) == Q_MEASURED && !copied ? "; no copy was made"
												: "");
}

static void print_row_notes(FILE *out, const struct demo_table *t, const struct demo_row *row)
{
	const struct way_result *r = &row->report.result;
	const struct model_process *p = row->process;
	uint64_t payload, chunk = t->opts->demo.chunk_bytes;
	struct demo_figures f;

	if (row->err == -EOPNOTSUPP || row->err == -ENOSYS)
		fprintf(out, "  %s: this kernel, file system or network cannot\n", row->way->name);
	else if (row->err)
		fprintf(out, "  %s: failed: %s\n", row->way->name, strerror(-row->err));
	if (row->err)
		return;
	if (!p) {
		fprintf(out, "  %s: zctrace has no record of process %d\n", row->way->name, (int)row->pid);
		return;
	}
	demo_figures__fill(&f, t, row);
	if (f.calls_disagree)
		fprintf(out,
			"  %s: made %" PRIu64 " data calls and %" PRIu64 " map calls; zctrace counted %" PRIu64
			" and %" PRIu64 "\n",
			row->way->name, r->data_calls + r->setup_data_calls, r->map_calls + r->setup_map_calls,
			p->v[M_DATA_CALLS], p->v[M_MAP_CALLS]);
	payload = p->v[M_PAYLOAD_IN] > p->v[M_PAYLOAD_OUT] ? p->v[M_PAYLOAD_IN] : p->v[M_PAYLOAD_OUT];
	if (snapshot__quality(t->snapshot, p, M_PAYLOAD_IN) != Q_NONE && payload != r->bytes)
		fprintf(out, "  %s: moved %" PRIu64 " bytes; zctrace counted %" PRIu64 " as payload\n", row->way->name,
			r->bytes, payload);
	if (row->cached > 0)
		fprintf(out, "  %s: %.0f%% of the file would not leave the page cache before\n", row->way->name,
			100 * row->cached);
	if (f.unseen_copies > 0)
		fprintf(out, "  %s: %.3g more copies per byte inside the kernel, which no hook sees here\n",
			row->way->name, f.unseen_copies);
	print_reported_copies(out, t, row, p);
	if (r->chunks != (t->opts->demo.size_bytes + chunk - 1) / chunk)
		fprintf(out, "  %s: %" PRIu64 " chunks, as O_DIRECT takes whole blocks only\n", row->way->name,
			r->chunks);
}

/* The figures the texts quote, in whole numbers. */
static void print_sums(FILE *out, const struct demo_table *t, const struct demo_row *row)
{
	const struct way_result *r = &row->report.result;
	char bytes[FMT_LEN], switches[FMT_LEN], chunks[FMT_LEN];
	struct demo_figures f;
	double moved;

	demo_figures__fill(&f, t, row);
	if (!f.copies.known || !f.dma.known || !f.calls.known)
		return;
	moved = (f.copies.value + f.dma.value) * (double)r->bytes;
	fprintf(out, "  %s: %s chunks, %s mode switches by data calls; copies and DMA moved %.0f MB (%s) for %.0f MB\n",
		row->way->name, fmt_count(chunks, r->chunks),
		fmt_count(switches, (uint64_t)(f.mode_switches.value * (double)r->chunks + 0.5)), moved / 1e6,
		fmt_bytes_unit(bytes, (uint64_t)moved), (double)r->bytes / 1e6);
}

int demo_table__print(FILE *out, const struct demo_table *t)
{
	uint64_t lost = 0;

	print_header(out, t);
	print_heading(out, t);
	for (size_t i = 0; i < t->n_rows; i++)
		if (!t->rows[i].err && t->rows[i].process)
			print_row(out, t, &t->rows[i]);
	fprintf(out, "\n");
	if (t->n_rows > 0 && !t->rows[0].err && t->rows[0].process)
		print_sums(out, t, &t->rows[0]);
	for (size_t i = 0; i < t->n_rows; i++)
		print_row_notes(out, t, &t->rows[i]);
	for (enum loss l = 0; l < L_COUNT; l++)
		if (t->snapshot->lost[l])
			fprintf(out, "%s%s %" PRIu64, lost++ ? ", " : "  lost: ", losses[l].name, t->snapshot->lost[l]);
	fprintf(out, lost ? "\n" : "  nothing lost\n");
	errno = 0;
	return fflush(out) == EOF || ferror(out) ? (errno ? -errno : -EIO) : 0;
}
