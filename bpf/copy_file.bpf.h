/* SPDX-License-Identifier: GPL-2.0-only */
/* copy_file.bpf.h - the copy sites of files: a part of copy.bpf.h, which includes it as often as it is included. */

#define REQ_WRITE_BIT 1 /* operations that write have odd numbers */

static __always_inline void saw_buffered(struct slot *s, struct file *f, u64 n)
{
	if (RD(f, f_flags) & O_DIRECT)
		saw(s, SEEN_BUFFERED, n);
}

static __always_inline void read_from_file(struct slot *s, struct kiocb *iocb, u8 iter_type, u64 n)
{
	enum copy_memory mem = iter_memory(iter_type);

	if (mem == MEM_USER) {
		copied_to_user(s, M_TO_USER_FILE, n);
		slot_add(s, M_PAYLOAD_IN, n);
		saw_buffered(s, RD(iocb, ki_filp), n);
	} else if (mem == MEM_KERNEL) {
		copied_in_kernel(s, M_KERN_OTHER, n);
	}
}

static __noinline int accessed_pages(struct slot *s, struct address_space *mapping, u64 first, u64 last)
{
	struct inode *inode = RD(mapping, host);

	if (!is_cache(RD(inode, i_sb, s_magic)))
		return 0;
	mapping_learn(mapping);
	cache_access(s, (u64)inode, first, last);
	return 0;
}

/* Pages of the n bytes that ended at file position end. */
static __always_inline void accessed(struct slot *s, struct file *f, u64 end, u64 n)
{
	struct address_space *mapping = RD(f, f_mapping);
	u64 first = (end - n) >> PAGE_SHIFT, last = (end - 1) >> PAGE_SHIFT;

	if (!s->inserted && mapping_clean(mapping))
		slot_add(s, M_CACHE_HIT, last - first + 1);
	else
		accessed_pages(s, mapping, first, last);
}

/* filemap_read(iocb, iter, already_read): mm/filemap.c. Advances iocb->ki_pos by what it copied. */
static __always_inline int site_filemap_read(struct slot *s, const u64 *arg, long ret)
{
	struct kiocb *iocb = (struct kiocb *)arg[0];
	struct iov_iter *iter = (struct iov_iter *)arg[1];
	u64 already = arg[2];
	long n = ret - (long)already;

	if (ret <= 0 || n <= 0)
		return 0;
	read_from_file(s, iocb, RD(iter, iter_type), n);
	accessed(s, RD(iocb, ki_filp), RD(iocb, ki_pos), n);
	return 0;
}
SITE_MOSTLY(filemap_read)

/* shmem_file_read_iter(iocb, iter): mm/shmem.c. tmpfs passes no page-cache tracepoint, so its pages are not classed. */
static __always_inline int site_shmem_file_read_iter(struct slot *s, const u64 *arg, long ret)
{
	struct kiocb *iocb = (struct kiocb *)arg[0];
	struct iov_iter *iter = (struct iov_iter *)arg[1];

	if (ret > 0)
		read_from_file(s, iocb, RD(iter, iter_type), ret);
	return 0;
}
SITE(shmem_file_read_iter)

static __always_inline void written_to_file(struct slot *s, struct kiocb *iocb, u8 iter_type, u64 n, u64 end)
{
	enum copy_memory mem = iter_memory(iter_type);
	struct file *f = RD(iocb, ki_filp);

	if (mem == MEM_USER) {
		copied_from_user(s, M_FROM_USER_FILE, n);
		slot_add(s, M_PAYLOAD_OUT, n);
		payload_from_mapping(s, n);
		saw_buffered(s, f, n);
	} else if (mem == MEM_KERNEL) {
		copied_in_kernel(s, M_KERN_TO_FILE, n);
	}
	accessed(s, f, end, n);
}

/* generic_perform_write(iocb, iter): mm/filemap.c; ext4, tmpfs, f2fs, block devices up to 6.5. Advances ki_pos. */
static __always_inline int site_generic_perform_write(struct slot *s, const u64 *arg, long ret)
{
	struct kiocb *iocb = (struct kiocb *)arg[0];
	struct iov_iter *iter = (struct iov_iter *)arg[1];

	if (ret > 0)
		written_to_file(s, iocb, RD(iter, iter_type), ret, RD(iocb, ki_pos));
	return 0;
}
SITE(generic_perform_write)

/* iomap_file_buffered_write(iocb, iter, ...): fs/iomap/buffered-io.c; xfs, block devices. Advances ki_pos since 6.5. */
static __always_inline int site_iomap_file_buffered_write(struct slot *s, const u64 *arg, long ret)
{
	struct kiocb *iocb = (struct kiocb *)arg[0];
	struct iov_iter *iter = (struct iov_iter *)arg[1];
	u64 end;

	if (ret <= 0)
		return 0;
	end = RD(iocb, ki_pos);
	if (LINUX_KERNEL_VERSION < KERNEL_VERSION(6, 5, 0))
		end += ret;
	written_to_file(s, iocb, RD(iter, iter_type), ret, end);
	return 0;
}
SITE(iomap_file_buffered_write)

/* btrfs_buffered_write(iocb, iter): fs/btrfs/file.c, in the module. Advances ki_pos. */
static __always_inline int site_btrfs_buffered_write(struct slot *s, const u64 *arg, long ret)
{
	struct kiocb *iocb = (struct kiocb *)arg[0];
	struct iov_iter *iter = (struct iov_iter *)arg[1];

	if (ret > 0)
		written_to_file(s, iocb, RD(iter, iter_type), ret, RD(iocb, ki_pos));
	return 0;
}
SITE(btrfs_buffered_write)

/*
 * bio_iov_iter_bounce(bio, iter, maxlen, minsize): block/bio.c of 7.3; 0 or an error. Direct I/O where nobody may
 * change the data on its way, because it has a checksum or goes to several disks: of a write a copy is made here.
 * Cannot see: the copy of a read, which a worker makes when it has ended.
 */
static __always_inline int site_bio_iov_iter_bounce(struct slot *s, const u64 *arg, long ret)
{
	struct bio *bio = (struct bio *)arg[0];
	struct iov_iter *iter = (struct iov_iter *)arg[1];
	enum copy_memory mem = iter_memory(RD(iter, iter_type));
	u32 n = RD(bio, bi_iter.bi_size);

	if ((int)ret || !(RD(bio, bi_opf) & REQ_WRITE_BIT))
		return 0;
	if (mem == MEM_USER) {
		copied_from_user(s, M_FROM_USER_FILE, n);
		slot_add(s, M_PAYLOAD_OUT, n);
		payload_from_mapping(s, n);
		saw(s, SEEN_BUFFERED, n);
	} else if (mem == MEM_KERNEL) {
		copied_in_kernel(s, M_KERN_TO_FILE, n);
	}
	return 0;
}
SITE(bio_iov_iter_bounce)

/* filemap_splice_read(in, ppos, pipe, len, flags): mm/filemap.c since 6.5; takes page references. Advances *ppos. */
static __always_inline int site_filemap_splice_read(struct slot *s, const u64 *arg, long ret)
{
	struct file *in = (struct file *)arg[0];
	const loff_t *ppos = (const loff_t *)arg[1];
	u64 end;

	if (ret > 0 && !bpf_probe_read_kernel(&end, sizeof(end), ppos))
		accessed(s, in, end, ret);
	return 0;
}
SITE(filemap_splice_read)
