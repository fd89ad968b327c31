/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view_passage.c - from figures to passages. A row of the list says between which stations a passage is, how the bytes
 * pass, and which metrics count them; what one metric alone cannot tell is settled below.
 */
#include "view_figure.h"
#include "view_passage.h"

#define PAGE_BYTES 4096
#define MAPPING_LEAST (16ULL << 20) /* less may be libraries and feeds nothing: left to the figures */

struct row {
	enum station from, to;
	enum arrow arrow;
	int n_metrics;
	enum metric metrics[2];
	const char *name;
};

#define DISK STATION_DISK
#define CACHE STATION_CACHE
#define USER STATION_USER
#define PIPE STATION_PIPE
#define SOCKET STATION_SOCKET
#define PACKET STATION_PACKET
#define NIC STATION_NIC
#define FILE_ STATION_FILE
#define ELSEWHERE STATION_ELSEWHERE
#define COPY ARROW_COPY
#define DMA ARROW_DMA
#define NO_COPY ARROW_NO_COPY

/* clang-format off */
static const struct row rows[P_COUNT] = {
	[P_FILE_READ]       = {CACHE,     USER,      COPY,    1, {M_TO_USER_FILE},       "read"},
	[P_DIRECT_READ]     = {DISK,      USER,      DMA,     1, {M_ZC_DIRECT_READ},     "O_DIRECT read"},
	[P_RECEIVE]         = {SOCKET,    USER,      COPY,    1, {M_TO_USER_SOCKET},     "receive"},
	[P_PIPE_READ]       = {PIPE,      USER,      COPY,    1, {M_TO_USER_PIPE},       "read"},
	[P_MAPPED]          = {CACHE,     USER,      NO_COPY, 1, {M_MAPPED_FILE_FAULT},  "mapped"},
	[P_FILE_WRITE]      = {USER,      CACHE,     COPY,    1, {M_FROM_USER_FILE},     "write"},
	[P_DIRECT_WRITE]    = {USER,      DISK,      DMA,     1, {M_ZC_DIRECT_WRITE},    "O_DIRECT write"},
	[P_SEND]            = {USER,      SOCKET,    COPY,    1, {M_FROM_USER_SOCKET},   "send"},
	[P_PIPE_WRITE]      = {USER,      PIPE,      COPY,    1, {M_FROM_USER_PIPE},     "write"},
	[P_ZEROCOPY_SEND]   = {USER,      SOCKET,    NO_COPY, 2, {M_ZC_MSG_ZEROCOPY, M_ZC_IO_URING_SEND}, "zero-copy send"},
	[P_VMSPLICE]        = {USER,      PIPE,      NO_COPY, 1, {M_ZC_VMSPLICE},        "vmsplice"},
	[P_TO_FILE]         = {CACHE,     CACHE,     COPY,    1, {M_KERN_TO_FILE},       "file to file"},
	[P_SENDFILE]        = {CACHE,     SOCKET,    NO_COPY, 1, {M_ZC_SENDFILE},        "sendfile"},
	[P_SPLICE_IN]       = {CACHE,     PIPE,      NO_COPY, 1, {M_ZC_SPLICE},          "splice"},
	[P_SPLICE_OUT]      = {PIPE,      SOCKET,    NO_COPY, 1, {M_ZC_SPLICE},          "splice"},
	[P_REFLINK]         = {FILE_,     FILE_,     NO_COPY, 1, {M_ZC_COPY_FILE_RANGE}, "reflink"},
	[P_TEE]             = {PIPE,      PIPE,      NO_COPY, 1, {M_ZC_TEE},             "tee"},
	[P_DISK_READ]       = {DISK,      CACHE,     DMA,     1, {M_DMA_DISK_READ},      "disk read"},
	[P_DISK_WRITE]      = {CACHE,     DISK,      DMA,     1, {M_DMA_DISK_WRITE},     "disk written"},
	[P_NET_RX]          = {NIC,       SOCKET,    DMA,     1, {M_DMA_NET_RX},         "net received"},
	[P_NET_TX]          = {SOCKET,    NIC,       DMA,     1, {M_DMA_NET_TX},         "net sent"},
	[P_DISK_COPY]       = {DISK,      CACHE,     COPY,    1, {M_KERN_DEVICE},        "disk served by the CPU"},
	[P_SEGMENT]         = {SOCKET,    PACKET,    COPY,    1, {M_KERN_SEGMENT},       "packets cut"},
	[P_UNZEROCOPIED]    = {SOCKET,    PACKET,    COPY,    1, {M_KERN_UNZEROCOPIED},  "zero-copy undone"},
	[P_BOUNCE]          = {ELSEWHERE, ELSEWHERE, COPY,    1, {M_KERN_BOUNCE},        "bounce buffers"},
	[P_KERNEL_OTHER]    = {ELSEWHERE, ELSEWHERE, COPY,    1, {M_KERN_OTHER},         "other in the kernel"},
	[P_TO_USER_OTHER]   = {ELSEWHERE, USER,      COPY,    1, {M_TO_USER_OTHER},      "to user outside data calls"},
	[P_FROM_USER_OTHER] = {USER,      ELSEWHERE, COPY,    1, {M_FROM_USER_OTHER},    "from user outside data calls"},
};
/* clang-format on */

const char *const station_names[STATION_COUNT] = {
	[DISK] = "disk",     [CACHE] = "page cache", [USER] = "user",  [PIPE] = "pipe",		  [SOCKET] = "socket",
	[PACKET] = "packet", [NIC] = "NIC",	     [FILE_] = "file", [ELSEWHERE] = "elsewhere",
};

const char *passage__name(enum passage_id id)
{
	return rows[id].name;
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static bool some(const struct passages *s, enum passage_id id)
{
	return figure__some(s->p[id].bytes);
}

/* O_DIRECT on a disk the CPU serves is its copy, not DMA; whichever it is, it is not the page cache's. */
static void settle_direct(struct passages *s, struct metric_view m, enum passage_id direct, enum passage_id dma)
{
	struct passage *p = &s->p[direct];

	if (!some(s, dma) && figure__some(metric__figure(m, M_KERN_DEVICE))) {
		p->arrow = ARROW_COPY;
		s->p[P_DISK_COPY].bytes.value = less(s->p[P_DISK_COPY].bytes.value, p->bytes.value);
	} else {
		s->p[dma].bytes.value = less(s->p[dma].bytes.value, p->bytes.value);
	}
}

/* Less than one and a half times the payload: it went into the pipe or out of it, and the other end is another
 * process's affair. A single byte was not counted twice, whatever the payload. */
static bool is_one_leg(uint64_t spliced, struct figure payload)
{
	if (spliced == 1)
		return true;
	return payload.known &&
	       (spliced <= payload.value || spliced - payload.value < payload.value - payload.value / 2);
}

/* Each splice call is counted: twice the payload means in through the pipe and out of it again. */
static void settle_splice(struct passages *s, struct metric_view m, bool copied)
{
	struct figure spliced = s->p[P_SPLICE_IN].bytes, payload = figure__derived(D_PAYLOAD, m);
	struct passage *in = &s->p[P_SPLICE_IN], *out = &s->p[P_SPLICE_OUT];
	bool to_file = copied || figure__some(metric__figure(m, M_DMA_DISK_WRITE));
	bool from_file =
		figure__some(metric__figure(m, M_CACHE_MISS)) || figure__some(metric__figure(m, M_CACHE_HIT)) ||
		figure__some(metric__figure(m, M_DMA_DISK_READ)) || !figure__some(metric__figure(m, M_DMA_NET_RX));

	in->from = from_file ? CACHE : SOCKET;
	out->to = to_file ? CACHE : SOCKET;
	out->arrow = copied ? COPY : NO_COPY;
	if (!figure__some(spliced))
		return;
	if (payload.known && !payload.lower_bound && payload.value == 0) {
		/* no file, no socket and no other process's pipe: from one of its own pipes to another, or to nothing
		 */
		*in = (struct passage){PIPE, ELSEWHERE, NO_COPY, spliced};
		out->bytes.value = 0;
		return;
	}
	if (is_one_leg(spliced.value, payload)) {
		bool goes_out = figure__some(metric__figure(m, M_DMA_NET_TX)) || m.v[M_PAYLOAD_OUT] > m.v[M_PAYLOAD_IN];

		(goes_out ? in : out)->bytes.value = 0;
		return;
	}
	/* an odd byte is still in the pipe */
	s->through_pipe = true;
	out->bytes.value = spliced.value / 2;
	in->bytes.value = spliced.value - out->bytes.value;
}

/* Bytes copied into a file by splice or sendfile, whichever was used; both at once are told as splice. */
static void settle_past(struct passages *s, struct metric_view m)
{
	bool copied = some(s, P_TO_FILE), spliced = some(s, P_SPLICE_IN);
	uint64_t to_file = s->p[P_TO_FILE].bytes.value;

	settle_splice(s, m, copied);
	if (spliced)
		s->p[P_TO_FILE].bytes.value = 0;
	else if (s->p[P_TO_FILE].bytes.known)
		s->p[P_SENDFILE].bytes.value = less(s->p[P_SENDFILE].bytes.value, to_file);
}

static uint64_t most(const struct passages *s, enum passage_id first, enum passage_id last)
{
	uint64_t most = 0;

	for (enum passage_id id = first; id <= last; id++)
		if (some(s, id) && s->p[id].bytes.value > most)
			most = s->p[id].bytes.value;
	return most;
}

/* Every program maps its libraries: only if what goes out has no other source is a mapping the way in. */
static void settle_mapping(struct passages *s)
{
	uint64_t in = most(s, P_FILE_READ, P_PIPE_READ), out = most(s, P_FILE_WRITE, P_VMSPLICE);
	uint64_t mapped = s->p[P_MAPPED].bytes.value;

	if (!some(s, P_MAPPED))
		return;
	s->mapping_feeds = out > 0 && out >= mapped / 4 && in < out / 2;
	s->mapping_shown = s->mapping_feeds || mapped >= MAPPING_LEAST || in + most(s, P_FILE_WRITE, P_TEE) == 0;
}

void passages__find(struct passages *ret, struct metric_view m)
{
	*ret = (struct passages){0};
	for (enum passage_id id = 0; id < P_COUNT; id++)
		ret->p[id] = (struct passage){rows[id].from, rows[id].to, rows[id].arrow,
					      metric__sum(m, rows[id].metrics, (size_t)rows[id].n_metrics)};
	ret->p[P_MAPPED].bytes.value = metric__times(ret->p[P_MAPPED].bytes.value, PAGE_BYTES);
	settle_direct(ret, m, P_DIRECT_READ, P_DISK_READ);
	settle_direct(ret, m, P_DIRECT_WRITE, P_DISK_WRITE);
	settle_past(ret, m);
	settle_mapping(ret);
}
