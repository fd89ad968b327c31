/* SPDX-License-Identifier: GPL-2.0-only */
/* top.h - the live display: a source's figures as they change, until somebody quits. */
#ifndef ZCTRACE_TOP_H
#define ZCTRACE_TOP_H

#include "opts.h"
#include "source.h"

/* Whether these options ask for the display, and standard input and output are a terminal that can show it. Prints one
 * sentence if only the terminal is the obstacle. */
bool top__wanted(const struct opts *o);

/* Shows it until a key, a signal, the end of the source or of the terminal; the terminal is then as it was. 0 or a
 * negative errno, printed; -ENOTTY: there was no display, and nothing has been asked of the source. */
int top__run(const struct source *s, const struct opts *o);

#endif
