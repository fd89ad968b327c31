// SPDX-License-Identifier: GPL-2.0-only
/*
 * payload.bpf.c - what data calls moved for the process, where the calls alone do not tell.
 *
 * Pipes: whose bytes came out of them.
 *
 * Bytes that stay within a process are no payload, so a pipe's bytes count when they are read: in for the reader and
 * out for the last writer, if that is another process.
 */
#include "file.bpf.h"
#include <asm/unistd_64.h>

#define VM_WRITE 0x2
#define VM_SHARED 0x8
#define MAPPED_PAYLOAD_MIN 4096 /* looking the mapping up is dear beside a small copy */

struct pipe_key {
	u64 inode, ino; /* the number tells two lives of one address apart */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct pipe_key);
	__type(value, struct zc_owner);
} pipes SEC(".maps");

static __always_inline struct pipe_key pipe_key(const struct file *pipe)
{
	const struct file *f = file_cast(pipe);

	return (struct pipe_key){.inode = (u64)FILE_READ(f, f_inode), .ino = FILE_READ(f, f_inode, i_ino)};
}

static __always_inline bool counted(const struct slot *s)
{
	return s->traced && acc_state == ACC_ON;
}

__hidden void payload_pipe_write(struct slot *s, struct file *pipe)
{
	struct pipe_key key = pipe_key(pipe);
	struct zc_owner me = {}, *last = bpf_map_lookup_elem(&pipes, &key);

	if (counted(s))
		acc_owner_current(&me);
	if (last ? last->tgid != me.tgid || last->start_ns != me.start_ns : me.tgid)
		bpf_map_update_elem(&pipes, &key, &me, BPF_ANY);
}

__hidden void payload_pipe_read(struct slot *s, struct file *pipe, u64 n)
{
	struct pipe_key key = pipe_key(pipe);
	struct zc_owner me, *writer = bpf_map_lookup_elem(&pipes, &key);

	acc_owner_current(&me);
	if (writer && writer->tgid == me.tgid && writer->start_ns == me.start_ns)
		return;
	if (counted(s))
		slot_add(s, M_PAYLOAD_IN, n);
	if (writer && writer->tgid)
		acc_own(writer, M_PAYLOAD_OUT, n);
}

static long is_file_mapping(struct task_struct *t, struct vm_area_struct *vma, u64 *yes)
{
	struct file *f = vma->vm_file;
	u64 flags = vma->vm_flags, magic;

	if (!f || (flags & VM_WRITE && !(flags & VM_SHARED))) /* a private writable mapping: variables of the program */
		return 0;
	magic = BPF_CORE_READ(f, f_mapping, host, i_sb, s_magic);
	*yes = magic != TMPFS_MAGIC && magic != RAMFS_MAGIC; /* shared memory is nobody's file */
	return 0;
}

__hidden void payload_from_mapping(struct slot *s, u64 n)
{
	struct task_struct *t = bpf_get_current_task_btf();
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(t);
	long nr = regs->orig_ax;
	u64 yes = 0;

	if (n < MAPPED_PAYLOAD_MIN || (nr != __NR_write && nr != __NR_pwrite64 && nr != __NR_sendto))
		return;
	bpf_find_vma(t, regs->si, is_file_mapping, &yes, 0);
	if (yes)
		slot_add(s, M_PAYLOAD_IN, n);
}
