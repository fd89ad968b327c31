// SPDX-License-Identifier: GPL-2.0-only
/*
 * payload.bpf.c - what data calls moved for the process, where the calls alone do not tell.
 *
 * Pipes: whose bytes came out of them. Bytes that stay within a process are no payload, so a pipe's bytes count when
 * they are read: in for the reader and out for who wrote them, if that is another process. What is left unread when
 * another process begins to write, or when the trace ends, is out for who wrote it, unless it reads that pipe itself.
 *
 * A pipe is a stream, first in, first out (fs/pipe.c), so a place in it says who wrote it: how far it has been written
 * and read stands in one word, which both ends move at once. A reader may return before the writer of what it read:
 * those bytes are the writer's own to count, when it returns. Either counts a byte, never both.
 */
#include "file.bpf.h"
#include <asm/unistd_64.h>

#define VM_WRITE 0x2
#define VM_SHARED 0x8
#define MAPPED_PAYLOAD_MIN 4096 /* looking the mapping up is dear beside a small copy */

struct pipe_key {
	u64 inode, ino; /* the number tells two lives of one address apart */
};

struct pipe_use {
	u64 place;		/* modulo 2^32 each: read up to << 32 | written up to */
	struct zc_owner writer; /* the last one; tgid 0: not traced */
	u32 start;		/* place at which it began: what lies before it is counted */
	u32 turn;		/* odd while the writer changes */
	u32 own;		/* the writer reads from it as well */
	u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct pipe_key);
	__type(value, struct pipe_use);
} pipes SEC(".maps");

volatile __u32 pipes_used;

static __always_inline struct pipe_key pipe_key(const struct file *pipe)
{
	const struct file *f = file_cast(pipe);

	return (struct pipe_key){.inode = (u64)FILE_READ(f, f_inode), .ino = FILE_READ(f, f_inode, i_ino)};
}

static __always_inline bool counted(const struct slot *s)
{
	return s->traced && acc_state == ACC_ON;
}

static __always_inline u64 between(s32 x, u64 n)
{
	return x < 0 ? 0 : (u64)x < n ? (u64)x : n;
}

struct pipe_fill {
	u64 bufs;
	u32 tail, mask;
	u32 bytes;
};

static long add_buffer(u64 i, struct pipe_fill *fill)
{
	u64 at = (fill->tail + i) & fill->mask;

	struct pipe_buffer *buf = (struct pipe_buffer *)(fill->bufs + at * bpf_core_type_size(struct pipe_buffer));

	fill->bytes += BPF_CORE_READ(buf, len);
	return 0;
}

/* How many bytes wait in the pipe, as its writer sees it: once for each pipe that somebody traced writes to. */
static __always_inline u32 pipe_fill(struct file *f)
{
	struct pipe_inode_info *pipe = BPF_CORE_READ(f, private_data);
	struct pipe_fill fill = {.bufs = (u64)BPF_CORE_READ(pipe, bufs), .tail = BPF_CORE_READ(pipe, tail)};
	u32 used = BPF_CORE_READ(pipe, head) - fill.tail;

	fill.mask = BPF_CORE_READ(pipe, ring_size) - 1;
	bpf_loop(used <= fill.mask ? used : fill.mask + 1, add_buffer, &fill, 0);
	return fill.bytes;
}

/* What the last writer leaves unread is out for it. */
static __always_inline u64 unread(const struct pipe_use *p, u32 start)
{
	u64 place = *(volatile u64 *)&p->place;
	s32 left = (u32)place - (u32)(place >> 32), since = (u32)place - start;

	return p->writer.tgid && !p->own ? between(left < since ? left : since, ~0U) : 0;
}

/* One hand at a time; who comes second writes in the other's name, which is as true as can be of two at once. */
static __always_inline void hand_over(struct pipe_use *p, const struct zc_owner *me)
{
	u32 turn = *(volatile u32 *)&p->turn, start = p->start;
	struct zc_owner last = p->writer;
	u64 left;

	if (turn & 1 || __sync_val_compare_and_swap(&p->turn, turn, turn + 1) != turn)
		return;
	*(volatile u32 *)&p->start = *(volatile u32 *)&p->place;
	left = unread(p, start);
	p->writer = *me;
	p->own = 0;
	__sync_fetch_and_add(&p->turn, 1);
	if (left && acc_state == ACC_ON)
		acc_own(&last, M_PAYLOAD_OUT, left);
}

static __always_inline bool is_owner(const struct zc_owner *a, const struct zc_owner *b)
{
	return a->tgid == b->tgid && a->start_ns == b->start_ns;
}

/* The pipe's use with the current process as its writer; NULL if nobody traced has written to it. */
static __always_inline struct pipe_use *writes_to(struct slot *s, struct file *pipe, u64 n)
{
	struct pipe_use *p, new = {};
	struct zc_owner me = {};
	struct pipe_key key;

	if (counted(s))
		acc_owner_current(&me);
	else if (!pipes_used)
		return NULL;
	key = pipe_key(pipe);
	p = bpf_map_lookup_elem(&pipes, &key);
	if (p) {
		if (!is_owner(&p->writer, &me))
			hand_over(p, &me);
		return p;
	}
	if (!me.tgid)
		return NULL;
	pipes_used = 1;
	new.writer = me;
	new.place = (u64)(u32)(n - pipe_fill(pipe)) << 32;
	bpf_map_update_elem(&pipes, &key, &new, BPF_NOEXIST);
	return bpf_map_lookup_elem(&pipes, &key);
}

__hidden void payload_pipe_write(struct slot *s, struct file *pipe, u64 n)
{
	struct pipe_use *p = writes_to(s, pipe, n);
	u64 place, ahead;

	if (!p || !n)
		return;
	place = __sync_fetch_and_add(&p->place, n);
	if (((u32)place + n) >> 32) /* it must not carry into what was read */
		__sync_fetch_and_add(&p->place, -(1ULL << 32));
	ahead = between((u32)(place >> 32) - (u32)place, n);
	if (ahead && !p->own && counted(s))
		slot_add(s, M_PAYLOAD_OUT, ahead);
}

static __always_inline void last_writer(const struct pipe_use *p, struct zc_owner *ret)
{
	for (int i = 0; i < 4; i++) {
		u32 turn = *(volatile u32 *)&p->turn;

		*ret = *(volatile struct zc_owner *)&p->writer;
		if (!(turn & 1) && *(volatile u32 *)&p->turn == turn)
			return;
	}
	*ret = (struct zc_owner){};
}

__hidden void payload_pipe_read(struct slot *s, struct file *pipe, u64 n)
{
	struct zc_owner me, writer;
	u64 before, place, in = n;
	struct pipe_use *p = NULL;
	struct pipe_key key;
	u32 at;

	if (pipes_used && acc_state == ACC_ON) {
		key = pipe_key(pipe);
		p = bpf_map_lookup_elem(&pipes, &key);
	}
	if (p) {
		place = __sync_fetch_and_add(&p->place, n << 32);
		at = place >> 32;
		before = between(*(volatile u32 *)&p->start - at, n);
		last_writer(p, &writer);
		acc_owner_current(&me);
		if (is_owner(&writer, &me)) {
			p->own = 1;
			in = before;
		} else if (writer.tgid) {
			u64 known = between((u32)place - at, n);

			if (known > before)
				acc_own(&writer, M_PAYLOAD_OUT, known - before);
		}
	}
	if (counted(s))
		slot_add(s, M_PAYLOAD_IN, in);
}

static long settle_pipe(void *map, const struct pipe_key *key, struct pipe_use *p, void *ctx)
{
	u64 left = unread(p, p->start);

	if (left)
		acc_own(&p->writer, M_PAYLOAD_OUT, left);
	return 0;
}

/* Not attached: the reader runs it once, when counting has ended. */
SEC("raw_tp/settle_pipes")
int settle_pipes(void *ctx)
{
	bpf_for_each_map_elem(&pipes, settle_pipe, NULL, 0);
	return 0;
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
