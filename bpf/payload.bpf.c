// SPDX-License-Identifier: GPL-2.0-only
/*
 * payload.bpf.c - what data calls moved for the process, where the calls alone do not tell.
 *
 * Pipes: whose bytes came out of them. Bytes that stay within a process are no payload, so what is written to a pipe
 * is out for its writer when another process has read it, or when nobody will: the trace ends, or somebody else begins
 * to write. A pipe that is written to is followed in one of two states:
 *
 *	state    since                            written                      read
 *	single   its first write by a traced      moves the level up; out is   moves the level down; what of it was
 *	         process: one process has         what was read already        written by then is out for the writer;
 *	         written so far                                                in, unless the writer itself reads
 *	shared   another process wrote: never     out at once                  in at once
 *	         single again
 *
 * The level is what the writer has written less what was read. It and the state stand in one word, which both ends move
 * by one atomic addition, so that each byte is counted by exactly one of: who reads it after its writer returned, its
 * writer if it was read before that (a reader may return first), who turns the pipe to shared, and the end of the
 *trace. Whoever finds the pipe shared in the word that its addition gave back counts on its own.
 *
 * Cannot tell: in a shared pipe, whose bytes its readers got. What a process reads from one that it has written to may
 * be its own: counted, and told as L_PIPE_SHARED.
 */
#include "file.bpf.h"
#include "numbers.bpf.h"

#define VM_WRITE 0x2
#define VM_SHARED 0x8
#define MAPPED_PAYLOAD_MIN 4096 /* looking the mapping up is dear beside a small copy */

/* The word: the state, how often the place was given to another pipe, and the level above LEVEL_ZERO. */
#define SHARED (1ULL << 63)
#define LIFE_ONE (1ULL << 48)
#define LIFE_MASK (0x7fffULL << 48)
#define LEVEL_ZERO (1ULL << 47)
#define LEVEL_MASK ((1ULL << 48) - 1)
#define LEVEL_MOST (1LL << 30) /* more than a pipe holds */

/* One cache line. */
struct pipe_use {
	u64 inode;
	u64 word;
	s64 before;   /* bytes that were in it when it was first written to, and have not been read */
	u64 out;      /* the writer's, not yet in its totals */
	u64 start_ns; /* of the writer: the process that makes it single */
	u32 tgid;     /* 0: not traced */
	u32 ino;      /* tells two lives of one address apart; 0: not ready */
	u32 taken;    /* 1 while somebody gives the place to another pipe */
	u32 early;    /* of its first message, what was read before it was followed: out for the writer */
	u8 own;	      /* the writer reads from it as well */
	u8 others;    /* so does somebody else */
};

/*
 * The pipes that somebody traced has written to. A table of our own: a look-up in a map costs more than all the rest
 * that is done for a read or a write of a pipe. A pipe stands in one of WAYS places in a row. When all are taken, what
 * one of them has unread is counted at once, and it is forgotten until it is written to again.
 */
#define PIPES 8192
#define WAYS 4
__u64 pipes[PIPES][sizeof(struct pipe_use) / 8]
	__attribute__((aligned(64))); /* words: the skeleton has no struct pipe_use */

volatile __u32 pipes_used;

static __always_inline struct pipe_use *pipe_at(u32 i)
{
	return (struct pipe_use *)pipes[i % PIPES];
}

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

static __always_inline u64 between(s64 x, u64 n)
{
	return x < 0 ? 0 : (u64)x < n ? (u64)x : n;
}

static __always_inline s64 level_of(u64 word)
{
	return (s64)(word & LEVEL_MASK) - (s64)LEVEL_ZERO;
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

static __always_inline bool is_writer(const struct pipe_use *p, const struct zc_owner *o)
{
	return p->tgid == o->tgid && p->start_ns == o->start_ns;
}

/* What was read of the writer's goes to its totals, and n besides. */
static __always_inline void flush(struct pipe_use *p, u64 n)
{
	struct zc_owner owner = {.tgid = p->tgid, .start_ns = p->start_ns};

	n += __sync_lock_test_and_set(&p->out, 0);
	if (n && owner.tgid)
		acc_own(&owner, M_PAYLOAD_OUT, n);
}

/* Nobody has it to itself any more: what its writer left unread is out for it. */
static __always_inline void share(struct pipe_use *p)
{
	u64 word = __sync_fetch_and_or(&p->word, SHARED);

	flush(p, word & SHARED || p->own ? 0 : between(level_of(word), LEVEL_MASK));
}

/*
 * Moves the level; *ret gets the word as it was. False if the place has become another pipe's since `seen` was read
 * there: then nothing was moved.
 */
static __always_inline bool level_move(struct pipe_use *p, u64 seen, s64 n, u64 *ret)
{
	*ret = __sync_fetch_and_add(&p->word, n);
	if (!((*ret ^ seen) & LIFE_MASK))
		return true;
	__sync_fetch_and_add(&p->word, -n);
	return false;
}

static __always_inline u32 first_way(u32 ino)
{
	return ino * 0x9e3779b1U >> 19; /* golden ratio: the high 13 bits */
}

/* The pipe's place and the word that stands there; NULL if nobody traced has written to it. */
static __always_inline struct pipe_use *use_of(u64 inode, u32 ino, u64 *ret_word)
{
	u32 first = first_way(ino);

	for (int i = 0; i < WAYS; i++) {
		volatile struct pipe_use *p = pipe_at(first + i);

		if (p->inode != inode || p->ino != ino)
			continue;
		*ret_word = p->word;
		if (p->ino == ino && p->inode == inode) /* so this was the word in its life */
			return (struct pipe_use *)p;
	}
	return NULL;
}

/* A place for a pipe that has none, now that `me` writes n bytes to it. */
static __noinline int begin_use(struct file *pipe, u64 inode, u32 ino, u64 n)
{
	u32 first = first_way(ino), way = 0;
	s64 before = (s64)pipe_fill(pipe) - (s64)n;
	struct zc_owner me;
	struct pipe_use *p;
	u64 word;

	acc_owner_current(&me);
	pipes_used = 1;
	for (; way < WAYS; way++)
		if (!pipe_at(first + way)->inode || pipe_at(first + way)->inode == inode) /* its address's last life */
			break;
	p = pipe_at(first + (way < WAYS ? way : ino % WAYS));
	if (__sync_val_compare_and_swap(&p->taken, 0, 1))
		return 0;
	if (p->inode && (p->inode == inode ? p->ino == ino : way < WAYS)) { /* another CPU was faster */
		__sync_lock_test_and_set(&p->taken, 0);
		return 0;
	}
	*(volatile u32 *)&p->ino = 0; /* found by nobody till it is ready */
	if (p->inode) {
		s64 unread = level_of(*(volatile u64 *)&p->word);

		if (p->own && unread > 0 && !(p->word & SHARED)) /* who reads them will seem to be another */
			acc_lost(L_PIPE_SHARED, unread);
		share(p);
	}
	p->tgid = me.tgid;
	p->start_ns = me.start_ns;
	p->own = p->others = 0;
	p->early = before < 0 ? -before : 0;
	p->before = before > 0 ? before : 0;
	word = (*(volatile u64 *)&p->word & LIFE_MASK) + LIFE_ONE;
	__sync_lock_test_and_set(&p->word, (word & LIFE_MASK) + LEVEL_ZERO + (before < 0 ? before : 0));
	*(volatile u64 *)&p->inode = inode;
	__sync_lock_test_and_set(&p->ino, ino);
	__sync_lock_test_and_set(&p->taken, 0);
	return 0;
}

/* More than a pipe holds was not read: it was, by calls that are not seen (tracepoint tier: untraced splice). */
static __always_inline void skip_unseen(struct pipe_use *p, u64 word)
{
	s64 level = level_of(word);

	if (level < LEVEL_MOST || word & SHARED)
		return;
	if (__sync_val_compare_and_swap(&p->word, word, word - level) == word)
		flush(p, p->own ? 0 : level);
}

/* A write to a single pipe by its writer. False if it is no such pipe any more. */
static __always_inline bool write_single(struct slot *s, struct pipe_use *p, u64 seen, u64 n)
{
	u64 word, ahead;

	if (!level_move(p, seen, n, &word) || word & SHARED)
		return false;
	ahead = between(-level_of(word), n);
	if (ahead && !p->own && counted(s))
		payload_add(s, M_PAYLOAD_OUT, ahead);
	else if (ahead && p->own && p->others)
		acc_lost(L_PIPE_SHARED, ahead);
	skip_unseen(p, word + n);
	return true;
}

/*
 * The pipes that a process has written to, as bits by their numbers, with its first thread: they need no room that
 * could run out, and what they cannot tell apart makes L_PIPE_SHARED say more than is so, never less.
 */
static __always_inline u64 *written_word(u32 ino, u64 *bit)
{
	struct thread *th = thread_of(bpf_get_current_task_btf()->group_leader);
	u32 i = ino * 0x9e3779b1U >> 24; /* of PIPE_BITS */

	*bit = 1ULL << (i & 63);
	return th ? &th->pipes_written[i / 64 % (PIPE_BITS / 64)] : NULL;
}

static __always_inline void remember_written(u32 ino)
{
	u64 bit, *word = written_word(ino, &bit);

	if (word && !(*word & bit))
		__sync_fetch_and_or(word, bit);
}

static __always_inline void write_shared(struct slot *s, u32 ino, u64 n)
{
	if (!counted(s))
		return;
	remember_written(ino);
	payload_add(s, M_PAYLOAD_OUT, n);
}

__hidden void payload_pipe_write(struct slot *s, struct file *pipe, u64 n)
{
	const struct file *f = file_cast(pipe);
	struct zc_owner me = {};
	struct pipe_use *p;
	u64 inode, word;
	u32 ino;

	if (acc_state != ACC_ON)
		return;
	if (counted(s))
		acc_owner_current(&me);
	else if (!pipes_used)
		return;
	inode = (u64)FILE_READ(f, f_inode);
	ino = FILE_READ(f, f_inode, i_ino);
	p = use_of(inode, ino, &word);
	if (!p && me.tgid) {
		begin_use(pipe, inode, ino, n);
		remember_written(ino);
		p = use_of(inode, ino, &word); /* none: another CPU is about to make it */
	}
	if (p && !(word & SHARED) && !is_writer(p, &me)) {
		share(p);
	} else if (p && !(word & SHARED) && (!n || write_single(s, p, word, n))) {
		return;
	}
	if (n)
		write_shared(s, ino, n);
}

/* Takes n bytes out of the pipe; returns how many of them are in for the reader. */
static __noinline u64 read_of(struct pipe_use *p, u64 seen, u64 n)
{
	u64 word, left = n, known;
	struct zc_owner me;
	bool own;

	if (!p)
		return n;
	acc_owner_current(&me);
	own = is_writer(p, &me);
	if (own) {
		p->own = 1;
		if (*(volatile u32 *)&p->early)
			acc_lost(L_PIPE_SHARED, __sync_lock_test_and_set(&p->early, 0));
	} else {
		p->others = 1;
	}
	if (*(volatile s64 *)&p->before > 0)
		left -= between(__sync_fetch_and_add(&p->before, -n), n);
	if (!left || !level_move(p, seen, -left, &word))
		return n;
	if (own && word & SHARED)
		acc_lost(L_PIPE_SHARED, left);
	if (word & SHARED)
		return n;
	if (own)
		return n - left;
	known = between(level_of(word), left);
	if (known && __sync_fetch_and_add(&p->out, known) >= LEVEL_MOST)
		flush(p, 0);
	return n;
}

/* What a process reads of a shared pipe that it has written to may be its own. */
static __always_inline void read_shared(u32 ino, u64 n)
{
	u64 bit, *word = written_word(ino, &bit);

	if (!word || *word & bit) /* of a process whose first thread is not traced nothing is known */
		acc_lost(L_PIPE_SHARED, n);
}

__hidden void payload_pipe_read(struct slot *s, struct file *pipe, u64 n)
{
	const struct file *f = file_cast(pipe);
	struct pipe_use *p;
	u64 inode, word, in = n;
	u32 ino;

	if (pipes_used && acc_state == ACC_ON) {
		inode = (u64)FILE_READ(f, f_inode);
		ino = FILE_READ(f, f_inode, i_ino);
		p = use_of(inode, ino, &word);
		if (p && !(word & SHARED))
			in = read_of(p, word, n);
		else if (p && counted(s))
			read_shared(ino, n);
	}
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
	if (pipe_at(i)->inode)
		share(pipe_at(i));
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
