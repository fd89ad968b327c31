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

static __noinline int uring_complete(const struct io_kiocb *req, int res)
{
	struct slot *s = acc_current();
	bool in = false;
	struct file *f;
	u64 seen;

	if (!s)
		return 0;
	if (!req) { /* one of many results of a request: a multishot receive */
		if (res > 0)
			ledger_take(s, SEEN_USER, res);
		return 0;
	}
	switch (BPF_CORE_READ(req, opcode)) {
	case OP_FSYNC:
		slot_add(s, M_FSYNCS, 1);
		return 0;
	case OP_READ:
	case OP_READV:
	case OP_READ_FIXED:
		in = true;
		break;
	case OP_WRITE:
	case OP_WRITEV:
	case OP_WRITE_FIXED:
		break;
	case OP_SEND:
	case OP_SENDMSG:
		if (!acc_config.infer_copies)
			return 0;
		break;
	case OP_RECV:
	case OP_RECVMSG:
		if (res <= 0)
			return 0;
		seen = ledger_take(s, SEEN_USER, res);
		f = file_cast(BPF_CORE_READ(req, file));
		if (acc_config.infer_copies && seen < (u64)res && file_object(f) == OBJ_SOCKET)
			infer_copy(s, f, OBJ_SOCKET, true, res - seen);
		return 0;
	case OP_SEND_ZC:
	case OP_SENDMSG_ZC:
		if (acc_config.infer_sends && res > 0) {
			slot_add(s, M_ZC_IO_URING_SEND, res);
			slot_add(s, M_PAYLOAD_OUT, res);
		}
		return 0;
	default:
		return 0;
	}
	if (res <= 0)
		return 0;
	f = file_cast(BPF_CORE_READ(req, file));
	ledger_take(s, SEEN_USER, res);
	if (file_object(f) == OBJ_FILE && is_direct(f))
		return settle_direct(s, in, res, ledger_take(s, SEEN_BUFFERED, res));
	if (!acc_config.infer_copies)
		return 0;
	infer_copy(s, f, file_object(f), in, res);
	/* a read or write request begins with its kiocb (struct io_rw), whose position has advanced by now */
	if (file_object(f) == OBJ_FILE)
		infer_cache_access(s, f, res, NULL, BPF_CORE_READ((const struct kiocb *)req, ki_pos) - res);
	return 0;
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
