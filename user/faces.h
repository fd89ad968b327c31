/* SPDX-License-Identifier: GPL-2.0-only */
/* faces.h - shows one source through the faces that the options ask for, until it is over or a signal comes. */
#ifndef ZCTRACE_FACES_H
#define ZCTRACE_FACES_H

#include "opts.h"
#include "source.h"

/* Whether the files that the options name can be written: better known now than after an hour of tracing. 0 or a
 * negative errno, printed. */
int faces__check(const struct opts *o);
/*
 * display: the live display (top__wanted), else the plain way. Ends with the final report. 0 or a negative errno,
 * printed; -EOVERFLOW: all was shown, but more was lost than
 * --max-lost allows.
 */
int faces__run(const struct source *s, const struct opts *o, bool display);

#endif
