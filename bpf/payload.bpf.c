// SPDX-License-Identifier: GPL-2.0-only
/*
 * payload.bpf.c - pipes: whose bytes came out of them.
 *
 * Bytes that stay within a process are no payload, so a pipe's bytes count when they are read: in for the reader and
 * out for the last writer, if that is another process.
 */
#include "file.bpf.h"

struct pipe_key {
	u64 inode, ino; /* the number tells two lives of one address apart */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct pipe_key);
	__type(value, struct zc_owner);
} pipes SEC(".maps");

static __always_inline struct pipe_key pipe_key(struct file *f)
{
	struct inode *inode = BPF_CORE_READ(f, f_inode);

	return (struct pipe_key){.inode = (u64)inode, .ino = BPF_CORE_READ(inode, i_ino)};
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
