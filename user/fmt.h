/* SPDX-License-Identifier: GPL-2.0-only */
/* fmt.h - numbers as people read them. Buffers are the caller's, at least FMT_LEN bytes; each function returns buf. */
#ifndef ZCTRACE_FMT_H
#define ZCTRACE_FMT_H

#include <stddef.h>
#include <stdint.h>

#define FMT_LEN 32

char *fmt_bytes(char *buf, uint64_t bytes);	  /* IEC, three figures: "32.0M", "1.84G", "512" */
char *fmt_bytes_unit(char *buf, uint64_t bytes);  /* "32.0 MiB", "512 B" */
char *fmt_bytes_short(char *buf, uint64_t bytes); /* at most 4 columns: "32M", "1.8G", "512" */
char *fmt_count(char *buf, uint64_t n);		  /* "4,270" */
char *fmt_count_short(char *buf, uint64_t n);	  /* at most 4 columns: "4270", "43k" */
char *fmt_duration(char *buf, uint64_t ns);	  /* "1.84 s", "12.3 ms" */
char *fmt_ratio(char *buf, double r);		  /* "2.00" */

/* The nearest that a counter holds: 0 of what is less, the largest of what is more. */
uint64_t fmt_whole(double v);

/* Parses "32M", "32K", "320000000", "1.5G" (IEC: K = 1024). 0, or -EINVAL, -ERANGE. */
int fmt_parse_bytes(const char *s, uint64_t *ret);
/* Parses "1", "0.5", "250ms", "2s" into nanoseconds. 0, or -EINVAL. */
int fmt_parse_duration(const char *s, uint64_t *ret);

#endif
