/* SPDX-License-Identifier: GPL-2.0-only */
/* places.h - where the reader and its cgroup are, as bpf/reader.bpf.c finds it out. */
#ifndef ZCTRACE_PLACES_H
#define ZCTRACE_PLACES_H

struct bpf_program;

/* Runs both programs, the second only if a cgroup is named: between load and attach. 0 or a negative errno. */
int places__find(const struct bpf_program *find_reader, const struct bpf_program *find_cgroup, const char *cgroup);

#endif
