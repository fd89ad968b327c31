/* SPDX-License-Identifier: GPL-2.0-only */
/* outfile_rights.h - opening files as root and for the user behind sudo: whose rights count, and what is at a path. */
#ifndef ZCTRACE_OUTFILE_RIGHTS_H
#define ZCTRACE_OUTFILE_RIGHTS_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Ids, for the file system, of the user behind sudo while in a directory of theirs; uid 0: we stay who we are. Of the
 * calling thread only: one that hangs in a file system takes part in nothing. */
struct rights {
	uid_t uid;
	gid_t gid;
};

struct rights rights_in(const char *path);
int rights_take(struct rights r);    /* 0 or -errno */
void rights_return(struct rights r); /* also after an error */

/* With those rights, close-on-exec, no link followed. A descriptor or -errno. */
int rights_open(const char *path, int flags, mode_t mode);

enum there {
	THERE_NOTHING,
	THERE_FILE,
	THERE_STREAM,	  /* a character device or a FIFO */
	THERE_DESCRIPTOR, /* a name of one of our own descriptors */
};

/* Standard output or standard error is in this very file or pipe, whatever it is called. */
bool rights_is_output(const struct stat *st);

/* What is at path, or a negative errno if that is nothing to write to; -ENOTUNIQ: it is the file that standard output
 * or standard error is in. fd: of THERE_DESCRIPTOR. */
int rights_look(const char *path, int *fd);

#endif
