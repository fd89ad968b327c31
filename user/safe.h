/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * safe.h - the one sanitiser. Bytes a process can choose (comm, cgroup names, paths, the host name) pass here before
 * they reach a terminal or a file: valid UTF-8 stays; C0, DEL, C1, bidi controls (U+061C, U+200E/F, U+202A-E,
 * U+2066-9), line separators (U+2028/9), characters of no width that hide (U+200B-D, U+2060-5, U+FEFF, tags),
 * what XML cannot hold (U+FFFE/F) and invalid bytes become \xNN, a backslash becomes \\ so that nothing can be forged.
 */
#ifndef ZCTRACE_SAFE_H
#define ZCTRACE_SAFE_H

#include <stddef.h>

/* in: len bytes, a NUL ends it early. out: always terminated, truncated at a whole character or escape. Returns out. */
char *safe_text(char *out, size_t out_len, const char *in, size_t len);
/* Columns of a terminal that a sanitised string takes (wcwidth). */
int safe_width(const char *s);
/* Bytes of the longest start of a sanitised string that fits so many columns: whole characters only. */
size_t safe_prefix(const char *s, int columns);

#endif
