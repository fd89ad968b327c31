/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz.h - what the parts of the fuzzer of the views share. A case is told by its kind and a number, and is the same
 * each time: `fuzz-views KIND NUMBER` replays it.
 */
#ifndef ZCTRACE_FUZZ_H
#define ZCTRACE_FUZZ_H

#include <limits.h>

#include "snapshot.h"
#include "views.h"

/* What the figures of a case are. */
enum fuzz_kind {
	FUZZ_ZERO,     /* all 0 */
	FUZZ_ONE,      /* one metric 1, 2, 3 or the largest there is, with payload of as little: all of them in turn */
	FUZZ_FEW,      /* each 0 to 3 */
	FUZZ_MAXIMAL,  /* each the largest there is */
	FUZZ_EDGES,    /* each at an edge: of 32, 53, 63, 64 bits, or 0 or 1 */
	FUZZ_ORDINARY, /* each of any size */
	FUZZ_CONTRADICT, /* parts larger than their whole, twice as many used as there were, no payload but copies */
	FUZZ_CROWD,	 /* many processes, threads and folds */
	FUZZ_KINDS
};

extern const char *const fuzz_kinds[FUZZ_KINDS];

struct dice {
	uint64_t state;
};

uint64_t dice__roll(struct dice *d);
uint32_t dice__below(struct dice *d, uint32_t n); /* 0 to n - 1 */
bool dice__one_in(struct dice *d, uint32_t n);

#define FUZZ_TEXT PATH_MAX

/* One made-up trace, of which one snapshot after another is taken. */
struct made {
	enum fuzz_kind kind;
	uint64_t number;
	struct dice dice;
	struct snapshot s;
	struct view_opts opts;
	uint32_t n_processes, n_threads;
	uint64_t counted;		       /* so many snapshots so far */
	char text[3 + 2 * H_COUNT][FUZZ_TEXT]; /* host, kernel, cgroup, and of each hook two */
};

void made__begin(struct made *m, enum fuzz_kind kind, uint64_t number);
void made__next(struct made *m); /* figures go on, hooks come and go; m->s is the next snapshot */
void made__end(struct made *m);

/* What is wrong with an output; NULL: nothing. Each looks at all of text, of which lines end with \n. */
const char *check__text(const char *text, size_t len);
const char *check__json(const char *text, size_t len);
const char *check__svg(const char *text, size_t len);
const char *check__prom(const char *text, size_t len);

/* The live display on a screen that is not there: keys and sizes by dice. NULL, or what is wrong. */
const char *display__run(struct made *m);

#endif
