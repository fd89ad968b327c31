// SPDX-License-Identifier: GPL-2.0-only
/*
 * attach_rows.c - which program serves which hook, as data.
 *
 * Rows attach in order: an exit before its entry, which ignores exits it has no entry for, whereas an entry without its
 * exit would leave a CPU inside an interrupt for ever. The numbers of arguments are those in bpf/ (tests/live/spoilt.sh
 * compares them).
 */
#include <string.h>

#include "attach_rows.h"

static const struct hook_row always[] = {
	{"sys_exit", H_SYSCALL, KEY1, 2},
	{"sched_process_exit", H_SYSCALL, KEY2, 1},
	{"sched_switch", H_SWITCH, KEY1, 4},
	{"task_newtask", H_TASK, KEY1, 2},
	{"task_free", H_TASK, SOME, 1},
	{"kp_thread_exit", H_TASK, SOME, 0},
	{"sched_process_exec", H_TASK, KEY2, 3},
	{"task_rename", H_TASK, PART, 2},
	{"cgroup_attach", H_TASK, PART, 4},
	{"page_fault_user", H_FAULT, KEY1, 3},
	{"page_fault_kernel", H_FAULT, KEY2, 3},
	{"irq_handler_exit", H_IRQ, KEY2, 3},
	{"irq_handler_entry", H_IRQ, KEY1, 2},
	{"local_timer_exit", H_IRQ, PART, 1},
	{"local_timer_entry", H_IRQ, PART, 1},
	{"reschedule_exit", H_IRQ, PART, 1},
	{"reschedule_entry", H_IRQ, PART, 1},
	{"call_function_exit", H_IRQ, PART, 1},
	{"call_function_entry", H_IRQ, PART, 1},
	{"call_function_single_exit", H_IRQ, PART, 1},
	{"call_function_single_entry", H_IRQ, PART, 1},
	{"irq_work_exit", H_IRQ, PART, 1},
	{"irq_work_entry", H_IRQ, PART, 1},
	{"softirq_exit", H_SOFTIRQ, KEY2, 1},
	{"softirq_entry", H_SOFTIRQ, KEY1, 1},
	{"bio_queue", H_DISK, KEY1, 1},
	{"bio_split", H_DISK, PART, 1},
	{"rq_complete", H_DISK, KEY2, 3},
	{"rq_issue", H_DISK, PART, 1},
	{"bio_backmerge", H_DISK, PART, 1},
	{"bio_frontmerge", H_DISK, PART, 1},
	{"rq_merge", H_DISK, PART, 1},
	{"start_xmit", H_NET, KEY1, 2},
	{"dev_xmit", H_NET, KEY2, 4},
	{"rx_gro", H_NET, PART, 1},
	{"rx_gro_frags", H_NET, PART, 1},
	{"rx_skb", H_NET, PART, 1},
	{"rx_list", H_NET, PART, 1},
	{"rx_netif", H_NET, PART, 1},
	{"rx_copy", H_NET, PART, 2},
	{"rx_udp", H_NET, PART, 3},
	{"rx_splice", H_NET, PART, 2},
	{"e_tcp_sendmsg_locked", H_NET, PART, 1},
	{"e_do_tcp_sendpages", H_NET, SOME, 1},
	{"e_udp_sendmsg", H_NET, PART, 1},
	{"e_udpv6_sendmsg", H_NET, PART, 1},
	{"tp_tcp_send", H_NET, SOME, 1},
	{"sock_state", H_NET, PART, 3},
	{"cache_add", H_CACHE, KEY1, 1},
	{"cache_delete", H_CACHE, KEY2, 1},
	{"cache_dirty", H_CACHE, KEY2, 2},
	{"uring_done_args", H_ZC_CALL, SOME, 4},
	{"uring_done_cqe", H_ZC_CALL, SOME, 3},
	{"seg_cut", H_SEGMENT, KEY1, 2},
	{"seg_linearize", H_SEGMENT, KEY2, 2},
	{"ubuf_used", H_UNZC, PART, 5},
	{"unzc_begin", H_UNZC, KEY1, 1},
	{"unzc_end", H_UNZC, KEY2, 1},
	{"bounce_map", H_BOUNCE, KEY1, 3},
	{"b_swiotlb_tbl_unmap_single", H_BOUNCE, SOME, 5},
	{"b___swiotlb_tbl_unmap_single", H_BOUNCE, SOME, 5},
	{"b_swiotlb_sync_single_for_cpu", H_BOUNCE, KEY2, 4},
	{"b___swiotlb_sync_single_for_cpu", H_BOUNCE, KEY2, 4},
	{"b_swiotlb_sync_single_for_device", H_BOUNCE, SOME, 4},
	{"b___swiotlb_sync_single_for_device", H_BOUNCE, SOME, 4},
	{"map_one", H_MAPPED, KEY1, 3},
	{"map_range", H_MAPPED, KEY1, 5},
};

static const struct hook_row infer[] = {
	{"infer_fault", H_MAPPED, SOME, 2},
	{"infer_map", H_MAPPED, SOME, 3},
};

/* The copy sites: x_ by fexit, kp_ and kr_ by probes; named without the prefix. */
static const struct hook_row site[] = {
	{"filemap_read", H_COPY_FILE, KEY1, 3},
	{"generic_perform_write", H_COPY_FILE, KEY2, 2},
	{"shmem_file_read_iter", H_COPY_FILE, PART, 2},
	{"iomap_file_buffered_write", H_COPY_FILE, PART, 2},
	{"btrfs_buffered_write", H_COPY_FILE, SOME, 2},
	{"bio_iov_iter_bounce", H_COPY_FILE, SOME, 4},
	{"filemap_splice_read", H_CACHE, SOME, 2},
	{"pipe_read", H_COPY_PIPE, KEY1, 2},
	{"pipe_write", H_COPY_PIPE, KEY2, 2},
	{"anon_pipe_read", H_COPY_PIPE, KEY1, 2},
	{"anon_pipe_write", H_COPY_PIPE, KEY2, 2},
	{"begin_pipe_write", H_COPY_PIPE, SOME, 2}, /* with fexit only, as the others that begin */
	{"begin_anon_pipe_write", H_COPY_PIPE, SOME, 2},
	{"skb_copy_datagram_iter", H_COPY_SOCK, KEY1, 4},
	{"skb_copy_and_csum_datagram_msg", H_COPY_SOCK, PART, 3},
	{"udp_recvmsg", H_COPY_SOCK, PART, 4},
	{"udpv6_recvmsg", H_COPY_SOCK, PART, 4},
	{"begin_udp_recvmsg", H_COPY_SOCK, PART, 0},
	{"begin_udpv6_recvmsg", H_COPY_SOCK, PART, 0},
	{"tcp_sendmsg_locked", H_COPY_SOCK, KEY2, 3},
	{"skb_copy_datagram_from_iter", H_COPY_SOCK, PART, 4},
	{"ip_generic_getfrag", H_COPY_SOCK, PART, 4},
	{"skb_splice_from_iter", H_ZC_SEND, SOME, 3},
	{"skb_zerocopy_iter_stream", H_ZC_SEND, KEY1, 4},
	{"seq_read_iter", H_COPY_OTHER, PART, 2},
	{"tty_read", H_COPY_OTHER, PART, 2},
	{"eventfd_read", H_COPY_OTHER, PART, 2},
	{"tty_write", H_COPY_OTHER, PART, 2},
};

/* Programs for kprobes, where the kernel allows them on lib/. */
static const struct hook_row other[] = {
	{"kp_to_user", H_COPY_OTHER, KEY1, 0},
	{"kp_from_user", H_COPY_OTHER, KEY2, 0},
};

/* Not attached here: user/tracer/leaf.c does it, thread by thread. */
static const struct hook_row leaf[] = {
	{"bp_to_user", H_LEAF, PART, 0},   {"bp_from_user", H_LEAF, PART, 0},	{"bp_to_iter", H_LEAF, PART, 0},
	{"bp_from_iter", H_LEAF, PART, 0}, {"bp_from_atomic", H_LEAF, PART, 0},
};

#define ROWS(rows)                                                                                                     \
	{                                                                                                              \
		rows, sizeof(rows) / sizeof((rows)[0])                                                                 \
	}
const struct hook_rows always_rows = ROWS(always), infer_rows = ROWS(infer), site_rows = ROWS(site),
		       other_rows = ROWS(other), leaf_rows = ROWS(leaf);

static const struct hook_row *find(const struct hook_rows *rows, const char *program)
{
	for (size_t i = 0; i < rows->n; i++)
		if (!strcmp(rows->row[i].program, program))
			return &rows->row[i];
	return NULL;
}

const struct hook_row *hook_rows__find(const char *program)
{
	static const struct hook_rows *const by_name[] = {&always_rows, &infer_rows, &other_rows, &leaf_rows};
	static const char *const site_prefix[] = {"x_", "kp_", "kr_"};
	const struct hook_row *row = NULL;

	for (size_t i = 0; i < sizeof(by_name) / sizeof(by_name[0]) && !row; i++)
		row = find(by_name[i], program);
	for (size_t i = 0; i < sizeof(site_prefix) / sizeof(site_prefix[0]) && !row; i++)
		if (!strncmp(program, site_prefix[i], strlen(site_prefix[i])))
			row = find(&site_rows, program + strlen(site_prefix[i]));
	return row;
}
