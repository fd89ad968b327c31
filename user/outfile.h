/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * outfile.h - files that zctrace writes besides standard output. It runs as root, often behind sudo, in directories
 * that belong to somebody else: in a directory of the user behind sudo files are made with that user's rights, and no
 * link is followed. Functions return 0 or a negative errno and print nothing; outfile__why says what it means.
 *
 * What is at a path decides. A regular file is replaced by one that was written beside it, or, of a recording, emptied
 * in its place. A character device and a FIFO are written to as they are. /dev/stdout, /dev/stderr, /dev/fd/N,
 * /proc/self/fd/N and a link to one of them name a descriptor that we were started with, and are written to through it.
 * The file that standard output or standard error is in is refused: one would lose what the other holds. Everything
 * else is refused, and whatever is refused is as it was.
 */
#ifndef ZCTRACE_OUTFILE_H
#define ZCTRACE_OUTFILE_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/* What went wrong with an output, as the end of "cannot write ...: ". */
const char *outfile__why(int err);

/* Whether it can be written, as far as that is known without touching what is there. */
int outfile__check(const char *path);

/* What is there is a regular file, or nothing. */
bool outfile__is_file(const char *path);

/* Written once. A regular file is written beside its place and renamed, so that no reader ever sees a part of it. */
struct outfile {
	FILE *out;
	char path[PATH_MAX], temporary[PATH_MAX]; /* temporary: "" where what is there is written to as it is */
};

int outfile__begin(struct outfile *f, const char *path, mode_t mode);
int outfile__commit(struct outfile *f); /* on error as outfile__abort; what was there before is kept */
void outfile__abort(struct outfile *f);

/* Written in its place, for what is read while it grows. Nobody else opens it so until fd is closed. */
struct outfile_place {
	const char *path;
	int fd;
	bool regular;
	bool content; /* there is something in it that would be lost */
	bool made;    /* nothing was there; then this is what is there now: */
	dev_t dev;
	ino_t ino;
};

/* Opens it, or makes it; -EAGAIN: somebody else has it; -EOWNERDEAD: it belongs to neither us nor the user behind sudo.
 * What is in it stays. */
int outfile__hold(struct outfile_place *p, const char *path, mode_t mode);
/* From here on it is ours: what was in it goes. */
int outfile__empty(struct outfile_place *p, mode_t mode);
/* It was not to be: closes fd (-1: it is with somebody else by now), and a file that outfile__hold made is gone again.
 */
void outfile__let_go(struct outfile_place *p);

/* Replaced again and again, by one process only: fd holds the lock on the file that is there now; -1: none is. */
struct outfile_series {
	int fd;
};

/* -EAGAIN: another process has it; -ENOTSUP: what is there is no regular file. What is not there yet is no error. */
int outfile__claim(struct outfile_series *s, const char *path);
int outfile__replace(struct outfile_series *s, const char *path, mode_t mode, const void *bytes, size_t len);

#endif
