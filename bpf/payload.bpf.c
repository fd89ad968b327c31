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

struct pipe_writer {
	u32 tgid; /* 0: not traced */
	u32 from; /* place at which it began: what lies before it is counted */
	u64 start_ns;
};

/* One cache line. */
struct pipe_use {
	u64 inode;
	u64 place;		      /* modulo 2^32 each: read up to << 32 | written up to */
	struct pipe_writer writer[2]; /* the last one stands at turn / 2 % 2 */
	u32 ino;		      /* tells two lives of one address apart; 0: not ready */
	u32 turn;		      /* odd while the next writer is put beside the last */
	u32 own;		      /* the writer reads from it as well */
	u32 out;		      /* the last writer's, not yet in its totals */
};

/*
 * The pipes that somebody traced has written to. A table of our own: a look-up in a map costs more than all the rest
 * that is done for a read or a write of a pipe. A pipe stands in one of WAYS places in a row. When all are taken, what
 * one of them has unread is counted at once, and it is forgotten until it is written to again.
 */
#define PIPES 8192
#define WAYS 4
#define FAR (1U << 30) /* more than any two places of one pipe lie apart, and less than half of what they count to */
__u64 pipes[PIPES][sizeof(struct pipe_use) / 8]
	__attribute__((aligned(64))); /* words: the skeleton has no struct pipe_use */

static __always_inline struct pipe_use *pipe_at(u32 i)
{
	return (struct pipe_use *)pipes[i % PIPES];
}

volatile __u32 pipes_used;

static __always_inline bool counted(const struct slot *s)
{
	return s->traced && acc_state == ACC_ON;
}

/* Beside a copy site, which may be preempted, or in a raw tracepoint's program. */
static __always_inline void payload_add(struct slot *s, enum metric m, u64 n)
{
	if (acc_config.infer_copies)
		slot_count(s, m, n);
	else
		slot_add(s, m, n);
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

static __always_inline void last_writer(struct pipe_use *p, struct pipe_writer *ret)
{
	for (int i = 0; i < 4; i++) {
		u32 turn = *(volatile u32 *)&p->turn;
		volatile struct pipe_writer *w = &p->writer[turn / 2 & 1];

		ret->tgid = w->tgid;
		ret->from = w->from;
		ret->start_ns = w->start_ns;
		if (*(volatile u32 *)&p->turn / 2 == turn / 2)
			return;
	}
}

static __always_inline bool is_writer(const struct pipe_writer *w, const struct zc_owner *o)
{
	return w->tgid == o->tgid && w->start_ns == o->start_ns;
}

/* What was read of the last writer's goes to its totals, and n besides. */
static __always_inline void flush(struct pipe_use *p, u64 n)
{
	struct pipe_writer last = {};
	struct zc_owner owner = {};

	last_writer(p, &last);
	n += __sync_lock_test_and_set(&p->out, 0);
	owner.tgid = last.tgid;
	owner.start_ns = last.start_ns;
	if (n && owner.tgid)
		acc_own(&owner, M_PAYLOAD_OUT, n);
}

/* What the last writer leaves unread is out for it. */
static __always_inline void flush_all(struct pipe_use *p)
{
	u64 place = *(volatile u64 *)&p->place;
	s32 left = (u32)place - (u32)(place >> 32), since;
	struct pipe_writer last = {};

	last_writer(p, &last);
	since = (u32)place - last.from;
	flush(p, p->own ? 0 : between(left < since ? left : since, ~0U));
}

/* One hand at a time; who comes second writes in the other's name, which is as true as can be of two at once. */
static __always_inline bool turn_begin(struct pipe_use *p)
{
	u32 turn = *(volatile u32 *)&p->turn;

	return !(turn & 1) && __sync_val_compare_and_swap(&p->turn, turn, turn + 1) == turn;
}

static __always_inline void turn_end(struct pipe_use *p, const struct zc_owner *me, u32 from)
{
	volatile struct pipe_writer *next = &p->writer[(p->turn / 2 + 1) & 1];

	next->tgid = me->tgid;
	next->from = from;
	next->start_ns = me->start_ns;
	p->own = 0;
	__sync_fetch_and_add(&p->turn, 1);
}

static __always_inline void hand_over(struct pipe_use *p, const struct zc_owner *me)
{
	if (!turn_begin(p))
		return;
	flush_all(p);
	turn_end(p, me, *(volatile u64 *)&p->place);
}

static __always_inline u32 first_way(u32 ino)
{
	return ino * 0x9e3779b1U >> 19; /* golden ratio: the high 13 bits */
}

static __always_inline struct pipe_use *use_of(u64 inode, u32 ino)
{
	u32 first = first_way(ino);

	for (int i = 0; i < WAYS; i++) {
		struct pipe_use *p = pipe_at(first + i);

		if (p->inode == inode && p->ino == ino)
			return p;
	}
	return NULL;
}

/* A place for a pipe that has none, now that `me` writes n bytes to it. */
static __noinline int begin_use(struct file *pipe, u64 inode, u32 ino, u64 n)
{
	u32 first = first_way(ino), fill = pipe_fill(pipe), way = 0;
	struct zc_owner me;
	struct pipe_use *p;

	acc_owner_current(&me);
	pipes_used = 1;
	for (; way < WAYS; way++)
		if (!pipe_at(first + way)->inode)
			break;
	p = pipe_at(first + (way < WAYS ? way : ino % WAYS));
	if (!turn_begin(p))
		return 0;
	if (way < WAYS && p->inode) { /* another CPU was faster */
		__sync_fetch_and_add(&p->turn, -1);
		return 0;
	}
	if (p->inode)
		flush_all(p);
	*(volatile u32 *)&p->ino = 0; /* found by nobody till it is ready */
	*(volatile u64 *)&p->inode = inode;
	*(volatile u64 *)&p->place = (u64)(u32)(n - fill) << 32;
	turn_end(p, &me, 0);
	*(volatile u32 *)&p->ino = ino;
	return 0;
}

/* The pipe's use with the current process as its writer; NULL if nobody traced has written to it. */
static __always_inline struct pipe_use *writes_to(struct slot *s, struct file *pipe, u64 n)
{
	const struct file *f = file_cast(pipe);
	struct pipe_writer last = {};
	struct zc_owner me = {};
	struct pipe_use *p;
	u64 inode;
	u32 ino;

	if (acc_state != ACC_ON)
		return NULL;
	if (counted(s))
		acc_owner_current(&me);
	else if (!pipes_used)
		return NULL;
	inode = (u64)FILE_READ(f, f_inode);
	ino = FILE_READ(f, f_inode, i_ino);
	p = use_of(inode, ino);
	if (p) {
		last_writer(p, &last);
		if (!is_writer(&last, &me))
			hand_over(p, &me);
		return p;
	}
	if (!me.tgid)
		return NULL;
	begin_use(pipe, inode, ino, n);
	return use_of(inode, ino);
}

/* More than a pipe holds was not read: it was, by calls that are not seen (tracepoint tier: untraced splice). */
static __always_inline void skip_unseen(struct pipe_use *p, u64 place)
{
	u32 left = (u32)place - (u32)(place >> 32);

	if (left - FAR >= FAR)
		return;
	flush_all(p);
	p->writer[p->turn / 2 & 1].from = place;
	__sync_fetch_and_add(&p->place, (u64)left << 32);
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
	skip_unseen(p, place);
	ahead = between((u32)(place >> 32) - (u32)place, n);
	if (ahead && !p->own && counted(s))
		payload_add(s, M_PAYLOAD_OUT, ahead);
}

/* Takes n bytes out of the pipe; returns how many of them are in for the reader. */
static __noinline u64 read_of(struct pipe_use *p, u64 n)
{
	struct pipe_writer last = {};
	u64 place, before, known;
	struct zc_owner me;
	u32 at;

	if (!p)
		return n;
	place = __sync_fetch_and_add(&p->place, n << 32);
	at = place >> 32;
	last_writer(p, &last);
	before = between(last.from - at, n);
	if (at - last.from - FAR < FAR)
		p->writer[p->turn / 2 & 1].from = at; /* long passed: it must not seem to lie ahead */
	acc_owner_current(&me);
	if (is_writer(&last, &me)) {
		p->own = 1;
		return before;
	}
	known = between((u32)place - at, n);
	if (known > before && last.tgid && __sync_fetch_and_add(&p->out, known - before) >= FAR)
		flush(p, 0);
	return n;
}

__hidden void payload_pipe_read(struct slot *s, struct file *pipe, u64 n)
{
	const struct file *f = file_cast(pipe);
	u64 in = n;

	if (pipes_used && acc_state == ACC_ON)
		in = read_of(use_of((u64)FILE_READ(f, f_inode), FILE_READ(f, f_inode, i_ino)), n);
	if (counted(s))
		payload_add(s, M_PAYLOAD_IN, in);
}

static long flush_pipe(u64 i, void *ctx)
{
	struct pipe_use *p = pipe_at(i);

	if (p->out)
		flush(p, 0);
	return 0;
}

static long settle_pipe(u64 i, void *ctx)
{
	flush_all(pipe_at(i));
	return 0;
}

/* Not attached: the reader runs it before it reads the owners. */
SEC("raw_tp/flush_pipes")
int flush_pipes(void *ctx)
{
	bpf_loop(PIPES, flush_pipe, NULL, 0);
	return 0;
}

/* The same, once, when counting has ended. */
SEC("raw_tp/settle_pipes")
int settle_pipes(void *ctx)
{
	bpf_loop(PIPES, settle_pipe, NULL, 0);
	return 0;
}

static long is_file_mapping(struct task_struct *t, struct vm_area_struct *vma, u64 *yes)
{
	struct file *f = vma->vm_file;
	u64 flags = vma->vm_flags, magic;

	if (!f || (flags & VM_WRITE && !(flags & VM_SHARED))) /* a private writable mapping: variables of the program */
		return 0;
	magic = BPF_CORE_READ(f, f_mapping, host, i_sb, s_magic);
	*yes = is_cache(magic); /* shared memory is nobody's file */
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
		payload_add(s, M_PAYLOAD_IN, n);
}
