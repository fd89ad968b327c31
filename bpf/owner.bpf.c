// SPDX-License-Identifier: GPL-2.0-only
/* owner.bpf.c - the totals of work done for a process while it is not current: acc_own of acc.bpf.h. */
#include "thread.bpf.h"

/* A whole record is too large for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct zc_record);
} blank SEC(".maps");

/*
 * Work done for processes. When half of it is taken the reader puts an empty map in its place and reads the full one
 * for the last time: the kernel lets it go on only when no program uses that any more (kernel/bpf/syscall.c:
 * maybe_wait_bpf_programs). So an entry may be a process's first or its second, told apart by their uids.
 */
struct owners_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, OWNERS_MOST);
	__type(key, struct zc_owner);
	__type(value, struct zc_record);
} first_owners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, u32);
	__array(values, struct owners_map);
} owners SEC(".maps") = {.values = {&first_owners}};

__u32 owners_n; /* entries made since the reader last changed the map; it sets it to 0 */

/* A new entry. Its uid is given when it stands in the map: an interrupt may use the blank while it is copied. */
static __always_inline struct zc_record *owner_begin(void *map, const struct zc_owner *owner)
{
	struct zc_record *r;
	u32 zero = 0;

	r = bpf_map_lookup_elem(&blank, &zero);
	if (!r)
		return NULL;
	r->process = *owner;
	r->flags = ZT_OWNER;
	if (!bpf_map_update_elem(map, owner, r, BPF_NOEXIST))
		__sync_fetch_and_add(&owners_n, 1);
	r = bpf_map_lookup_elem(map, owner);
	if (r)
		__sync_val_compare_and_swap(&r->uid, 0, __sync_fetch_and_add(&next_uid, 1));
	return r;
}

__hidden void acc_own(const struct zc_owner *owner, u32 metric, u64 n)
{
	struct zc_record *r;
	u32 zero = 0;
	void *map;

	if (metric >= M_COUNT)
		return;
	if (!owner->tgid) {
		acc_system(metric, n);
		return;
	}
	map = bpf_map_lookup_elem(&owners, &zero);
	if (!map)
		return;
	r = bpf_map_lookup_elem(map, owner);
	if (!r)
		r = owner_begin(map, owner);
	if (!r) {
		acc_lost(L_OWNERS_FULL, 1);
		acc_system(metric, n);
		return;
	}
	__sync_fetch_and_add(&r->v[metric], n);
}
