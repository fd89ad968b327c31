/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * leaf.h - hardware breakpoints on the copy functions of lib/, one event per traced thread and function, inherited by
 * the threads and children it starts later.
 *
 * x86 has four; gdb and perf want them too. Stock kernels that refuse every probe on lib/ allow them, since they test
 * the kprobe blacklist only (arch/x86/kernel/hw_breakpoint.c:arch_build_bp_info, 6.1 to 6.12; with CONFIG_KPROBES off
 * everything counts as blacklisted). Each hit is an exception: a thread that hits too often is given up.
 */
#ifndef ZCTRACE_LEAF_H
#define ZCTRACE_LEAF_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tracer.h"

#define LEAF_MAX_HITS_PER_SECOND 100000

struct leaf;

/*
 * Tries one breakpoint on ourselves. 0, or a negative errno with *why set to a sentence (static). exact: the iterator
 * leaves instead of copy_to_user and copy_from_user.
 */
int leaf__new(struct leaf **ret, struct tracer_leaf_progs progs, bool exact, const char **why);
void leaf__free(struct leaf *l); /* takes NULL */

/* Opens the breakpoints on every thread the process has now. at_exec: they fire from its next execve on. 0 or -errno.
 */
int leaf__add(struct leaf *l, pid_t tgid, bool at_exec);
/* Disables those of threads that hit too often since the last call; returns how many processes were given up so far. */
int leaf__check_rate(struct leaf *l, uint64_t now_ns, uint32_t max_per_second);
bool leaf__given_up(const struct leaf *l, pid_t tgid);

#endif
