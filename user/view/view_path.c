/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view_path.c - from figures to the ways that bytes went.
 *
 *	into user            out of user             past user
 *	disk=>cache->user    user->cache=>disk       cache..>socket=>NIC      sendfile
 *	disk=>user           user=>disk              cache..>pipe..>socket    splice
 *	NIC=>socket->user    user->socket=>NIC       cache->cache=>disk       sendfile or copy_file_range to a file
 *	pipe->user           user->pipe              file..>file              reflink
 *
 * The passages (view_passage.c) of one way are put in a line. What a device moved (=>) is drawn once, on the first way
 * that needs it, whole: which way a DMA byte went on is not known.
 */
#include <string.h>

#include "bound.h"
#include "view_figure.h"
#include "view_path.h"

/* One way, from user memory or to it or past it: a passage, or two. */
struct way_seen {
	const struct passage *leg[2];
	int n_legs;
};

struct ways_seen {
	struct way_seen way[P_DISK_READ]; /* the passages before it are parts of ways */
	int n;
};

/* Device figures still to be drawn. */
struct devices {
	struct figure disk_read, disk_write, net_rx, net_tx, segment;
};

static uint64_t weight(const struct way_seen *w)
{
	uint64_t a = w->leg[0]->bytes.value, b = w->n_legs > 1 ? w->leg[1]->bytes.value : 0;

	return a > b ? a : b;
}

static enum station way_from(const struct way_seen *w)
{
	return w->leg[0]->from;
}

static enum station way_to(const struct way_seen *w)
{
	return BOUND(w->leg, w->n_legs - 1)->to;
}

/* What the station holds, for the title. */
static const char *object_of(enum station s)
{
	return s == STATION_DISK || s == STATION_CACHE ? "file" : station_names[s];
}

static void seen_add(struct ways_seen *s, struct way_seen way)
{
	BOUND(s->way, s->n++) = way;
}

static void find_range(struct ways_seen *s, const struct passages *all, enum passage_id first, enum passage_id last)
{
	for (enum passage_id id = first; id <= last; id++) {
		if (!figure__some(all->p[id].bytes) || (id == P_SPLICE_OUT && all->through_pipe))
			continue;
		if (id == P_SPLICE_IN && all->through_pipe)
			seen_add(s, (struct way_seen){{&all->p[id], &all->p[P_SPLICE_OUT]}, 2});
		else
			seen_add(s, (struct way_seen){{&all->p[id]}, 1});
	}
}

static void path_station(struct path *p, const char *station)
{
	BOUND(p->station, p->n_stations++) = station;
}

static void path_pass(struct path *p, enum arrow arrow, struct figure bytes, const char *station)
{
	BOUND(p->arrow, p->n_stations - 1) = arrow;
	BOUND(p->bytes, p->n_stations - 1) = bytes;
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
	const char *first = station_names[way_from(w)];
	struct figure bytes;

	if (device_taken(&d->disk_read, way_from(w) == STATION_CACHE, &bytes)) {
		path_station(p, station_names[STATION_DISK]);
		path_pass(p, ARROW_DMA, bytes, first);
	} else if (device_taken(&d->net_rx, way_from(w) == STATION_SOCKET, &bytes)) {
		path_station(p, station_names[STATION_NIC]);
		path_pass(p, ARROW_DMA, bytes, first);
	} else {
		path_station(p, first);
	}
}

static void path_body(struct path *p, const struct way_seen *w)
{
	for (int i = 0; i < w->n_legs; i++)
		path_pass(p, w->leg[i]->arrow, w->leg[i]->bytes, station_names[w->leg[i]->to]);
}

static void path_tail(struct path *p, const struct way_seen *w, struct devices *d)
{
	bool to_socket = way_to(w) == STATION_SOCKET;
	struct figure bytes;

	if (device_taken(&d->disk_write, way_to(w) == STATION_CACHE, &bytes))
		path_pass(p, ARROW_DMA, bytes, station_names[STATION_DISK]);
	/* with a station more the line would not fit behind a read */
	if (to_socket && p->n_stations < 4 && figure__some(d->segment))
		path_pass(p, ARROW_COPY, d->segment, station_names[STATION_PACKET]);
	if (device_taken(&d->net_tx, to_socket, &bytes))
		path_pass(p, ARROW_DMA, bytes, station_names[STATION_NIC]);
}

static void paths_add(struct paths *ret, const struct way_seen *in, const struct way_seen *out, struct devices *d)
{
	struct path *p = &BOUND(ret->path, ret->n++);

	path_head(p, in, d);
	path_body(p, in);
	if (out)
		path_body(p, out);
	path_tail(p, out ? out : in, d);
}

/* What a device moved on no way that was seen: write-back, read ahead, acknowledgements. */
static void paths_add_device(struct paths *ret, struct figure bytes, uint64_t least, const char *from, const char *to)
{
	struct path *p;

	if (!figure__some(bytes) || bytes.value < least)
		return;
	p = &BOUND(ret->path, ret->n++);
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

static void find_devices(struct devices *d, const struct passages *all)
{
	d->disk_read = all->p[P_DISK_READ].bytes;
	d->disk_write = all->p[P_DISK_WRITE].bytes;
	d->net_rx = all->p[P_NET_RX].bytes;
	d->net_tx = all->p[P_NET_TX].bytes;
	d->segment = all->p[P_SEGMENT].bytes;
}

static void find_ends(struct paths *ret, const struct way_seen *in, const struct way_seen *out,
		      const struct way_seen *past)
{
	uint64_t through_user = in ? weight(in) : 0;

	if (out && weight(out) > through_user)
		through_user = weight(out);
	if (past && weight(past) >= through_user) {
		ret->from = object_of(way_from(past));
		ret->to = object_of(way_to(past));
		return;
	}
	ret->from = in ? object_of(way_from(in)) : out ? "user" : NULL;
	ret->to = out ? object_of(way_to(out)) : in ? "user" : NULL;
}

/* A line for each way, those through user memory first. */
static void paths_add_all(struct paths *ret, struct ways_seen *const kinds[], int n_kinds, struct devices *d)
{
	const struct way_seen *in = widest(kinds[0]), *out = widest(kinds[1]);
	bool joined = in && out;

	if (joined)
		paths_add(ret, in, out, d);
	for (int k = 0; k < n_kinds; k++)
		for (int i = 0; i < kinds[k]->n; i++)
			if (!joined || (&kinds[k]->way[i] != in && &kinds[k]->way[i] != out))
				paths_add(ret, &kinds[k]->way[i], NULL, d);
}

void paths__find(struct paths *ret, struct metric_view m)
{
	struct ways_seen in = {0}, out = {0}, past = {0}, mapping = {0};
	struct ways_seen *const kinds[] = {&in, &out, &past, &mapping};
	struct passages all;
	struct devices d;
	uint64_t most = 0;

	memset(ret, 0, sizeof(*ret));
	passages__find(&all, m);
	find_devices(&d, &all);
	find_range(&in, &all, P_FILE_READ, P_PIPE_READ);
	find_range(&out, &all, P_FILE_WRITE, P_VMSPLICE);
	find_range(&past, &all, P_TO_FILE, P_TEE);
	if (all.mapping_shown)
		seen_add(all.mapping_feeds ? &in : &mapping, (struct way_seen){{&all.p[P_MAPPED]}, 1});
	for (int k = 0; k < 3; k++)
		most = most_of(kinds[k]) > most ? most_of(kinds[k]) : most;
	for (int k = 0; k < 3; k++)
		drop_thin(kinds[k], most);
	find_ends(ret, widest(&in), widest(&out), widest(&past));
	paths_add_all(ret, kinds, 4, &d);
	paths_add_device(ret, d.disk_read, most / 100, "disk", "page cache");
	paths_add_device(ret, d.disk_write, most / 100, "page cache", "disk");
	paths_add_device(ret, d.net_rx, most / 100, "NIC", "socket");
	paths_add_device(ret, d.net_tx, most / 100, "socket", "NIC");
}
