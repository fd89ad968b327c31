/* SPDX-License-Identifier: GPL-2.0-only */
/* maps.h - reads the BPF maps by file descriptor. Functions return 0 or a negative errno, and print nothing but what
 * their name says. */
#ifndef ZCTRACE_MAPS_H
#define ZCTRACE_MAPS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../../bpf/metrics.h"

struct zc_record;
typedef int (*maps_record_fn)(void *ctx, const struct zc_record *r);

struct maps {
	int finals, system, unattributed, lost, targets;
	int owners;	    /* map of one map */
	int current_owners; /* what stands in it */
	int sync_prog, flush_prog, settle_prog;
	int n_cpus; /* possible ones */
};

int maps__add_target(const struct maps *m, pid_t tgid, uint64_t start_ticks, bool at_exec); /* -E2BIG: it is full */
int maps__forget_targets(const struct maps *m); /* those that an iterator has seen */
int maps__run(int prog);			/* once, in this call */
/* Runs sync_cpu (bpf/acc.bpf.c) on every online CPU. */
int maps__sync_cpus(const struct maps *m);
/* bpf/payload.bpf.c: flush_pipes, before the owners are read; settle_pipes, once, when counting has ended. */
int maps__flush_pipes(const struct maps *m);
int maps__settle_pipes(const struct maps *m);
/* Runs a task iterator, hands each record it wrote to fn (NULL: it writes none). */
int maps__run_iterator(int link_fd, maps_record_fn fn, void *ctx);
int maps__drain_finals(const struct maps *m, maps_record_fn fn, void *ctx);
int maps__read_owners(const struct maps *m, maps_record_fn fn, void *ctx);
/* Puts an empty map in the place of the current one and hands out what stood there, for the last time (ZT_EXITED).
 * Returns the new map, the caller's to close as the old one is. On an error some of what stood there is not handed out.
 */
int maps__change_owners(const struct maps *m, maps_record_fn fn, void *ctx);
/* Sum over CPUs of system lines or unattributed sums. *rx_early: bytes claimed beyond all frames seen (L_RX_EARLY). */
int maps__read_lines(int fd, int n_cpus, uint64_t v[M_COUNT], uint64_t *rx_early);
/* Events the kernel kept from a program because it was running on that CPU already; 0 if prog is negative. */
uint64_t maps__misses(int prog);
void maps__tell_misses(int prog, const char *name, const char *where); /* to stderr, if there were any */
int maps__read_lost(const struct maps *m, uint64_t lost[L_COUNT]);

#endif
