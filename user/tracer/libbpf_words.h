/* SPDX-License-Identifier: GPL-2.0-only */
/* libbpf_words.h - what libbpf says: shown or not, and whom it blames when a load fails. */
#ifndef ZCTRACE_LIBBPF_WORDS_H
#define ZCTRACE_LIBBPF_WORDS_H

/* From here on: shows what libbpf says with 2 (debugging with 3), nothing below. */
void libbpf_words__listen(int verbosity);
/* The program that its last warning since then, or since the last call of this, named; NULL: it named none. */
const char *libbpf_words__blamed(void);

#endif
