/* SPDX-License-Identifier: GPL-2.0-only */
/* cgroup.h - cgroup v2 ids to paths and back. A cgroup's id is the inode number of its directory. */
#ifndef ZCTRACE_CGROUP_H
#define ZCTRACE_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

struct cgroups;

/*
 * Ids and paths that are remembered before it is crowded: then whoever knows which are still wanted says so, and the
 * rest are forgotten. No bound where more than half of them are wanted: it is crowded again at twice what was left.
 */
#define CGROUPS_MAX 8192

struct cgroups *cgroup__new(void);
void cgroup__free(struct cgroups *c); /* takes NULL */
/* "/", "/system.slice/x.service", ...: raw bytes, untrusted; NULL if it had gone when it was first asked for, or never
 * had a name. Owned by c, until cgroup__forget. */
const char *cgroup__path(struct cgroups *c, uint64_t id);
bool cgroup__crowded(const struct cgroups *c);
void cgroup__keep(struct cgroups *c, uint64_t id); /* over the next cgroup__forget */
void cgroup__forget(struct cgroups *c);		   /* all that are not kept */
/* From "/sys/fs/cgroup/x", "/x" or "x": its directory, open. -ENOTDIR: it is no directory of cgroup v2; or what opening
 * it says. */
int cgroup__open(const char *name);

#endif
