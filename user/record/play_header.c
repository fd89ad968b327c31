// SPDX-License-Identifier: GPL-2.0-only
/* play_header.c - the header of a recording: names of metrics, hooks and losses, and what they are here. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "play_parts.h"

#define MAX_ENDED_MAX 10000000

static const char *metric_name(uint32_t i)
{
	return i < M_COUNT ? metrics[i].name : NULL;
}

static const char *hook_name(uint32_t i)
{
	return i < H_COUNT ? hooks[i].name : NULL;
}

static const char *loss_name(uint32_t i)
{
	return i < L_COUNT ? losses[i].name : NULL;
}

/* The number of a name here; n_here if there is none. */
static uint16_t find(const char *name, const char *(*name_here)(uint32_t))
{
	uint16_t i = 0;

	while (name_here(i) && strcmp(name_here(i), name) != 0)
		i++;
	return i;
}

static int keep_unknown(struct play *p, char *name)
{
	char **unknown = realloc(p->unknown, (p->n_unknown + 1) * sizeof(char *));

	if (!unknown) {
		free(name);
		return -ENOMEM;
	}
	p->unknown = unknown;
	p->unknown[p->n_unknown++] = name;
	return 0;
}

static int read_names(struct play *p, struct cursor *c, struct names *ret, const char *(*name_here)(uint32_t))
{
	uint32_t n = get_u32(c);
	int err = 0;

	if (n > RECORDING_NAMES_MAX)
		c->bad = true;
	if (c->bad)
		return 0;
	ret->map = calloc(n + 1, sizeof(*ret->map));
	if (!ret->map)
		return -ENOMEM;
	for (ret->n = 0; !err && !c->bad && ret->n < n; ret->n++) {
		char *name;

		err = get_text(c, &name);
		if (err || !name) {
			c->bad = !err;
			break;
		}
		ret->map[ret->n] = find(name, name_here);
		if (name_here(ret->map[ret->n]))
			free(name);
		else
			err = keep_unknown(p, name);
	}
	return err;
}

int play__read_header(struct play *p)
{
	struct cursor c;
	char *version = NULL;
	uint32_t max_ended;
	int err = frame_reader__peek(&p->reader);

	if (err == -ENODATA)
		return play__damaged(p, "ends before its header");
	if (!err && p->reader.head.type != FRAME_HEADER)
		return play__damaged(p, "begins with another frame than its header");
	if (!err)
		err = frame_reader__take(&p->reader);
	if (err)
		return play__frame_error(p, err);
	c = (struct cursor){p->reader.raw.at, p->reader.raw.at + p->reader.raw.len, false};
	err = get_text(&c, &version);
	free(version);
	max_ended = get_u32(&c);
	if (!err)
		err = read_names(p, &c, &p->metrics, metric_name);
	if (!err)
		err = read_names(p, &c, &p->hooks, hook_name);
	if (!err)
		err = read_names(p, &c, &p->losses, loss_name);
	if (err)
		return err;
	if (c.bad || max_ended > MAX_ENDED_MAX)
		return play__damaged(p, "has a header that makes no sense");
	p->model = model__new(max_ended);
	return p->model ? 0 : -ENOMEM;
}
