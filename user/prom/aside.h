/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * aside.h - a source that does Prometheus' work beside whatever face looks at it: serves --listen and writes --textfile
 * while the face waits. One state of series for both, see prom_series.h.
 */
#ifndef ZCTRACE_ASIDE_H
#define ZCTRACE_ASIDE_H

#include "opts.h"
#include "source.h"

struct aside;

/* Binds the address, before anything is attached. 0, or a negative errno and one sentence; *ret is set in either case,
 * NULL if there is nothing to do aside. */
int aside__open(struct aside **ret, const struct opts *o);
/* The source to look at instead of `inner`, which is copied; it is `inner` if a is NULL. From here on requests are
 * answered, in its poll. */
struct source aside__source(struct aside *a, const struct source *inner);
/* 0, or a negative errno, told when it happened, if a file could not be written at some time; takes NULL. */
int aside__error(const struct aside *a);
void aside__close(struct aside *a); /* takes NULL */

#endif
