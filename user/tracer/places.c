// SPDX-License-Identifier: GPL-2.0-only
/* places.c - where the reader and its cgroup are: what programs must know, and only the kernel can tell. */
#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "cgroup.h"
#include "maps.h"
#include "places.h"

int places__find(const struct bpf_program *find_reader, const struct bpf_program *find_cgroup, const char *cgroup)
{
	union bpf_iter_link_info info = {.cgroup.order = BPF_CGROUP_ITER_SELF_ONLY};
	LIBBPF_OPTS(bpf_iter_attach_opts, o, .link_info = &info, .link_info_len = sizeof(info));
	int err = maps__run(bpf_program__fd(find_reader)), fd;
	struct bpf_link *link;

	if (err || !cgroup)
		return err;
	fd = cgroup__open(cgroup);
	if (fd < 0)
		return fd;
	info.cgroup.cgroup_fd = (uint32_t)fd;
	link = bpf_program__attach_iter(find_cgroup, &o);
	err = link ? maps__run_iterator(bpf_link__fd(link), NULL, NULL) : -errno;
	bpf_link__destroy(link);
	close(fd);
	return err;
}
