/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * textfile.h - the file of --textfile, replaced again and again by a thread: a file system that hangs holds up nobody.
 * One process at a time has such a file.
 */
#ifndef ZCTRACE_TEXTFILE_H
#define ZCTRACE_TEXTFILE_H

#include <stdbool.h>
#include <stddef.h>

struct textfile;

/* 0, or a negative errno: the file is another process's, or cannot be replaced, whatever comes. */
int textfile__open(struct textfile **ret, const char *path);
/* The next contents; bytes is from malloc and the textfile's from here on. Only when it is not busy. */
int textfile__put(struct textfile *t, char *bytes, size_t len);
bool textfile__busy(struct textfile *t);
/* What came of the last contents: 0 or a negative errno; -ETIMEDOUT: for some seconds nothing has come of them. */
int textfile__error(struct textfile *t);
/* Until they are there, or as textfile__error says. */
int textfile__wait(struct textfile *t);
void textfile__close(struct textfile *t); /* takes NULL; what hangs is left to the end of the process */

#endif
