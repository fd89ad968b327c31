/* SPDX-License-Identifier: GPL-2.0-only */
/* retprobe.h - return probes with room for many calls at once. */
#ifndef ZCTRACE_RETPROBE_H
#define ZCTRACE_RETPROBE_H

struct bpf_program;
struct bpf_link;

/*
 * Attaches a program of a section kretprobe/FUNCTION to an event of its own in tracefs, which goes with
 * retprobe__free_all. NULL where tracefs refuses: bpf_program__attach does, with less room.
 */
struct bpf_link *retprobe__attach(const struct bpf_program *p);
/* After the links are gone. */
void retprobe__free_all(void);

#endif
