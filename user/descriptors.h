/* SPDX-License-Identifier: GPL-2.0-only */
/* descriptors.h - how many files this process may have open: each program, map and hook of the kernel is one. */
#ifndef ZCTRACE_DESCRIPTORS_H
#define ZCTRACE_DESCRIPTORS_H

void descriptors__raise(void);	 /* as far as anybody may; a command that is started gets back what it was */
void descriptors__restore(void); /* in a child, before its execve */
/* 0 if n more can be opened; else -EMFILE and one sentence. */
int descriptors__check(unsigned int n);

#endif
