/* SPDX-License-Identifier: GPL-2.0-only */
/* load.h - opens and loads the BPF programs. */
#ifndef ZCTRACE_LOAD_H
#define ZCTRACE_LOAD_H

#include <stdbool.h>

struct attached;
struct opts;
struct zctrace_bpf;

/*
 * All that the kernel takes of what serves this trace; hooks has the kernel's BTF and what was asked for, and gets the
 * object and what was refused. An error has been said.
 */
int load__skeleton(struct zctrace_bpf **ret, struct attached *hooks, const struct opts *o, bool whole_machine,
		   int cpus);

#endif
