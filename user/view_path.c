/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view_path.c - from figures to the ways that bytes went.
 *
 *	into user            out of user             past user
 *	disk=>cache->user    user->cache=>disk       cache..>socket=>NIC      sendfile
 *	disk=>user           user=>disk              cache..>pipe..>socket    splice
 *	NIC=>socket->user    user->socket=>NIC       cache->cache=>disk       sendfile, splice, copy_file_range to a
 *file pipe->user           user->pipe              file..>file              reflink
 *
 * What a device moved (=>) is drawn once, on the first way that needs it, whole: which way a DMA byte went on is not
 *known.
 */
#include <string.h>

#include "view_figure.h"
#include "view_path.h"

#define PAGE_BYTES 4096
#define MAPPING_LEAST (16ULL << 20) /* less may be libraries and feeds nothing: left to the figures */

/* One way, from user memory or to it or past it. */
struct way_seen {
	const char *from, *to; /* objects, for the title */
	const char *station[3];
	enum arrow arrow[2];
	struct figure bytes[2];
	int n_stations;
	bool from_disk, to_disk; /* the page cache end goes on to a disk */
	bool from_nic, to_nic;
};

struct ways_seen {
	struct way_seen way[12];
	int n;
};

/* Device figures still to be drawn. */
struct devices {
	struct figure disk_read, disk_write, net_rx, net_tx, segment;
};

static struct figure figure_minus(struct figure a, struct figure b)
{
	a.value -= b.value < a.value ? b.value : a.value;
	return a;
}

static uint64_t weight(const struct way_seen *w)
{
	return w->n_stations == 2 || w->bytes[0].value > w->bytes[1].value ? w->bytes[0].value : w->bytes[1].value;
}

static void seen_add(struct ways_seen *s, struct way_seen w, struct figure bytes)
{
	if (!figure__some(bytes))
		return;
	w.n_stations = 2;
	w.bytes[0] = bytes;
	s->way[s->n++] = w;
}

/* O_DIRECT on a disk the CPU serves is its copy, not DMA. */
static enum arrow direct_arrow(struct metric_view m, enum metric dma)
{
	return !figure__some(metric__figure(m, dma)) && figure__some(metric__figure(m, M_KERN_DEVICE)) ? ARROW_COPY
												       : ARROW_DMA;
}

static void find_in(struct ways_seen *s, struct metric_view m)
{
	struct way_seen file = {.from = "file", .to = "user", .station = {"page cache", "user"}, .from_disk = true};
	struct way_seen direct = {.from = "file", .to = "user", .station = {"disk", "user"}};
	struct way_seen sock = {.from = "socket", .to = "user", .station = {"socket", "user"}, .from_nic = true};
	struct way_seen pipe = {.from = "pipe", .to = "user", .station = {"pipe", "user"}};

	file.arrow[0] = sock.arrow[0] = pipe.arrow[0] = ARROW_COPY;
	direct.arrow[0] = direct_arrow(m, M_DMA_DISK_READ);
	seen_add(s, file, metric__figure(m, M_TO_USER_FILE));
	seen_add(s, direct, metric__figure(m, M_ZC_DIRECT_READ));
	seen_add(s, sock, metric__figure(m, M_TO_USER_SOCKET));
	seen_add(s, pipe, metric__figure(m, M_TO_USER_PIPE));
}

static void find_out(struct ways_seen *s, struct metric_view m)
{
	static const enum metric zerocopy_sends[] = {M_ZC_MSG_ZEROCOPY, M_ZC_IO_URING_SEND};
	struct way_seen file = {.from = "user", .to = "file", .station = {"user", "page cache"}, .to_disk = true};
	struct way_seen direct = {.from = "user", .to = "file", .station = {"user", "disk"}};
	struct way_seen sock = {.from = "user", .to = "socket", .station = {"user", "socket"}, .to_nic = true};
	struct way_seen pipe = {.from = "user", .to = "pipe", .station = {"user", "pipe"}};

	file.arrow[0] = sock.arrow[0] = pipe.arrow[0] = ARROW_COPY;
	direct.arrow[0] = direct_arrow(m, M_DMA_DISK_WRITE);
	seen_add(s, file, metric__figure(m, M_FROM_USER_FILE));
	seen_add(s, direct, metric__figure(m, M_ZC_DIRECT_WRITE));
	seen_add(s, sock, metric__figure(m, M_FROM_USER_SOCKET));
	seen_add(s, pipe, metric__figure(m, M_FROM_USER_PIPE));
	sock.arrow[0] = pipe.arrow[0] = ARROW_NO_COPY;
	seen_add(s, sock, metric__sum(m, zerocopy_sends, 2));
	seen_add(s, pipe, metric__figure(m, M_ZC_VMSPLICE));
}

/* Each splice call is counted: twice the payload means in through the pipe and out of it again. */
static void find_splice(struct ways_seen *s, struct metric_view m, bool copied)
{
	struct figure spliced = metric__figure(m, M_ZC_SPLICE);
	struct figure payload = figure__derived(D_PAYLOAD, m);
	bool to_file = copied || figure__some(metric__figure(m, M_DMA_DISK_WRITE));
	bool from_file =
		figure__some(metric__figure(m, M_CACHE_MISS)) || figure__some(metric__figure(m, M_CACHE_HIT)) ||
		figure__some(metric__figure(m, M_DMA_DISK_READ)) || !figure__some(metric__figure(m, M_DMA_NET_RX));
	struct way_seen w = {
		.from = from_file ? "file" : "socket",
		.to = to_file ? "file" : "socket",
		.station = {from_file ? "page cache" : "socket", "pipe", to_file ? "page cache" : "socket"},
		.arrow = {ARROW_NO_COPY, copied ? ARROW_COPY : ARROW_NO_COPY},
		.n_stations = 3,
		.from_disk = from_file,
		.from_nic = !from_file,
		.to_disk = to_file,
		.to_nic = !to_file,
	};

	if (!figure__some(spliced))
		return;
	if (payload.known && spliced.value < payload.value + payload.value / 2) {
		/* one leg only; the other end is another process's affair */
		bool out = figure__some(metric__figure(m, M_DMA_NET_TX)) || m.v[M_PAYLOAD_OUT] > m.v[M_PAYLOAD_IN];

		w.n_stations = 2;
		w.bytes[0] = spliced;
		w.arrow[0] = w.arrow[out];
		w.from = out ? "pipe" : w.from;
		w.to = out ? w.to : "pipe";
		w.station[0] = out ? "pipe" : w.station[0];
		w.station[1] = out ? w.station[2] : "pipe";
		w.from_disk &= !out;
		w.from_nic &= !out;
		w.to_disk &= out;
		w.to_nic &= out;
		s->way[s->n++] = w;
		return;
	}
	spliced.value /= 2;
	w.bytes[0] = w.bytes[1] = spliced;
	s->way[s->n++] = w;
}

static void find_past(struct ways_seen *s, struct metric_view m)
{
	struct way_seen file = {.from = "file", .to = "file", .station = {"page cache", "page cache"}};
	struct way_seen sock = {.from = "file", .to = "socket", .station = {"page cache", "socket"}};
	struct way_seen clone = {.from = "file", .to = "file", .station = {"file", "file"}};
	struct way_seen tee = {.from = "pipe", .to = "pipe", .station = {"pipe", "pipe"}};
	struct figure to_file = metric__figure(m, M_KERN_TO_FILE);
	struct figure sent = metric__figure(m, M_ZC_SENDFILE);
	bool spliced = figure__some(metric__figure(m, M_ZC_SPLICE));

	sock.arrow[0] = clone.arrow[0] = tee.arrow[0] = ARROW_NO_COPY;
	file.arrow[0] = ARROW_COPY;
	file.from_disk = file.to_disk = sock.from_disk = sock.to_nic = true;
	/* copied into a file by whichever of them was used; both at once are drawn as splice */
	if (!spliced)
		seen_add(s, file, to_file);
	seen_add(s, sock, spliced ? sent : figure_minus(sent, to_file));
	find_splice(s, m, figure__some(to_file));
	seen_add(s, clone, metric__figure(m, M_ZC_COPY_FILE_RANGE));
	seen_add(s, tee, metric__figure(m, M_ZC_TEE));
}

static void path_station(struct path *p, const char *station)
{
	p->station[p->n_stations++] = station;
}

static void path_pass(struct path *p, enum arrow arrow, struct figure bytes, const char *station)
{
	p->arrow[p->n_stations - 1] = arrow;
	p->bytes[p->n_stations - 1] = bytes;
	path_station(p, station);
}

/* Not measured is drawn too, as "-"; measured and none is not. */
static bool device_taken(struct figure *f, bool wanted, struct figure *ret)
{
	bool drawn = wanted && (!f->known || f->value > 0);

	*ret = *f;
	if (drawn)
		*f = (struct figure){.known = true};
	return drawn;
}

static void path_head(struct path *p, const struct way_seen *w, struct devices *d)
{
	struct figure bytes;

	if (device_taken(&d->disk_read, w->from_disk, &bytes)) {
		path_station(p, "disk");
		path_pass(p, ARROW_DMA, bytes, w->station[0]);
	} else if (device_taken(&d->net_rx, w->from_nic, &bytes)) {
		path_station(p, "NIC");
		path_pass(p, ARROW_DMA, bytes, w->station[0]);
	} else {
		path_station(p, w->station[0]);
	}
}

static void path_body(struct path *p, const struct way_seen *w)
{
	for (int i = 1; i < w->n_stations; i++)
		path_pass(p, w->arrow[i - 1], w->bytes[i - 1], w->station[i]);
}

static void path_tail(struct path *p, const struct way_seen *w, struct devices *d)
{
	struct figure bytes;

	if (device_taken(&d->disk_write, w->to_disk, &bytes))
		path_pass(p, ARROW_DMA, bytes, "disk");
	/* with a station more the line would not fit behind a read */
	if (w->to_nic && p->n_stations < 4 && figure__some(d->segment))
		path_pass(p, ARROW_COPY, d->segment, "packet");
	if (device_taken(&d->net_tx, w->to_nic, &bytes))
		path_pass(p, ARROW_DMA, bytes, "NIC");
}

static void paths_add(struct paths *ret, const struct way_seen *in, const struct way_seen *out, struct devices *d)
{
	struct path *p = &ret->path[ret->n++];

	path_head(p, in, d);
	path_body(p, in);
	if (out)
		path_body(p, out);
	path_tail(p, out ? out : in, d);
}

/* What a device moved on no way that was seen: write-back, read ahead, acknowledgements. */
static void paths_add_device(struct paths *ret, struct figure bytes, uint64_t least, const char *from, const char *to)
{
	struct path *p = &ret->path[ret->n];

	if (!figure__some(bytes) || bytes.value < least)
		return;
	ret->n++;
	path_station(p, from);
	path_pass(p, ARROW_DMA, bytes, to);
}

static struct way_seen *widest(struct ways_seen *s)
{
	struct way_seen *w = NULL;

	for (int i = 0; i < s->n; i++)
		if (!w || weight(&s->way[i]) > weight(w))
			w = &s->way[i];
	return w;
}

static void drop_thin(struct ways_seen *s, uint64_t most)
{
	int n = 0;

	for (int i = 0; i < s->n; i++)
		if (weight(&s->way[i]) >= most / 100)
			s->way[n++] = s->way[i];
	s->n = n;
}

static uint64_t most_of(struct ways_seen *s)
{
	const struct way_seen *w = widest(s);

	return w ? weight(w) : 0;
}

static void find_mapping(struct ways_seen *s, struct metric_view m)
{
	struct way_seen w = {.from = "file", .to = "user", .station = {"page cache", "user"}, .from_disk = true};
	struct figure f = metric__figure(m, M_MAPPED_FILE_FAULT);

	f.value *= PAGE_BYTES;
	w.arrow[0] = ARROW_NO_COPY;
	seen_add(s, w, f);
}

/* Every program maps its libraries: only if what goes out has no other source is a mapping the way in. */
static bool mapping_feeds(struct ways_seen *mapping, struct ways_seen *in, struct ways_seen *out)
{
	return most_of(out) > 0 && most_of(out) >= most_of(mapping) / 4 && most_of(in) < most_of(out) / 2;
}

static void find_devices(struct devices *d, struct metric_view m)
{
	d->disk_read = figure_minus(metric__figure(m, M_DMA_DISK_READ), metric__figure(m, M_ZC_DIRECT_READ));
	d->disk_write = figure_minus(metric__figure(m, M_DMA_DISK_WRITE), metric__figure(m, M_ZC_DIRECT_WRITE));
	d->net_rx = metric__figure(m, M_DMA_NET_RX);
	d->net_tx = metric__figure(m, M_DMA_NET_TX);
	d->segment = metric__figure(m, M_KERN_SEGMENT);
}

static void find_ends(struct paths *ret, const struct way_seen *in, const struct way_seen *out,
		      const struct way_seen *past)
{
	uint64_t through_user = in ? weight(in) : 0;

	if (out && weight(out) > through_user)
		through_user = weight(out);
	if (past && weight(past) >= through_user) {
		ret->from = past->from;
		ret->to = past->to;
		return;
	}
	ret->from = in ? in->from : out ? "user" : NULL;
	ret->to = out ? out->to : in ? "user" : NULL;
}

/* A line for each way, those through user memory first. */
static void paths_add_all(struct paths *ret, struct ways_seen *const kinds[], int n_kinds, struct devices *d)
{
	const struct way_seen *in = widest(kinds[0]), *out = widest(kinds[1]);
	bool joined = in && out;

	if (joined)
		paths_add(ret, in, out, d);
	for (int k = 0; k < n_kinds; k++)
		for (int i = 0; i < kinds[k]->n && ret->n < PATHS_MAX - 4; i++)
			if (!joined || (&kinds[k]->way[i] != in && &kinds[k]->way[i] != out))
				paths_add(ret, &kinds[k]->way[i], NULL, d);
}

void paths__find(struct paths *ret, struct metric_view m)
{
	struct ways_seen in = {0}, out = {0}, past = {0}, mapping = {0};
	struct ways_seen *const kinds[] = {&in, &out, &past, &mapping};
	struct devices d;
	uint64_t most = 0;

	memset(ret, 0, sizeof(*ret));
	find_devices(&d, m);
	find_in(&in, m);
	find_out(&out, m);
	find_past(&past, m);
	find_mapping(&mapping, m);
	if (mapping.n && mapping_feeds(&mapping, &in, &out)) {
		in.way[in.n++] = mapping.way[0];
		mapping.n = 0;
	}
	for (int k = 0; k < 3; k++)
		most = most_of(kinds[k]) > most ? most_of(kinds[k]) : most;
	for (int k = 0; k < 3; k++)
		drop_thin(kinds[k], most);
	if (most > 0)
		drop_thin(&mapping, 100 * MAPPING_LEAST);
	find_ends(ret, widest(&in), widest(&out), widest(&past));
	paths_add_all(ret, kinds, 4, &d);
	paths_add_device(ret, d.disk_read, most / 100, "disk", "page cache");
	paths_add_device(ret, d.disk_write, most / 100, "page cache", "disk");
	paths_add_device(ret, d.net_rx, most / 100, "NIC", "socket");
	paths_add_device(ret, d.net_tx, most / 100, "socket", "NIC");
}
