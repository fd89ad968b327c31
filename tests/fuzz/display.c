/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * display.c - the live display of the program, all of it but top_screen.c, which this stands for: a screen of any size
 * that takes note of what is wrong with what is put on it, and keys by dice. The source is a made-up trace.
 */
#include <string.h>

#include "fuzz.h"
#include "safe.h"
#include "top.h"
#include "top_keys.h"
#include "top_screen.h"
#include "top_text.h"

static struct {
	struct made *made;
	int columns, lines;
	bool ascii;
	int keys_left; /* before the source is looked at again */
	int turns_left;
	uint64_t now_ns;
	const char *wrong;
} here;

static void complain(const char *wrong)
{
	if (!here.wrong)
		here.wrong = wrong;
}

static void resize(void)
{
	struct dice *d = &here.made->dice;

	here.columns = 1 + (int)dice__below(d, dice__one_in(d, 8) ? 2000 : 200);
	here.lines = 1 + (int)dice__below(d, dice__one_in(d, 8) ? 500 : 60);
}

const char *screen__refusal(void)
{
	return NULL;
}

int screen__open(bool ascii)
{
	here.ascii = ascii;
	resize();
	return 0;
}

void screen__close(void)
{
}

void screen__size(int *columns, int *lines)
{
	*columns = here.columns;
	*lines = here.lines;
}

bool screen__ascii(void)
{
	return here.ascii;
}

void screen__clear(void)
{
}

int screen__put(int line, int x, enum style style, const char *text)
{
	char fitted[4096];
	int columns = 0;

	if (style > STYLE_WARNING)
		complain("a style there is not");
	if (strchr(text, '\n') || check__text(text, strlen(text)))
		complain("a byte that acts on a terminal, or is no character, on the screen");
	if (line < 0 || line >= here.lines || x < 0 || x >= here.columns)
		return x;
	text__fit(fitted, sizeof(fitted), text, here.columns - x, here.ascii, &columns);
	if (columns > here.columns - x || safe_width(fitted) != columns)
		complain("a text that is wider than its screen, or than it says");
	return x + columns;
}

void screen__fill(int line, enum style style, const char *text)
{
	screen__put(line, 0, style, text);
}

void screen__show(void)
{
}

void screen__redraw(void)
{
}

int screen__key(int *ret)
{
	struct dice *d = &here.made->dice;
	const struct top_key *row = &top_keys[dice__below(d, (uint32_t)n_top_keys)];

	if (here.keys_left-- <= 0)
		return 0;
	if (row->action == ACT_QUIT && dice__below(d, 16))
		row++;
	if (row->action == ACT_RESIZE)
		resize();
	*ret = dice__one_in(d, 5) ? (int)dice__below(d, dice__one_in(d, 2) ? 0x120000 : 0x80)
				  : row->keys[dice__below(d, 3)];
	return 1;
}

/* Time passes, and some keys are struck, as far as that goes. */
static int poll_source(void *self, int timeout_ms, int wake_fd)
{
	struct dice *d = &here.made->dice;

	(void)self;
	(void)wake_fd;
	here.now_ns += (uint64_t)timeout_ms * 1000000 + dice__below(d, 2000000000);
	here.keys_left = (int)dice__below(d, 4);
	here.turns_left--;
	return 0;
}

static int snapshot(void *self, struct snapshot *ret)
{
	struct made *m = self;

	made__next(m);
	*ret = m->s;
	return 0;
}

static uint64_t elapsed_ns(void *self)
{
	(void)self;
	return here.now_ns;
}

static bool over(void *self)
{
	(void)self;
	return here.turns_left <= 0;
}

static int stop(void *self)
{
	(void)self;
	return 0;
}

const char *display__run(struct made *m)
{
	static const struct source_ops ops = {poll_source, snapshot, elapsed_ns, over, stop, NULL};
	const struct source source = {&ops, m};
	const struct opts o = {.sort = m->opts.sort,
			       .threads = m->opts.threads,
			       .ascii = dice__below(&m->dice, 2),
			       .limit = 20};

	memset(&here, 0, sizeof(here));
	here.made = m;
	here.turns_left = 6 + (int)dice__below(&m->dice, 20);
	if (top__run(&source, &o))
		complain("the display ended with an error");
	return here.wrong;
}
