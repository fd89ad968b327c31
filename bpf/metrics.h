/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * metrics.h - the list of what zctrace measures. Everything else is generated from it.
 *
 * A row of METRICS is M(id, json name, unit, hook, help). The BPF programs add to M_<id>; the reader, the report, JSON
 * and the README table walk the list. A metric is shown only if its hook attached, and as inferred if the hook had to
 * infer. A row of HOOKS is H(id, name, help); user/tracer/attach_rows.c says which BPF programs can serve it. Includes
 * nothing.
 */
#ifndef ZCTRACE_METRICS_H
#define ZCTRACE_METRICS_H

/* clang-format off */
#define HOOKS(H) \
	H(SYSCALL,   "syscalls",      "system calls: count, what they moved, fsync") \
	H(TASK,      "task",          "figures the scheduler keeps in the task") \
	H(SWITCH,    "switches",      "context switches and who came next") \
	H(FAULT,     "faults",        "page fault exceptions, from user and kernel mode") \
	H(IRQ,       "hardirqs",      "hard interrupts") \
	H(SOFTIRQ,   "softirqs",      "soft interrupts") \
	H(COPY_FILE, "copy-file",     "copies between user memory and the page cache") \
	H(COPY_SOCK, "copy-socket",   "copies between user memory and socket buffers") \
	H(COPY_PIPE, "copy-pipe",     "copies between user memory and pipes") \
	H(COPY_OTHER,"copy-other",    "copy_to_user and copy_from_user outside data calls") \
	H(TO_FILE,   "copy-to-file",  "copies inside the kernel made by sites: splice to a file, kernel readers") \
	H(SEGMENT,   "segment",       "copies made to cut or linearize packets") \
	H(BOUNCE,    "bounce",        "copies through swiotlb bounce buffers") \
	H(UNZC,      "unzerocopied",  "zero-copy packets that the stack had to copy after all") \
	H(DISK,      "disk",          "block requests") \
	H(NET,       "net",           "frames handed to and by network devices") \
	H(CACHE,     "page-cache",    "page cache: accesses, insertions, evictions, dirtying") \
	H(ZC_CALL,   "zerocopy-call", "bytes moved by sendfile, splice, tee, vmsplice, copy_file_range, O_DIRECT") \
	H(ZC_SEND,   "zerocopy-send", "bytes sent by MSG_ZEROCOPY and io_uring zero-copy sends") \
	H(MAPPED,    "mapped-file",   "page cache pages mapped by faults") \
	H(LEAF,      "copy-leaf",     "--exact: the functions that hold the copy instructions") \
	H(PAYLOAD,   "payload",       "bytes that data calls moved for the process")

#define METRICS(M) \
	/* the border */ \
	M(SYSCALLS,            "syscalls",             COUNT, SYSCALL, "system calls that returned, and those that never do") \
	M(DATA_CALLS,          "data_calls",           COUNT, SYSCALL, "system calls that moved data: read, write, send, sendfile, splice and their kin, with a positive result; io_uring_enter") \
	M(MAP_CALLS,           "map_calls",            COUNT, SYSCALL, "mmap of a file, and munmap") \
	M(FSYNCS,              "fsyncs",               COUNT, SYSCALL, "fsync, fdatasync, sync_file_range, msync, syncfs") \
	M(USER_FAULTS,         "user_faults",          COUNT, FAULT,   "page faults taken in user mode") \
	M(KERNEL_FAULTS,       "kernel_faults",        COUNT, FAULT,   "page faults taken in kernel mode (not a mode switch)") \
	M(USER_IRQS,           "user_irqs",            COUNT, IRQ,     "hard interrupts that arrived in user mode") \
	/* read from the task: absolute, never added to */ \
	M(MINOR_FAULTS,        "minor_faults",         COUNT, TASK,    "minor faults, as the kernel counts them") \
	M(MAJOR_FAULTS,        "major_faults",         COUNT, TASK,    "major faults, as the kernel counts them") \
	M(ONCPU_NS,            "oncpu_ns",             NS,    TASK,    "time on a CPU") \
	M(SWITCHES_VOLUNTARY,  "switches_voluntary",   COUNT, TASK,    "context switches because the thread waited") \
	M(SWITCHES_INVOLUNTARY,"switches_involuntary", COUNT, TASK,    "context switches because it was put off the CPU") \
	/* who came next */ \
	M(SWITCHES_TO_THREAD,  "switches_to_thread",   COUNT, SWITCH,  "switched out for a thread of the same process") \
	M(SWITCHES_TO_PROCESS, "switches_to_process",  COUNT, SWITCH,  "switched out for another user process") \
	M(SWITCHES_TO_KTHREAD, "switches_to_kthread",  COUNT, SWITCH,  "switched out for a kernel thread") \
	M(SWITCHES_TO_IDLE,    "switches_to_idle",     COUNT, SWITCH,  "switched out and the CPU went idle") \
	/* done on the thread's time, not by it */ \
	M(HARDIRQS,            "hardirqs",             COUNT, IRQ,     "hard interrupts handled on top of the thread") \
	M(HARDIRQ_NS,          "hardirq_ns",           NS,    IRQ,     "time they took") \
	M(SOFTIRQS,            "softirqs",             COUNT, SOFTIRQ, "soft interrupts handled on top of the thread") \
	M(SOFTIRQ_NS,          "softirq_ns",           NS,    SOFTIRQ, "time they took, hard interrupts within them left out") \
	/* CPU copies across the border, by the object at the kernel end */ \
	M(TO_USER_FILE,        "copy_to_user_file_bytes",     BYTES, COPY_FILE,  "page cache to user memory") \
	M(TO_USER_SOCKET,      "copy_to_user_socket_bytes",   BYTES, COPY_SOCK,  "socket buffers to user memory") \
	M(TO_USER_PIPE,        "copy_to_user_pipe_bytes",     BYTES, COPY_PIPE,  "pipe to user memory") \
	M(TO_USER_OTHER,       "copy_to_user_other_bytes",    BYTES, COPY_OTHER, "copy_to_user outside data calls: a lower bound") \
	M(FROM_USER_FILE,      "copy_from_user_file_bytes",   BYTES, COPY_FILE,  "user memory to page cache") \
	M(FROM_USER_SOCKET,    "copy_from_user_socket_bytes", BYTES, COPY_SOCK,  "user memory to socket buffers") \
	M(FROM_USER_PIPE,      "copy_from_user_pipe_bytes",   BYTES, COPY_PIPE,  "user memory to pipe") \
	M(FROM_USER_OTHER,     "copy_from_user_other_bytes",  BYTES, COPY_OTHER, "copy_from_user outside data calls: a lower bound") \
	M(COPIES_TO_USER,      "copies_to_user",              COUNT, COPY_FILE,  "copy operations towards user memory, one per call of a site") \
	M(COPIES_FROM_USER,    "copies_from_user",            COUNT, COPY_FILE,  "copy operations from user memory, one per call of a site") \
	/* CPU copies inside the kernel, by cause, charged to the owner of the buffer */ \
	M(KERN_SEGMENT,        "copy_in_kernel_segment_bytes",      BYTES, SEGMENT, "packets cut or linearized for a device without scatter-gather") \
	M(KERN_BOUNCE,         "copy_in_kernel_bounce_bytes",       BYTES, BOUNCE,  "through swiotlb bounce buffers") \
	M(KERN_UNZEROCOPIED,   "copy_in_kernel_unzerocopied_bytes", BYTES, UNZC,    "zero-copy payload the stack copied after all") \
	M(KERN_TO_FILE,        "copy_in_kernel_to_file_bytes",      BYTES, TO_FILE, "spliced or copied into a file's page cache") \
	M(KERN_DEVICE,         "copy_in_kernel_device_bytes",       BYTES, DISK,    "block transfers the CPU does itself: RAM disks, programmed I/O") \
	M(KERN_OTHER,          "copy_in_kernel_other_bytes",        BYTES, TO_FILE, "kernel readers and writers: program loading, loop devices, sends of kernel memory") \
	/* DMA */ \
	M(DMA_DISK_READ,       "dma_disk_read_bytes",  BYTES, DISK, "completed reads of devices that master the bus") \
	M(DMA_DISK_WRITE,      "dma_disk_write_bytes", BYTES, DISK, "completed writes to such devices") \
	M(DISK_REQUESTS,       "disk_requests",        COUNT, DISK, "completed read and write requests") \
	M(DISK_MERGES,         "disk_merges",          COUNT, DISK, "bios and requests merged into a request that was waiting") \
	M(DMA_NET_TX,          "dma_net_tx_bytes",     BYTES, NET,  "bytes handed to network devices, headers included") \
	M(DMA_NET_RX,          "dma_net_rx_bytes",     BYTES, NET,  "payload that arrived through a network device; headers are the system's") \
	/* the page cache, in pages of 4 KiB */ \
	M(CACHE_HIT,           "cache_hit_pages",            PAGES, CACHE, "accesses to pages that were there") \
	M(CACHE_MISS,          "cache_miss_pages",           PAGES, CACHE, "accesses that had to insert the page") \
	M(CACHE_READAHEAD,     "cache_readahead_pages",      PAGES, CACHE, "inserted beyond what was asked for") \
	M(CACHE_READAHEAD_USED,"cache_readahead_used_pages", PAGES, CACHE, "first accesses to pages this process read ahead") \
	M(CACHE_DIRTIED,       "cache_dirtied_pages",        PAGES, CACHE, "pages made dirty that were clean") \
	M(CACHE_EVICTED,       "cache_evicted_pages",        PAGES, CACHE, "pages taken out of the cache by this task") \
	/* moved without a CPU copy, by mechanism */ \
	M(ZC_SENDFILE,         "zerocopy_sendfile_bytes",        BYTES, ZC_CALL, "by sendfile") \
	M(ZC_SPLICE,           "zerocopy_splice_bytes",          BYTES, ZC_CALL, "by splice, each call counted: file to pipe to socket is two") \
	M(ZC_VMSPLICE,         "zerocopy_vmsplice_bytes",        BYTES, ZC_CALL, "user pages mapped into a pipe by vmsplice") \
	M(ZC_TEE,              "zerocopy_tee_bytes",             BYTES, ZC_CALL, "by tee") \
	M(ZC_COPY_FILE_RANGE,  "zerocopy_copy_file_range_bytes", BYTES, ZC_CALL, "shared by copy_file_range (reflink)") \
	M(ZC_DIRECT_READ,      "zerocopy_direct_read_bytes",     BYTES, ZC_CALL, "read with O_DIRECT, from device to user memory") \
	M(ZC_DIRECT_WRITE,     "zerocopy_direct_write_bytes",    BYTES, ZC_CALL, "written with O_DIRECT, from user memory to device") \
	M(ZC_MSG_ZEROCOPY,     "zerocopy_msg_zerocopy_bytes",    BYTES, ZC_SEND, "sent from user pages with MSG_ZEROCOPY") \
	M(ZC_IO_URING_SEND,    "zerocopy_io_uring_send_bytes",   BYTES, ZC_SEND, "sent from user pages with io_uring SEND_ZC") \
	M(MAPPED_FILE_FAULT,   "mapped_file_fault_pages",        PAGES, MAPPED,  "page cache pages mapped into the process by faults") \
	/* --exact: the same copies, seen at the iterator leaves by hardware breakpoint */ \
	M(LEAF_TO_USER,        "leaf_to_user_bytes",   BYTES, LEAF, "copied to user memory by iterator, at the leaf functions (--exact)") \
	M(LEAF_FROM_USER,      "leaf_from_user_bytes", BYTES, LEAF, "copied from user memory by iterator, at the leaf functions (--exact)") \
	/* what it was all for */ \
	M(PAYLOAD_IN,          "payload_in_bytes",     BYTES, PAYLOAD, "brought in from files, sockets and other processes' pipes") \
	M(PAYLOAD_OUT,         "payload_out_bytes",    BYTES, PAYLOAD, "taken out to files, sockets and other processes' pipes")

/*
 * Every way to lose something, in one list: L(id, json name, help). All are printed, in every output.
 */
#define LOSSES(L) \
	L(RING_FULL,      "ring_full",             "records that did not fit the ring (kept in the finals map instead)") \
	L(FINALS_FULL,    "finals_full",           "ended threads folded into the unattributed sums, their totals kept") \
	L(UNTOLD,         "ended_untold",          "ended threads that found no room even there: what they did since the last sweep is in no total") \
	L(NO_STORAGE,     "no_storage",            "folds without task storage: kept in the unattributed sums") \
	L(OWNERS_FULL,    "owners_full",           "work for an owner that found no room: kept on the system line") \
	L(BIO_FULL,       "bio_owner_full",        "block transfers whose owner found no room: kept on the system line") \
	L(BIO_WALK,       "bio_walk_cut",          "requests with more bios than are walked: the rest went to the last owner") \
	L(UNKNOWN_DISK,   "unknown_disk",          "transfers on disks whose class is not known: in no total") \
	L(UNMATCHED,      "unmatched",             "exits of a probed function without its entry, attach time left out") \
	L(DEPTH,          "probe_depth",           "probed calls whose arguments found no room") \
	L(PIPE_SHARED,    "pipe_shared",           "bytes of a pipe that several processes write to, read by one of them: counted as another's, and may be its own") \
	L(RX_EARLY,       "rx_before_attach",      "payload bytes read that had arrived before counting began: the process's, in no frame counted") \
	L(INCONSISTENT,   "inconsistent",          "figures that contradicted each other; left as they were") \
	L(RECURSION,      "recursion_misses",      "events skipped because a program was interrupted by its own hook") \
	L(KPROBE_MISSED,  "kprobe_missed",         "probe hits the kernel skipped")
/* clang-format on */

enum hook {
#define H(id, name, help) H_##id,
	HOOKS(H)
#undef H
		H_COUNT
};

enum metric {
#define M(id, name, unit, hook, help) M_##id,
	METRICS(M)
#undef M
		M_COUNT
};

enum loss {
#define L(id, name, help) L_##id,
	LOSSES(L)
#undef L
		L_COUNT
};

#endif
