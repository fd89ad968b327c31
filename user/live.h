/* SPDX-License-Identifier: GPL-2.0-only */
/* live.h - a trace of this machine as a source: what the options name, from attach to its end. */
#ifndef ZCTRACE_LIVE_H
#define ZCTRACE_LIVE_H

#include "opts.h"
#include "source.h"

struct live;

/* Attaches, starts and releases the command if there is one; counting has begun. 0 or a negative errno, printed but for
 * -EINTR: a signal came first. *ret
 * is set in either case and is the caller's to close. */
int live__open(struct live **ret, const struct opts *o);
struct source live__source(struct live *l);
/* The recording, if there is one, is ended; printed and -EIO if not all of it could be written. */
int live__end_record(struct live *l);
void live__close(struct live *l); /* takes NULL */

#endif
