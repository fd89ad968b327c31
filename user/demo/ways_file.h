/* SPDX-License-Identifier: GPL-2.0-only */
/* ways_file.h - the file that a way moves: made, put out of the page cache, looked at. 0 or a negative errno. */
#ifndef ZCTRACE_WAYS_FILE_H
#define ZCTRACE_WAYS_FILE_H

#include <stdint.h>

/* A file without a name in dir, open for reading and writing; it goes with its last descriptor. The descriptor or
 * -errno. */
int way_file__scratch(const char *dir);
/* The same file anew, with an offset of its own. The descriptor or -errno. */
int way_file__reopen(int fd, int flags);
/* Appends size bytes, none of them zero, always the same, and fsync's. */
int way_file__fill(int fd, uint64_t size);
/* A new file with a name, filled. Replaces what was there. */
int way_file__make(const char *path, uint64_t size);
/* Writes it back and drops its pages. Pages may stay (tmpfs; mapped elsewhere): ask way_file__cached_pages. */
int way_file__evict(int fd);
/* Pages of 4 KiB in the page cache, or a negative errno. Needs to own the file, or be able to write it. */
int64_t way_file__cached_pages(int fd);

#endif
