/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * output.h - standard output for what runs for long: pages are made in memory and written by a thread, so that a reader
 * who does not read holds up nobody. Functions return 0 or a negative errno unless said otherwise.
 */
#ifndef ZCTRACE_OUTPUT_H
#define ZCTRACE_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

/* First thing in main: descriptors 0 to 2 are taken, so that no file of ours gets the number of one that was closed;
 * what was closed stays so to who reads or writes it. Messages do not wait for who does not read them. */
void output__prepare(void);

struct writer;
struct output {
	struct writer *to; /* from the first page on */
	FILE *page;
	char *bytes;
	size_t len;
};

/* A page to print to; NULL: out of memory. */
FILE *output__page(struct output *o);
/* Hands it over; err: what printing to it gave, in which case it is dropped and err comes back. */
int output__send(struct output *o, int err);
bool output__takes(void);		   /* there is room for a page that is sent now */
bool output__busy(const struct output *o); /* an earlier page is not out yet */
int output__error(const struct output *o);
/*
 * Until all is out, however long that takes, unless asked() says, or said before and hasty is set, that it is time to
 * go: then -ETIMEDOUT once nothing was taken for some seconds.
 */
int output__finish(struct output *o, bool (*asked)(void), bool hasty);
void output__close(struct output *o);

#endif
