// SPDX-License-Identifier: GPL-2.0-only
/*
 * uring.bpf.c - io_uring: completions of direct I/O and fsync, and, where nothing better attaches, of everything.
 *
 * Context: whoever completes: the submitter or one of its workers, which are threads of the same process.
 * Cannot see: requests that complete on top of another process (none does in 6.1 to 6.18: completions are task work).
 */
#include "call.bpf.h"

enum {
	OP_READV = 1,
	OP_WRITEV = 2,
	OP_FSYNC = 3,
	OP_READ_FIXED = 4,
	OP_WRITE_FIXED = 5,
	OP_SENDMSG = 9,
	OP_RECVMSG = 10,
	OP_READ = 22,
	OP_WRITE = 23,
	OP_SEND = 26,
	OP_RECV = 27,
	OP_SEND_ZC = 47,
	OP_SENDMSG_ZC = 48
};

/*
 * Where copies are inferred: what was received beyond what the tracepoint saw (net.bpf.c: rx_copy), which all that is
 * copied out of TCP passes; whether the rest was thrown away the request tells no more.
 */
static __always_inline void infer_received(struct slot *s, struct file *f, u64 n)
{
	if (file_object(f) == OBJ_SOCKET && !throws_away(f))
		infer_copy(s, f, OBJ_SOCKET, true, n);
}

static __always_inline int read_or_written(struct slot *s, const struct io_kiocb *req, struct file *f, bool in, u64 n)
{
	enum object obj = file_object(f);

	if (obj == OBJ_FILE && is_direct(f))
		return settle_direct(s, in, n, ledger_take(s, SEEN_BUFFERED, n));
	if (!acc_config.infer_copies || (obj == OBJ_OTHER && copies_nothing(f)))
		return 0;
	infer_copy(s, f, obj, in, n);
	/* a read or write request begins with its kiocb (struct io_rw), whose position has advanced by now */
	if (obj == OBJ_FILE)
		infer_cache_access(s, f, n, NULL, BPF_CORE_READ((const struct kiocb *)req, ki_pos) - n);
	return 0;
}

/* n > 0 is the result. What sites saw of it is taken out of the ledger, which is of the system call that comes next. */
static __noinline int request_moved(struct slot *s, const struct io_kiocb *req, u32 opcode, u64 n)
{
	u64 seen = ledger_take(s, SEEN_USER, n);
	struct file *f;

	ledger_take(s, SEEN_REF, n - seen);
	f = file_cast(BPF_CORE_READ(req, file));
	switch (opcode) {
	case OP_READ:
	case OP_READV:
	case OP_READ_FIXED:
		return read_or_written(s, req, f, true, n);
	case OP_WRITE:
	case OP_WRITEV:
	case OP_WRITE_FIXED:
		return read_or_written(s, req, f, false, n);
	case OP_SEND:
	case OP_SENDMSG:
		if (acc_config.infer_copies)
			infer_copy(s, f, file_object(f), false, n);
		return 0;
	case OP_RECV:
	case OP_RECVMSG:
		if (acc_config.infer_copies && seen < n)
			infer_received(s, f, n - seen);
		return 0;
	case OP_SEND_ZC:
	case OP_SENDMSG_ZC:
		if (acc_config.infer_sends) {
			slot_add(s, M_ZC_IO_URING_SEND, n);
			slot_add(s, M_PAYLOAD_OUT, n);
		}
		return 0;
	default:
		return 0;
	}
}

static __noinline int uring_complete(const struct io_kiocb *req, int res)
{
	struct slot *s = acc_current();
	u32 opcode;

	if (!s)
		return 0;
	if (!req) { /* one of many results of a request: a multishot receive */
		if (res > 0)
			ledger_take(s, SEEN_USER, res);
		return 0;
	}
	opcode = BPF_CORE_READ(req, opcode);
	if (opcode == OP_FSYNC)
		slot_add(s, M_FSYNCS, 1);
	return res > 0 ? request_moved(s, req, opcode, res) : 0;
}

SEC("?tp_btf/io_uring_complete") /* up to 6.15: (ctx, req, user_data, res, cflags, extra1, extra2) */
int BPF_PROG(uring_done_args, void *ctx_, void *req, u64 user_data, int res)
{
	return uring_complete(req, res);
}

SEC("?tp_btf/io_uring_complete") /* later: (ctx, req, cqe) */
int BPF_PROG(uring_done_cqe, void *ctx_, void *req, struct io_uring_cqe *cqe)
{
	return uring_complete(req, cqe->res);
}
