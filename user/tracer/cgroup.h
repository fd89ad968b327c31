/* SPDX-License-Identifier: GPL-2.0-only */
/* cgroup.h - cgroup v2 ids to paths and back. A cgroup's id is the inode number of its directory. */
#ifndef ZCTRACE_CGROUP_H
#define ZCTRACE_CGROUP_H

#include <stdint.h>

struct cgroups;

struct cgroups *cgroup__new(void);
void cgroup__free(struct cgroups *c); /* takes NULL */
/* "/", "/system.slice/x.service", ...: raw bytes, untrusted; NULL if it is gone or never had a name. Owned by c. */
const char *cgroup__path(struct cgroups *c, uint64_t id);
/* From "/sys/fs/cgroup/x", "/x" or "x": its directory, open. -ENOTDIR: it is no directory of cgroup v2; or what opening
 * it says. */
int cgroup__open(const char *name);

#endif
