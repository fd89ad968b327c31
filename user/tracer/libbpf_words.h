/* SPDX-License-Identifier: GPL-2.0-only */
/* libbpf_words.h - what libbpf says: shown or not. */
#ifndef ZCTRACE_LIBBPF_WORDS_H
#define ZCTRACE_LIBBPF_WORDS_H

/* From here on: shows what libbpf says with 2 (debugging with 3), nothing below. */
void libbpf_words__listen(int verbosity);

#endif
