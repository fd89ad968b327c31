/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * safe.h - the one sanitiser. Bytes that others choose (comm, cgroup names, paths, the host name, whatever is in a file
 * or comes from a stranger) pass here before they reach a terminal or a file. Valid UTF-8 that can be seen stays. What
 * acts on a terminal (C0, DEL, C1, bidi controls, line separators), what shows as nothing or as a space that is none
 * (Default_Ignorable_Code_Point, formats, blanks; so the parts of some emoji show), what XML cannot hold and invalid
 * bytes become \xNN; a backslash becomes \\ so that nothing can be forged. Quotes and markup are for each sink to
 * escape.
 */
#ifndef ZCTRACE_SAFE_H
#define ZCTRACE_SAFE_H

#include <stddef.h>

/* in: len bytes, a NUL ends it early. out: always terminated, truncated at a whole character or escape. Returns out. */
char *safe_text(char *out, size_t out_len, const char *in, size_t len);
/* The same for a string that says it has been here: if it can have been, it stays as it is, else it goes through. */
char *safe_text_again(char *out, size_t out_len, const char *in);
/* Columns of a terminal that a sanitised string takes (wcwidth). */
int safe_width(const char *s);
/* Bytes of the longest start of a sanitised string that fits so many columns: whole characters only. */
size_t safe_prefix(const char *s, int columns);

#endif
