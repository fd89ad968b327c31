// SPDX-License-Identifier: GPL-2.0-only
/*
 * pagecache.bpf.c - the page cache, page by page: hits, misses, readahead and its use, dirtying, eviction, mapping.
 *
 * Counting events and subtracting them from each other is what gives other tools cold reads with 50 % hits. Here:
 *   - an insertion (mm_filemap_add_to_page_cache, in the requester's context) is held in the thread as pending, and the
 *     page is marked "read ahead by this process, not yet used" in a map of bits, 64 pages an entry;
 *   - an access to pages first..last (a copy site, a splice, a mapping by a fault) takes the pending pages in its range
 * as misses and the pending ones outside as readahead; of the others, a marked page is readahead used, and any other
 * page a hit. Marks within the range are cleared. A folio may be many pages (xfs: 284 insertions for 4,100 pages), so
 * pages are counted, never events. Context: the task that reads, writes or faults. Files of tmpfs and ramfs are memory,
 * not a cache of anything: they are not classed, whichever way they are reached. Cannot see: touches of a page that is
 * mapped already.
 */
#include "file.bpf.h"

#define BLOCK_SHIFT 6 /* 64 pages an entry */

struct ahead_key {
	u64 inode, block;
};

struct ahead {
	u64 unused; /* bit i: page block * 64 + i was read ahead by tgid and not accessed since */
	u64 tgid;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct ahead_key);
	__type(value, struct ahead);
} ahead SEC(".maps");

__u64 clean_mappings[MAPPINGS];
__u8 soiled_mappings[MAPPINGS];

static __always_inline u64 folio_pages(const struct folio *f)
{
	u64 flags = *(const u64 *)f; /* the first word: an integer up to 6.16, a struct of one later */

	if (!(flags >> bpf_core_enum_value(enum pageflags, PG_head) & 1))
		return 1;
	if (bpf_core_field_exists(f->_folio_nr_pages))
		return f->_folio_nr_pages;
	return ((const struct folio___nr_pages *)f)->_nr_pages;
}

static __always_inline bool in_memory(const struct address_space *mapping)
{
	u64 magic = mapping->host->i_sb->s_magic;

	return !is_cache(magic);
}

static __always_inline u32 popcount(u64 x)
{
	x -= x >> 1 & 0x5555555555555555ULL;
	x = (x & 0x3333333333333333ULL) + (x >> 2 & 0x3333333333333333ULL);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
	return (x * 0x0101010101010101ULL) >> 56;
}

/* The bits of pages first..last within the block of 64 pages. */
static __always_inline u64 block_bits(u64 block, u64 first, u64 last)
{
	u64 lo = block << BLOCK_SHIFT, hi = lo + 63, bits = -1ULL;

	if (first > lo)
		bits &= -1ULL << (first - lo);
	if (last < hi)
		bits &= -1ULL >> (hi - last);
	return bits;
}

/*
 * Whether any block of this hash was ever put into `ahead`: where none was, as for files that were warm before the
 * trace, an access costs no look-up. Never cleared: taking a mark away while another thread sets one would lose a page.
 */
#define N_MARKED 65536
__u8 marked[N_MARKED];

/* By the inode's number: its address may be a pointer to the verifier, which allows no arithmetic on it. */
static __always_inline __u8 *marked_of(u64 ino, u64 block)
{
	return &marked[(ino * 0x9e3779b1 + block * 0x85ebca6b) >> 8 & (N_MARKED - 1)];
}

struct range_walk {
	u64 inode, first, last, used;
	u64 tgid, ino;
};

static long mark_block(u64 i, struct range_walk *w)
{
	struct ahead_key key = {.inode = w->inode, .block = (w->first >> BLOCK_SHIFT) + i};
	u64 bits = block_bits(key.block, w->first, w->last);
	struct ahead *a = bpf_map_lookup_elem(&ahead, &key), fresh = {.unused = bits, .tgid = w->tgid};

	*marked_of(w->ino, key.block) = 1;
	if (a && a->tgid == w->tgid)
		__sync_fetch_and_or(&a->unused, bits);
	else
		bpf_map_update_elem(&ahead, &key, &fresh, BPF_ANY);
	return 0;
}

static long use_block(u64 i, struct range_walk *w)
{
	struct ahead_key key = {.inode = w->inode, .block = (w->first >> BLOCK_SHIFT) + i};
	u64 bits = block_bits(key.block, w->first, w->last);
	struct ahead *a;

	if (!*marked_of(w->ino, key.block))
		return 0;
	a = bpf_map_lookup_elem(&ahead, &key);
	if (a && a->unused & bits && a->tgid == w->tgid)
		w->used += popcount(__sync_fetch_and_and(&a->unused, ~bits) & bits);
	return 0;
}

static __always_inline u64 walk_range(struct range_walk *w, bool mark)
{
	u64 blocks = (w->last >> BLOCK_SHIFT) - (w->first >> BLOCK_SHIFT) + 1;

	if (mark)
		bpf_loop(blocks, mark_block, w, 0);
	else if (blocks == 1)
		use_block(0, w);
	else
		bpf_loop(blocks, use_block, w, 0);
	return w->used;
}

/* Pending pages that no access of this call took: read ahead, unless they are a file system's own blocks. */
static __always_inline void flush_pending(struct slot *s, struct cache_pending *p)
{
	if (p->inode && is_regular_file(p->inode))
		slot_add(s, M_CACHE_READAHEAD, p->last - p->first + 1);
	p->inode = 0;
}

static __always_inline u64 overlap(u64 a_first, u64 a_last, u64 b_first, u64 b_last)
{
	u64 first = a_first > b_first ? a_first : b_first, last = a_last < b_last ? a_last : b_last;

	return first <= last ? last - first + 1 : 0;
}

/* What the call at hand inserted: returns how much of it lies in first..last, the rest was readahead. */
static __noinline u64 take_pending(struct slot *s, u64 inode, u64 first, u64 last)
{
	struct thread *th = acc_thread();
	u64 missed = 0;

	if (!th)
		return 0;
	for (int i = 0; i < CACHE_PENDING; i++) {
		struct cache_pending *p = &th->pending[i];
		u64 n;

		if (!p->inode)
			continue;
		if (p->inode == inode) {
			n = overlap(first, last, p->first, p->last);
			missed += n;
			if (p->last - p->first + 1 > n)
				slot_add(s, M_CACHE_READAHEAD, p->last - p->first + 1 - n);
			p->inode = 0;
		} else {
			flush_pending(s, p);
		}
	}
	th->inserted = s->inserted = 0;
	return missed;
}

__hidden void cache_access(struct slot *s, u64 inode, u64 first, u64 last)
{
	struct range_walk w = {.inode = inode, .first = first, .last = last};
	u64 pages = last - first + 1, missed = 0, used;

	if (last < first)
		return;
	if (s->inserted)
		missed = take_pending(s, inode, first, last);
	w.tgid = bpf_get_current_task_btf()->tgid;
	w.ino = inode_number((const void *)inode);
	used = walk_range(&w, false);
	used = used > missed ? used - missed : 0; /* the misses were marked when they were inserted */
	if (missed)
		slot_add(s, M_CACHE_MISS, missed);
	if (used)
		slot_add(s, M_CACHE_READAHEAD_USED, used);
	if (missed + used < pages)
		slot_add(s, M_CACHE_HIT, pages - missed - used);
	else if (missed + used > pages)
		acc_lost(L_INCONSISTENT, 1);
}

static __always_inline void add_pending(struct slot *s, struct thread *th, u64 inode, u64 first, u64 last)
{
	struct cache_pending *p;

	th->inserted = s->inserted = 1;
	for (int i = 0; i < CACHE_PENDING; i++) {
		p = &th->pending[i];
		if (p->inode == inode && p->last + 1 == first) {
			p->last = last;
			return;
		}
	}
	for (int i = 0; i < CACHE_PENDING; i++) {
		p = &th->pending[i];
		if (!p->inode) {
			*p = (struct cache_pending){inode, first, last};
			return;
		}
	}
	p = &th->pending[0];
	flush_pending(s, p);
	*p = (struct cache_pending){inode, first, last};
}

SEC("tp_btf/mm_filemap_add_to_page_cache")
int BPF_PROG(cache_add, struct folio *folio)
{
	struct range_walk w = {};
	struct thread *th;
	struct slot *s;

	if (in_memory(folio->mapping)) {
		mapping_soil(folio->mapping);
		return 0;
	}
	s = acc_current();
	if (!s || !in_task(s) || !(th = acc_thread()))
		return 0;
	mapping_soil(folio->mapping);
	w.inode = (u64)folio->mapping->host;
	w.first = folio->index;
	w.last = w.first + folio_pages(folio) - 1;
	w.tgid = bpf_get_current_task_btf()->tgid; /* as cache_access has it */
	w.ino = folio->mapping->host->i_ino;
	add_pending(s, th, w.inode, w.first, w.last);
	walk_range(&w, true);
	return 0;
}

SEC("tp_btf/mm_filemap_delete_from_page_cache")
int BPF_PROG(cache_delete, struct folio *folio)
{
	struct slot *s = acc_current();

	if (s && in_task(s))
		slot_add(s, M_CACHE_EVICTED, folio_pages(folio));
	return 0;
}

#define DIRTY_SHIFT 8 /* 256 pages an entry */
#define MAX_DIRTY_BLOCKS 8

/* Fires once per folio that turns from clean to dirty, in the context of the task that does it (mm/page-writeback.c).
 */
SEC("tp_btf/writeback_dirty_folio")
int BPF_PROG(cache_dirty, struct folio *folio, struct address_space *mapping)
{
	struct slot *s = slot_here();
	u64 first = folio->index, pages;
	struct dirtier_key key;
	struct zc_owner me, *last;

	if (!s || !mapping || acc_state != ACC_ON)
		return 0;
	pages = folio_pages(folio);
	acc_owner_current(&me);
	if (s->traced && in_task(s))
		slot_add(s, M_CACHE_DIRTIED, pages);
	else if (!(bpf_get_current_task_btf()->flags & PF_KTHREAD))
		me = (struct zc_owner){.tgid = OWNER_UNTRACED};
	key.inode = (u64)mapping->host;
	for (int i = 0; i < MAX_DIRTY_BLOCKS; i++) {
		key.block = (first >> DIRTY_SHIFT) + i;
		if (key.block > (first + pages - 1) >> DIRTY_SHIFT)
			break;
		last = bpf_map_lookup_elem(&dirtiers, &key);
		if (!last || last->tgid != me.tgid || last->start_ns != me.start_ns)
			bpf_map_update_elem(&dirtiers, &key, &me, BPF_ANY);
	}
	return 0;
}

static __always_inline int mapped(struct vm_fault *vmf, u64 nr, u64 addr, bool cow)
{
	struct slot *s = acc_current();
	struct vm_area_struct *vma = vmf->vma;
	struct file *f = vma->vm_file;
	u64 first, inode;

	if (!s || !f || cow || !nr)
		return 0;
	slot_add(s, M_MAPPED_FILE_FAULT, nr);
	if (in_memory(f->f_mapping))
		return 0;
	first = ((addr - vma->vm_start) >> PAGE_SHIFT) + vma->vm_pgoff;
	inode = (u64)f->f_mapping->host;
	cache_access(s, inode, first, first + nr - 1);
	return 0;
}

/* Where page tables get a file's page: the one that faulted and its neighbours (fault-around). A private copy is none.
 */
SEC("?fexit/do_set_pte") /* up to 6.5 */
int BPF_PROG(map_one, struct vm_fault *vmf, struct page *page, unsigned long addr)
{
	return mapped(vmf, 1, addr, vmf->cow_page == page);
}

SEC("?fexit/set_pte_range") /* later */
int BPF_PROG(map_range, struct vm_fault *vmf, struct folio *folio, struct page *page, unsigned int nr,
	     unsigned long addr)
{
	return mapped(vmf, nr, addr, vmf->cow_page == page);
}

/*
 * Without fexit: a fault is known at its beginning only, so what became of it is settled at the thread's next fault or
 * access; and the pages mapped around it are those of the range that was tried, an upper bound.
 */
static __always_inline void settle_fault(struct slot *s, struct thread *th)
{
	struct cache_pending f = th->fault;

	th->fault.inode = 0;
	if (f.inode)
		cache_access(s, f.inode, f.first, f.last);
}

SEC("?tp_btf/mm_filemap_fault")
int BPF_PROG(infer_fault, struct address_space *mapping, unsigned long index)
{
	struct slot *s = acc_current();
	struct thread *th;

	if (!s || !mapping || !(th = acc_thread()))
		return 0;
	settle_fault(s, th);
	th->fault = (struct cache_pending){(u64)mapping->host, index, index};
	slot_add(s, M_MAPPED_FILE_FAULT, 1);
	if (in_memory(mapping))
		th->fault.inode = 0;
	return 0;
}

SEC("?tp_btf/mm_filemap_map_pages")
int BPF_PROG(infer_map, struct address_space *mapping, unsigned long first, unsigned long last)
{
	struct slot *s = acc_current();
	struct thread *th;

	if (!s || !mapping || last < first || !(th = acc_thread()))
		return 0;
	settle_fault(s, th);
	slot_add(s, M_MAPPED_FILE_FAULT, last - first + 1);
	if (!in_memory(mapping))
		cache_access(s, (u64)mapping->host, first, last);
	return 0;
}
