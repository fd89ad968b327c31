/* SPDX-License-Identifier: GPL-2.0-only */
/* outfile_parts.h - what outputs that are written once and those that grow have in common; for outfile*.c alone. */
#ifndef ZCTRACE_OUTFILE_PARTS_H
#define ZCTRACE_OUTFILE_PARTS_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/* What is neither a regular file nor nothing (there and named: of rights_look). A descriptor, or a negative errno. */
int part_open_as_it_is(const char *path, int there, int named);

/* -EAGAIN: somebody else has it. A lock that the file system does not know of is none. */
int part_lock(int fd);
/* The same for a file that everybody may open: a lock that only strangers have keeps neither root nor its owner out,
 * and then there may be none of ours. */
int part_lock_readable(int fd);
bool part_is_at(int fd, const char *path); /* it is the file of that name */
void part_set_mode(int fd, mode_t mode);   /* whatever the umask is */

/* A locked file of our own beside path. A descriptor, or a negative errno. */
int part_make_beside(char temporary[PATH_MAX], const char *path, mode_t mode);
/* Over a regular file or nothing, and over nothing else. */
int part_rename(const char *temporary, const char *path);

#endif
