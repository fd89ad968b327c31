// SPDX-License-Identifier: GPL-2.0-only
/* recording_frame.c - frames: a head with lengths and a checksum, and a piece of one deflated stream. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recording.h"
#include "writer.h"

#define LEVEL 6 /* less costs a tenth in size, more gains nothing */
#define HEAD_CHECKED (FRAME_HEAD_LEN - 4)
#define LEN_MAX (RECORDING_RAW_MAX + (RECORDING_RAW_MAX >> 8) + 4096) /* what does not deflate grows a little */

#define WAITING_MAX (16U << 20) /* ten minutes of a busy machine, for a disk that hangs and a reader that is slow */
#define BEGIN_MS 2000		/* what is wrong with a file from the first is told as that, if it is told so soon */
#define HANGS_MS 3000		/* at the end, what is not taken for so long is given up */

static void put_le(uint8_t *at, uint64_t v, int n)
{
	for (int i = 0; i < n; i++)
		at[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get_le(const uint8_t *at, int n)
{
	uint64_t v = 0;

	for (int i = 0; i < n; i++)
		v |= (uint64_t)at[i] << (8 * i);
	return v;
}

static void head_put(uint8_t at[FRAME_HEAD_LEN], const struct frame_head *h)
{
	at[0] = h->type;
	put_le(at + 1, h->time_ns, 8);
	put_le(at + 9, h->raw_len, 4);
	put_le(at + 13, h->len, 4);
	put_le(at + 17, h->crc, 4);
}

static struct frame_head head_get(const uint8_t at[FRAME_HEAD_LEN])
{
	return (struct frame_head){
		.type = at[0],
		.time_ns = get_le(at + 1, 8),
		.raw_len = (uint32_t)get_le(at + 9, 4),
		.len = (uint32_t)get_le(at + 13, 4),
		.crc = (uint32_t)get_le(at + 17, 4),
	};
}

static uint32_t head_crc(const uint8_t at[FRAME_HEAD_LEN], const struct bytes *payload)
{
	uLong crc = crc32(0, at, HEAD_CHECKED);

	return (uint32_t)(payload->len ? crc32(crc, payload->at, (uInt)payload->len) : crc);
}

static int write_out(struct frame_writer *w, const void *at, size_t len)
{
	int err = writer__put(w->to, at, len);

	return err ? err : writer__settle(w->to);
}

int frame_writer__begin(struct frame_writer *w, int fd)
{
	int err;

	*w = (struct frame_writer){.at = RECORDING_MAGIC_LEN};
	if (deflateInit(&w->z, LEVEL) != Z_OK)
		return -ENOMEM;
	err = writer__new(&w->to, fd, WAITING_MAX, true);
	return err ? err : write_out(w, RECORDING_MAGIC, RECORDING_MAGIC_LEN);
}

int frame_writer__into(struct frame_writer *w, int fd, bool cut)
{
	int err = writer__into(w->to, fd, cut);

	if (!err)
		err = writer__wait(w->to, BEGIN_MS);
	return err == -ETIMEDOUT ? 0 : err;
}

int frame_writer__error(const struct frame_writer *w)
{
	return writer__error(w->to);
}

/* Behind the room for the head, so that a frame is one write. */
static int deflate_frame(struct frame_writer *w, const struct bytes *raw)
{
	static const uint8_t no_head[FRAME_HEAD_LEN];
	uint8_t piece[16384];

	w->deflated.len = 0;
	put_raw(&w->deflated, no_head, sizeof(no_head));
	w->z.next_in = raw->at;
	w->z.avail_in = (uInt)raw->len;
	do {
		w->z.next_out = piece;
		w->z.avail_out = sizeof(piece);
		deflate(&w->z, Z_SYNC_FLUSH);
		put_raw(&w->deflated, piece, sizeof(piece) - w->z.avail_out);
	} while (w->z.avail_out == 0);
	return w->deflated.err;
}

int frame_writer__write(struct frame_writer *w, enum frame_type type, uint64_t time_ns, const struct bytes *raw)
{
	struct frame_head head = {.type = (uint8_t)type, .time_ns = time_ns, .raw_len = (uint32_t)raw->len};
	int err = raw->err ? raw->err : deflate_frame(w, raw);
	struct bytes payload;

	if (err)
		return err;
	payload = (struct bytes){w->deflated.at + FRAME_HEAD_LEN, w->deflated.len - FRAME_HEAD_LEN, 0, 0};
	head.len = (uint32_t)payload.len;
	head_put(w->deflated.at, &head);
	head.crc = head_crc(w->deflated.at, &payload);
	head_put(w->deflated.at, &head);
	err = write_out(w, w->deflated.at, w->deflated.len);
	if (!err)
		w->at += w->deflated.len;
	return err;
}

int frame_writer__end(struct frame_writer *w)
{
	int err = writer__close(w->to, HANGS_MS);

	w->to = NULL;
	deflateEnd(&w->z);
	bytes__free(&w->deflated);
	return err;
}

/* How much there was of it, or a negative errno. */
static ssize_t read_all(int fd, uint8_t *at, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, at + got, len - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

static int bad(struct frame_reader *r, const char *what)
{
	r->what = what;
	return -EBADMSG;
}

int frame_reader__begin(struct frame_reader *r, int fd)
{
	uint8_t magic[RECORDING_MAGIC_LEN];
	ssize_t n;

	*r = (struct frame_reader){.fd = fd};
	if (inflateInit(&r->z) != Z_OK)
		return -ENOMEM;
	n = read_all(fd, magic, sizeof(magic));
	if (n < 0)
		return (int)n;
	if (n == 0)
		return bad(r, "is empty");
	if ((size_t)n < strlen(RECORDING_NAME) || memcmp(magic, RECORDING_NAME, strlen(RECORDING_NAME)) != 0)
		return bad(r, "is no recording of zctrace");
	if ((size_t)n < sizeof(magic))
		return bad(r, "ends in its first line");
	if (memcmp(magic, RECORDING_MAGIC, sizeof(magic)) != 0)
		return bad(r, "has another format than this zctrace knows: replay it with the one that made it");
	r->at = RECORDING_MAGIC_LEN;
	return 0;
}

int frame_reader__peek(struct frame_reader *r)
{
	uint8_t head[FRAME_HEAD_LEN];
	ssize_t n;

	if (r->peeked)
		return 0;
	n = read_all(r->fd, head, sizeof(head));
	if (n < 0)
		return (int)n;
	if (n == 0)
		return -ENODATA;
	if ((size_t)n < sizeof(head))
		return bad(r, "ends in the middle of a frame");
	r->head = head_get(head);
	if (r->head.type < FRAME_HEADER || r->head.type > FRAME_END || r->head.raw_len > RECORDING_RAW_MAX ||
	    r->head.len > LEN_MAX)
		return bad(r, "holds what is no frame");
	r->peeked = true;
	return 0;
}

static int fill(struct bytes *b, size_t len)
{
	uint8_t *at = len > b->room ? realloc(b->at, len) : b->at;

	if (len && !at)
		return -ENOMEM;
	b->room = len > b->room ? len : b->room;
	b->at = at;
	b->len = len;
	return 0;
}

static int inflate_frame(struct frame_reader *r)
{
	int err = fill(&r->raw, r->head.raw_len);
	uint8_t more;

	if (err)
		return err;
	r->z.next_in = r->deflated.at;
	r->z.avail_in = (uInt)r->deflated.len;
	r->z.next_out = r->raw.at;
	r->z.avail_out = (uInt)r->raw.len;
	while (r->z.avail_out && inflate(&r->z, Z_SYNC_FLUSH) == Z_OK && r->z.avail_in)
		;
	if (r->z.avail_out)
		return bad(r, "holds a frame that cannot be inflated");
	r->z.next_out = &more; /* the end of the flush; it makes no byte */
	r->z.avail_out = 1;
	inflate(&r->z, Z_SYNC_FLUSH);
	return r->z.avail_in || !r->z.avail_out ? bad(r, "holds a frame that is longer than it says") : 0;
}

int frame_reader__take(struct frame_reader *r)
{
	uint8_t head[FRAME_HEAD_LEN];
	ssize_t n;
	int err = fill(&r->deflated, r->head.len);

	if (err)
		return err;
	n = read_all(r->fd, r->deflated.at, r->head.len);
	if (n < 0)
		return (int)n;
	if ((size_t)n < r->head.len)
		return bad(r, "ends in the middle of a frame");
	head_put(head, &r->head);
	if (head_crc(head, &r->deflated) != r->head.crc)
		return bad(r, "holds a frame whose checksum is wrong");
	err = inflate_frame(r);
	if (err)
		return err;
	r->at += FRAME_HEAD_LEN + r->head.len;
	r->peeked = false;
	return 0;
}

void frame_reader__end(struct frame_reader *r)
{
	inflateEnd(&r->z);
	bytes__free(&r->deflated);
	bytes__free(&r->raw);
}
