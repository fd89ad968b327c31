/* SPDX-License-Identifier: GPL-2.0-only */
/* play_tell.h - what is wrong with a recording, as sentences on standard error. */
#ifndef ZCTRACE_PLAY_TELL_H
#define ZCTRACE_PLAY_TELL_H

struct play;

/* err: what play__open or play__step gave, or -ENODATA: there is no tick in it. play NULL: it could not be opened. */
void play_tell__error(const struct play *p, const char *path, int err);
void play_tell__unknown(const struct play *p, const char *path); /* names that this zctrace does not know */

#endif
