/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * outfile.h - files that zctrace writes besides standard output. It runs as root, often behind sudo, in directories
 * that belong to somebody else: in a directory of the user behind sudo files are made with that user's rights, and no
 * link is followed. Functions return 0 or a negative errno and print nothing.
 */
#ifndef ZCTRACE_OUTFILE_H
#define ZCTRACE_OUTFILE_H

#include <limits.h>
#include <stdio.h>
#include <sys/types.h>

/* Written beside its place and renamed, so that no reader ever sees a part of it. */
struct outfile {
	FILE *out;
	char path[PATH_MAX], temporary[PATH_MAX];
};

int outfile__begin(struct outfile *f, const char *path, mode_t mode);
int outfile__commit(struct outfile *f); /* on error as outfile__abort; what was there before is kept */
void outfile__abort(struct outfile *f);

/* Made anew, or emptied, in its place: for what is read while it grows. A file descriptor, or a negative errno. */
int outfile__create(const char *path, mode_t mode);

#endif
