/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * replay.h - a recording as a source: the same snapshots at the same recorded times. Needs no privileges and no kernel
 * of any kind. Errors are printed, as one sentence.
 */
#ifndef ZCTRACE_REPLAY_H
#define ZCTRACE_REPLAY_H

#include "opts.h"
#include "source.h"

struct replay;

/*
 * At its first tick. realtime: time passes as it was recorded, unless --speed says otherwise; else each poll goes on to
 * the next tick, at once. 0 or a negative errno; *ret is set unless memory ran out, and is the caller's to close.
 */
int replay__open(struct replay **ret, const struct opts *o, bool realtime);
struct source replay__source(struct replay *r);
bool replay__damaged(const struct replay *r); /* part of the recording could not be read, which source__stop has told */
void replay__close(struct replay *r);	      /* takes NULL */

int replay__run(const struct opts *o); /* zctrace replay: enum exit_status */

#endif
