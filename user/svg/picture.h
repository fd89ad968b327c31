/* SPDX-License-Identifier: GPL-2.0-only */
/* picture.h - the file of --svg. 0, or -EIO after one sentence on standard error. */
#ifndef ZCTRACE_PICTURE_H
#define ZCTRACE_PICTURE_H

#include <stdbool.h>
#include <stdio.h>

/* Whether it can be written: better known now than after an hour of tracing. path NULL: none was asked for. */
int picture__check(const char *path);
/* It is written beside its place: nobody who reads it can hold us up. */
bool picture__is_file(const char *path);
/* draw returns 0 or a negative errno; what was there before is kept unless all of the new one was written. */
int picture__write(const char *path, int (*draw)(FILE *out, const void *ctx), const void *ctx);

#endif
