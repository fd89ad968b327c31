/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * writer.h - bytes on their way to a descriptor, written by a thread: whoever hands them over waits for no reader that
 * does not read and no disk that hangs. Functions return 0 or a negative errno and print nothing.
 */
#ifndef ZCTRACE_WRITER_H
#define ZCTRACE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct writer;

/* fd stays the caller's, who may close it at any time; -1: all is kept until writer__into. At most max_bytes wait, but
 * one piece always may. cut: on an error the file is cut behind the last piece that is whole; only for one that was
 * empty and is nobody else's, for that loses whatever else is in it. */
int writer__new(struct writer **ret, int fd, size_t max_bytes, bool cut);
int writer__into(struct writer *w, int fd, bool cut);

/* A piece, copied. -ENOBUFS: too much waits already, and this piece is not taken. An earlier error comes again. */
int writer__put(struct writer *w, const void *at, size_t len);
/* A moment for the piece that was just put, unless older ones wait too: so that most errors are known at once. Returns
 * what has gone wrong so far. */
int writer__settle(struct writer *w);
/* Until all is out; -ETIMEDOUT: for so long not a byte was taken. */
int writer__wait(struct writer *w, int timeout_ms);
bool writer__busy(struct writer *w); /* there is something that waits */
int writer__error(struct writer *w); /* what has gone wrong so far */
uint64_t writer__n_taken(struct writer *w);

/* As writer__wait, then frees w. What hangs is left to the end of the process; nothing more is written then but what
 * the kernel has. Takes NULL. */
int writer__close(struct writer *w, int timeout_ms);

#endif
