// SPDX-License-Identifier: GPL-2.0-only
/* recording.c - numbers and changes as bytes, and back with every bound checked. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "recording.h"

void bytes__free(struct bytes *b)
{
	free(b->at);
	*b = (struct bytes){0};
}

static bool bytes_reserve(struct bytes *b, size_t len)
{
	size_t room = b->room ? b->room : 4096;
	uint8_t *at;

	if (b->err)
		return false;
	while (room < b->len + len)
		room *= 2;
	if (room == b->room)
		return true;
	at = realloc(b->at, room);
	if (!at) {
		b->err = -ENOMEM;
		return false;
	}
	b->at = at;
	b->room = room;
	return true;
}

void put_raw(struct bytes *b, const void *at, size_t len)
{
	if (!len || !bytes_reserve(b, len))
		return;
	memcpy(b->at + b->len, at, len);
	b->len += len;
}

void put_byte(struct bytes *b, uint8_t v)
{
	put_raw(b, &v, 1);
}

void put_number(struct bytes *b, uint64_t v)
{
	uint8_t text[10];
	size_t n = 0;

	while (v >= 0x80) {
		text[n++] = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	text[n++] = (uint8_t)v;
	put_raw(b, text, n);
}

void put_signed(struct bytes *b, int64_t v)
{
	put_number(b, ((uint64_t)v << 1) ^ (v < 0 ? UINT64_MAX : 0));
}

void put_text(struct bytes *b, const char *s)
{
	size_t len = s ? strnlen(s, RECORDING_TEXT_MAX) : 0;

	put_number(b, s ? len + 1 : 0);
	put_raw(b, s, len);
}

void put_changes(struct bytes *b, const uint64_t *v, const uint64_t *last, size_t n)
{
	size_t before = 0;

	for (size_t i = 0; i < n; i++) {
		if (v[i] == last[i])
			continue;
		put_number(b, i + 1 - before);
		put_signed(b, (int64_t)(v[i] - last[i]));
		before = i + 1;
	}
	put_number(b, 0);
}

void get_raw(struct cursor *c, void *ret, size_t len)
{
	if (c->bad || (size_t)(c->end - c->at) < len) {
		c->bad = true;
		memset(ret, 0, len);
		return;
	}
	memcpy(ret, c->at, len);
	c->at += len;
}

uint8_t get_byte(struct cursor *c)
{
	uint8_t v;

	get_raw(c, &v, 1);
	return v;
}

uint64_t get_number(struct cursor *c)
{
	uint64_t v = 0;

	for (int shift = 0; shift < 64; shift += 7) {
		uint8_t byte = get_byte(c);

		if (shift == 63 && byte > 1)
			break;
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return v;
	}
	c->bad = true;
	return 0;
}

int64_t get_signed(struct cursor *c)
{
	uint64_t v = get_number(c);

	return (int64_t)((v >> 1) ^ (v & 1 ? UINT64_MAX : 0));
}

uint32_t get_u32(struct cursor *c)
{
	uint64_t v = get_number(c);

	if (v <= UINT32_MAX)
		return (uint32_t)v;
	c->bad = true;
	return 0;
}

int get_text(struct cursor *c, char **ret)
{
	uint64_t len = get_number(c);

	*ret = NULL;
	if (!len)
		return 0;
	len--;
	if (len > RECORDING_TEXT_MAX || len > (size_t)(c->end - c->at)) {
		c->bad = true;
		return 0;
	}
	*ret = malloc(len + 1);
	if (!*ret)
		return -ENOMEM;
	get_raw(c, *ret, len);
	(*ret)[len] = '\0';
	return 0;
}

void get_changes(struct cursor *c, uint64_t *v, const uint16_t *map, size_t n_map, size_t n_here)
{
	uint64_t next = 0;

	for (;;) {
		uint64_t step = get_number(c);
		int64_t change;

		if (!step)
			return;
		if (step > n_map - next) {
			c->bad = true;
			return;
		}
		next += step;
		change = get_signed(c);
		if (map[next - 1] < n_here)
			v[map[next - 1]] += (uint64_t)change;
	}
}
