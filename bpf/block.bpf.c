// SPDX-License-Identifier: GPL-2.0-only
/*
 * block.bpf.c - disk transfers, and whose they are.
 *
 * The owner is decided when the bio is queued (block_bio_queue, in the submitter's context): for a write from the page
 * cache the process that last made that part of the file dirty; otherwise the submitting process; for kernel threads
 * nobody. The bytes are counted when the request completes (block_rq_complete, interrupt context), bio by bio, since a
 * merged request may carry several owners'. Completion happens once per request whatever the stacking; requests of
 * device mapper and loop devices are left to the device beneath. RAM disks have no requests: theirs count when queued.
 * Cannot see: passthrough commands, transfers that never become a bio.
 */
#include "file.bpf.h"

#define REQ_OP_MASK 0xff
#define REQ_OP_READ 0
#define REQ_OP_WRITE 1
#define REQ_OP_ZONE_APPEND_OLD 13 /* up to 6.8 */
#define REQ_OP_ZONE_APPEND 7
#define MAX_BIOS 256
#define PAGE_MAPPING_FLAGS 3

/* Class of each disk, enum zc_disk_class, by dev_t of the whole disk: only user/tracer/objects.c can tell. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, u32);
	__type(value, u32);
} disks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 262144);
	__type(key, u64); /* struct bio * */
	__type(value, struct zc_owner);
} bio_owners SEC(".maps");

static __always_inline u32 disk_class(const struct gendisk *d)
{
	u32 dev, *class;

	if (!d)
		return ZD_UNKNOWN;
	dev = (u32)d->major << 20 | (u32)d->first_minor;
	class = bpf_map_lookup_elem(&disks, &dev);
	return class ? *class : ZD_UNKNOWN;
}

static __always_inline bool moves_data(u32 op)
{
	op &= REQ_OP_MASK;
	return op == REQ_OP_READ || op == REQ_OP_WRITE || op == REQ_OP_ZONE_APPEND || op == REQ_OP_ZONE_APPEND_OLD;
}

static __always_inline bool is_write(u32 op)
{
	return (op & REQ_OP_MASK) != REQ_OP_READ;
}

/*
 * The first page of a folio, by the address of any. In a tail page bit 0 of one word is set. The other bits are the
 * head's address, or since 7.x in most kernels a mask that makes the head's address of the tail's
 * (include/linux/page-flags.h: set_compound_head). These tell themselves apart: the head comes before the tail, whereas
 * the mask, all ones but for the low bits, is greater than the address of any page.
 */
static __always_inline u64 head_of(const struct page *page)
{
	const struct page___info *info = (const void *)page;
	u64 word = bpf_core_field_exists(info->compound_info) ? BPF_CORE_READ(info, compound_info)
							      : BPF_CORE_READ(page, compound_head);

	if (!(word & 1))
		return (u64)page;
	return word - 1 > (u64)page ? word & (u64)page : word - 1;
}

enum dirtier { NO_WRITEBACK, BY_NOBODY_KNOWN, BY_OWNER };

/*
 * Who made the first page of a write dirty. Direct I/O is no writeback, though its memory may be a mapped file: the
 * pages it names are not marked as being written back.
 */
static __always_inline enum dirtier dirtier_of(struct bio *bio, struct zc_owner *owner)
{
	struct dirtier_key key = {};
	struct zc_owner *last;
	u64 vec = (u64)BPF_CORE_READ(bio, bi_io_vec); /* an integer: 6.1 allows no arithmetic on the pointer */
	struct page *page;
	struct folio *folio;
	u64 head, mapping, flags;

	vec += BPF_CORE_READ(bio, bi_iter.bi_idx) * bpf_core_type_size(struct bio_vec);
	page = BPF_CORE_READ((struct bio_vec *)vec, bv_page);
	if (!page)
		return NO_WRITEBACK;
	/* the folio says which file, the distance says how far into it */
	head = head_of(page);
	key.block = ((u64)page - head) / bpf_core_type_size(struct page);
	folio = (struct folio *)head;
	mapping = (u64)BPF_CORE_READ(folio, mapping);
	if (!mapping || mapping & PAGE_MAPPING_FLAGS)
		return NO_WRITEBACK;
	if (bpf_probe_read_kernel(&flags, sizeof(flags), folio) || /* the first word: an integer or a struct of one */
	    !(flags >> bpf_core_enum_value(enum pageflags, PG_writeback) & 1))
		return NO_WRITEBACK;
	key.block = (key.block + BPF_CORE_READ(folio, index)) >> 8;
	key.inode = (u64)BPF_CORE_READ((struct address_space *)mapping, host);
	last = bpf_map_lookup_elem(&dirtiers, &key);
	if (!last)
		return BY_NOBODY_KNOWN;
	*owner = *last;
	return BY_OWNER;
}

/* false: another process's, which is not traced */
static __always_inline bool owner_of(struct bio *bio, struct slot *s, struct zc_owner *owner)
{
	__builtin_memset(owner, 0, sizeof(*owner));
	if (is_write(bio->bi_opf) && dirtier_of(bio, owner) != NO_WRITEBACK)
		return owner->tgid != OWNER_UNTRACED;
	if (!in_task(s) || bpf_get_current_task_btf()->flags & PF_KTHREAD)
		return true; /* nobody's */
	if (!s->traced)
		return false;
	acc_owner_current(owner);
	return true;
}

SEC("tp_btf/block_bio_queue")
int BPF_PROG(bio_queue, struct bio *bio)
{
	struct slot *s = slot_here();
	struct zc_owner owner;
	u64 key = (u64)bio;
	u32 class;

	if (!s || acc_state != ACC_ON || !moves_data(bio->bi_opf))
		return 0;
	class = disk_class(bio->bi_bdev->bd_disk);
	if (class == ZD_STACKED)
		return 0;
	if (class == ZD_UNKNOWN) {
		acc_lost(L_UNKNOWN_DISK, 1);
		return 0;
	}
	if (!owner_of(bio, s, &owner)) {
		bpf_map_delete_elem(&bio_owners, &key); /* its namesake's, which was not seen to end */
		return 0;
	}
	if (class == ZD_CPU_BIO) {
		acc_own(&owner, M_KERN_DEVICE, bio->bi_iter.bi_size);
		acc_own(&owner, M_DISK_REQUESTS, 1);
		return 0;
	}
	if (bpf_map_update_elem(&bio_owners, &key, &owner, BPF_ANY))
		acc_lost(L_BIO_FULL, 1);
	return 0;
}

/* false: not known. */
static __always_inline bool lookup_bio(struct bio *bio, struct zc_owner *owner)
{
	u64 key = (u64)bio;
	struct zc_owner *o = bpf_map_lookup_elem(&bio_owners, &key);

	if (!o)
		return false;
	*owner = *o;
	return true;
}

/*
 * The front of a bio that is too large for the device becomes one of its own, whose bi_private is the rest. They
 * complete in any order, so each has its own entry.
 */
SEC("tp_btf/block_split")
int BPF_PROG(bio_split, struct bio *front)
{
	struct zc_owner owner;
	u64 key = (u64)front;

	if (acc_state != ACC_ON)
		return 0;
	if (!lookup_bio(front->bi_private, &owner))
		bpf_map_delete_elem(&bio_owners, &key);
	else if (bpf_map_update_elem(&bio_owners, &key, &owner, BPF_ANY))
		acc_lost(L_BIO_FULL, 1);
	return 0;
}

static __always_inline enum metric transfer_metric(u32 class, u32 op)
{
	if (class != ZD_DMA)
		return M_KERN_DEVICE;
	return is_write(op) ? M_DMA_DISK_WRITE : M_DMA_DISK_READ;
}

struct rq_walk {
	u32 left, failed;
	u32 metric, known; /* known: the bio at hand has an owner */
	struct zc_owner owner;
};

/* Not found: in flight when counting began, or another process's. Only when all are traced is it surely the former. */
static __always_inline bool add_transfer(struct rq_walk *w, u32 n)
{
	if (w->known)
		acc_own(&w->owner, w->metric, n);
	else if (acc_config.whole_machine)
		acc_system(w->metric, n);
	return w->known;
}

static __noinline int walk_bios(struct request *rq, struct rq_walk *w)
{
	struct bio *bio = rq->bio;

	for (int i = 0; i < MAX_BIOS && bio && w->left; i++) {
		u32 size = BPF_CORE_READ(bio, bi_iter.bi_size), n = size < w->left ? size : w->left;
		u64 key = (u64)bio;
		struct zc_owner *o = bpf_map_lookup_elem(&bio_owners, &key);

		w->known = o != NULL;
		if (o)
			w->owner = *o;
		if (!w->failed)
			add_transfer(w, n);
		if (n == size)
			bpf_map_delete_elem(&bio_owners, &key);
		w->left -= n;
		bio = BPF_CORE_READ(bio, bi_next);
	}
	if (w->left && !w->failed) {
		acc_lost(L_BIO_WALK, 1);
		add_transfer(w, w->left);
	}
	return 0;
}

SEC("tp_btf/block_rq_complete")
int BPF_PROG(rq_complete, struct request *rq, u8 error, unsigned int nr_bytes)
{
	struct slot *s = slot_here();
	struct rq_walk w = {};
	u32 class, op = rq->cmd_flags;
	u64 bounced;

	if (!s || acc_state != ACC_ON)
		return 0;
	bounced = s->bounced_bytes;
	s->bounced_bytes = 0;
	if (!moves_data(op) || !nr_bytes)
		return 0;
	class = disk_class(rq->q->disk);
	if (class != ZD_DMA && class != ZD_CPU)
		return 0;
	w.left = nr_bytes;
	w.failed = error;
	w.metric = transfer_metric(class, op);
	w.known = lookup_bio(rq->bio, &w.owner);
	if (!error && nr_bytes >= rq->__data_len && (w.known || acc_config.whole_machine))
		acc_own(&w.owner, M_DISK_REQUESTS, 1);
	if (bounced && (w.known || acc_config.whole_machine))
		acc_own(&w.owner, M_KERN_BOUNCE, bounced);
	walk_bios(rq, &w);
	return 0;
}

/* The driver maps the data before it starts the request, so what was bounced since the last one was bounced for it. */
SEC("tp_btf/block_rq_issue")
int BPF_PROG(rq_issue, struct request *rq)
{
	struct slot *s = slot_here();
	struct zc_owner owner = {};
	u64 bounced;

	if (!s || !s->bounced_bytes || acc_state != ACC_ON)
		return 0;
	bounced = s->bounced_bytes;
	s->bounced_bytes = 0;
	if ((rq->bio && lookup_bio(rq->bio, &owner)) || acc_config.whole_machine)
		acc_own(&owner, M_KERN_BOUNCE, bounced);
	return 0;
}

static __always_inline int merged(struct bio *bio)
{
	struct zc_owner owner = {};
	u32 class;

	if (acc_state != ACC_ON || !bio || !moves_data(bio->bi_opf))
		return 0;
	class = disk_class(bio->bi_bdev->bd_disk);
	if (class != ZD_DMA && class != ZD_CPU)
		return 0;
	if (lookup_bio(bio, &owner) || acc_config.whole_machine)
		acc_own(&owner, M_DISK_MERGES, 1);
	return 0;
}

SEC("tp_btf/block_bio_backmerge")
int BPF_PROG(bio_backmerge, struct bio *bio)
{
	return merged(bio);
}

SEC("tp_btf/block_bio_frontmerge")
int BPF_PROG(bio_frontmerge, struct bio *bio)
{
	return merged(bio);
}

SEC("tp_btf/block_rq_merge")
int BPF_PROG(rq_merge, struct request *rq)
{
	return merged(rq->bio);
}
