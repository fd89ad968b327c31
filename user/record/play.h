/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * play.h - a recording, read tick by tick into a model. The file is nobody's friend: whatever is in it, every function
 * returns, and what it may make us hold is capped (recording.h). Prints nothing.
 */
#ifndef ZCTRACE_PLAY_H
#define ZCTRACE_PLAY_H

#include "snapshot.h"

struct play;

/* Reads the header from fd, which it owns from here on, also on error. *ret is set unless memory ran out, and is the
 * caller's to close: play__what tells what -EBADMSG is about. 0 or a negative errno. */
int play__open(struct play **ret, int fd);
void play__close(struct play *p); /* takes NULL */

/* Goes on to the next tick. 1: there was one; 0: the recording is at its end; -EBADMSG: it is damaged here, and stays
 * at the tick before; another negative errno. */
int play__step(struct play *p);
/* The recorded time at which the next frame was written, as play__step; *ret_ns only if 1. */
int play__next_ns(struct play *p, uint64_t *ret_ns);

/* As of the last tick; points into p and holds until the next step. */
void play__snapshot(const struct play *p, struct snapshot *ret);
uint32_t play__n_ticks(const struct play *p);
uint32_t play__n_paths(const struct play *p); /* of cgroups, that it remembers */

/* What is wrong, as the rest of "the recording ...", and in the frame that begins at which byte. */
const char *play__what(const struct play *p, uint64_t *ret_at);
/* Names of metrics, hooks and losses that this zctrace does not know, one by one; NULL: no more. Untrusted. */
const char *play__unknown(const struct play *p, uint32_t i);

#endif
