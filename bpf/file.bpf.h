/* SPDX-License-Identifier: GPL-2.0-only */
/* file.bpf.h - what kind of object a file is, as definitions use the words: file, socket, pipe, other. */
#ifndef ZCTRACE_FILE_BPF_H
#define ZCTRACE_FILE_BPF_H

#include "acc.bpf.h"

#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define S_IFREG 0100000
#define S_IFBLK 0060000
#define S_IFIFO 0010000
#define TMPFS_MAGIC 0x01021994
#define RAMFS_MAGIC 0x858458f6
#define O_DIRECT 040000
#define PAGE_SHIFT 12

enum object { OBJ_NONE, OBJ_FILE, OBJ_SOCKET, OBJ_PIPE, OBJ_OTHER };

/* A struct file whose address came as a number, for FILE_READ (file.bpf.c). */
struct file *file_cast(const void *f) __hidden;
/* The same of the one whose address stands at `place`, NULL if none does. */
struct file *file_at(const void *place) __hidden;
/* The same for an inode: its number. */
u64 inode_number(const void *inode) __hidden;

/* A field behind a file from file_cast, as BPF_CORE_READ has it. */
#define FILE_READ(f, ...) (acc_config.can_cast ? ___arrow(f, __VA_ARGS__) : BPF_CORE_READ(f, __VA_ARGS__))

/* The open file behind a descriptor of the current process, NULL if there is none (any more). For FILE_READ only. */
static __always_inline struct file *fd_file(int fd)
{
	struct task_struct *t = bpf_get_current_task_btf();
	struct files_struct *files = t->files;
	struct fdtable *fdt;

	if (!files)
		return NULL;
	fdt = files->fdt;
	if (!fdt || fd < 0 || (u32)fd >= fdt->max_fds)
		return NULL;
	return file_at(fdt->fd + fd);
}

/* A regular file is a file if a page cache stands behind it; procfs, sysfs and their kin have none. */
static __always_inline enum object file_object(const struct file *f)
{
	if (!f)
		return OBJ_NONE;
	switch (FILE_READ(f, f_inode, i_mode) & S_IFMT) {
	case S_IFSOCK:
		return OBJ_SOCKET;
	case S_IFIFO:
		return OBJ_PIPE;
	case S_IFBLK:
		return OBJ_FILE;
	case S_IFREG:
		if (FILE_READ(f, f_mapping, a_ops, read_folio))
			return OBJ_FILE;
		return FILE_READ(f, f_inode, i_sb, s_magic) == TMPFS_MAGIC ? OBJ_FILE : OBJ_OTHER;
	default:
		return OBJ_OTHER;
	}
}

#define MEM_MAJOR 1 /* character devices of memory: include/uapi/linux/major.h, drivers/char/mem.c */
#define MINOR_NULL 3
#define MINOR_ZERO 5
#define MINOR_FULL 7

/* Memory devices that take and give without copying: nothing is written to /dev/null, and zeros are made. */
static __always_inline bool copies_nothing(const struct file *f)
{
	u32 dev = FILE_READ(f, f_inode, i_rdev), minor = dev & 0xfffff; /* 0 of what is no device */

	return dev >> 20 == MEM_MAJOR && (minor == MINOR_NULL || minor == MINOR_ZERO || minor == MINOR_FULL);
}

/* Not a file system's own blocks: a block device's pages, or those of an inode without a name (btrfs). */
static __always_inline bool is_regular_file(u64 inode)
{
	return (BPF_CORE_READ((struct inode *)inode, i_mode) & S_IFMT) == S_IFREG;
}

/* The number of the system call the current task is in, -1 if none. */
static __always_inline long current_call(void)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());

	return regs->orig_ax;
}

#define TS_COMPAT 2

/* Whether that is a 32-bit call, whose numbers mean something else. */
static __always_inline bool is_compat(void)
{
	return bpf_get_current_task_btf()->thread_info.status & TS_COMPAT;
}

/*
 * Page-cache accesses, counted by page (pagecache.bpf.c): pages first..last of inode were read, written or mapped by
 * the current task, which is traced and whose slot is s.
 */
void cache_access(struct slot *s, u64 inode, u64 first, u64 last) __hidden;

/* By its file system: memory file systems are no cache of anything. */
static __always_inline bool is_cache(u64 magic)
{
	return magic != TMPFS_MAGIC && magic != RAMFS_MAGIC;
}

/*
 * What most accesses need to know of a file, by its mapping: clean_mappings has it if it is known to be a cache of
 * something and to have had no page read ahead since the trace began, so that an access is a hit in every page that the
 * call at hand did not insert. Whoever marks a page, or inserts one into a memory file system, soils its mapping first;
 * so an address that has a second life is no harm. Never cleaned: see `marked` in pagecache.bpf.c.
 */
#define MAPPINGS 4096
extern __u64 clean_mappings[MAPPINGS];
extern __u8 soiled_mappings[MAPPINGS];

static __always_inline u32 mapping_hash(const struct address_space *m)
{
	register u64 low asm("r2") = (u64)m;

	asm volatile("w2 = w2" : "+r"(low)); /* a number: the verifier allows no arithmetic on the pointer */
	return (u32)low * 0x9e3779b1U >> 20;
}

static __always_inline bool mapping_clean(const struct address_space *m)
{
	return clean_mappings[mapping_hash(m) & (MAPPINGS - 1)] == (u64)m;
}

static __always_inline void mapping_soil(const struct address_space *m)
{
	u32 i = mapping_hash(m) & (MAPPINGS - 1);

	*(volatile u8 *)&soiled_mappings[i] = 1;
	*(volatile u64 *)&clean_mappings[i] = 0;
}

/* m is no memory file system's. Looks again after a full barrier: it may be soiled at this moment. */
static __always_inline void mapping_learn(const struct address_space *m)
{
	u32 i = mapping_hash(m) & (MAPPINGS - 1);

	if (*(volatile u8 *)&soiled_mappings[i])
		return;
	__sync_lock_test_and_set(&clean_mappings[i], (u64)m);
	if (*(volatile u8 *)&soiled_mappings[i])
		*(volatile u64 *)&clean_mappings[i] = 0;
}

/*
 * Who made a block of 1 MiB of a file dirty last (pagecache.bpf.c): the owner of its writeback (block.bpf.c). No entry:
 * that was before the trace.
 */
#define OWNER_UNTRACED 0xffffffffU /* as tgid: a process that is not traced */
struct dirtier_key {
	u64 inode, block;
};
struct dirtiers_map {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct dirtier_key);
	__type(value, struct zc_owner);
};
extern struct dirtiers_map dirtiers SEC(".maps");

/*
 * Bytes through a pipe are payload if reader and writer are different processes: known when they are read. Both are
 * called for every task, traced or not, when n bytes were moved (payload.bpf.c). A write may be told of before as well,
 * with n 0, so that whoever reads it before it returns knows whose it is.
 */
extern volatile __u32
	pipes_used; /* somebody traced has written to one: until then nothing is to be told for the others */
void payload_pipe_write(struct slot *s, struct file *pipe, u64 n) __hidden;
void payload_pipe_read(struct slot *s, struct file *pipe, u64 n) __hidden;
/* The current task's write, pwrite or send took n bytes out of its memory: in from a mapped file, if they lie in one.
 */
void payload_from_mapping(struct slot *s, u64 n) __hidden;

#endif
