/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vmlinux.h - the kernel types and fields that zctrace reads, no others, written by hand.
 *
 * Offsets do not matter: every access is relocated against the running kernel's BTF (CO-RE), which also finds a field
 * that sits in an anonymous struct or union there. A name with ___ is a flavour of the type before it: the part that
 * only some kernels have. A field whose size changes is unsigned here, whatever it is there: libbpf fits a load to the
 * kernel's size only if one may be extended by zeros, or if the sizes agree.
 */
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

#include <linux/types.h>
#include <linux/bpf.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;
typedef int pid_t;
typedef long long loff_t;
typedef unsigned long size_t;
typedef long ssize_t;
typedef _Bool bool;
enum { false = 0, true = 1 };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs, flags, sp, ss;
};

/* tasks */
struct kernfs_node {
	u64 id;
};

struct cgroup {
	int level;
	struct kernfs_node *kn;
	struct cgroup *ancestors[]; /* 6.1 and later; [level] is the cgroup itself */
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

struct sched_entity {
	u64 sum_exec_runtime;
};

struct ns_common {
	unsigned int inum;
};

struct pid_namespace {
	struct ns_common ns;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[]; /* [level] is the number in the namespace it was made in */
};

struct signal_struct {
	unsigned int flags;
	int group_exit_code;
	struct pid *pids[4]; /* [1]: of the process */
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct thread_info {
	u32 status;
	u32 cpu;
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int __state;
	void *stack;
	unsigned int flags;
	unsigned int on_cpu; /* only in kernels for more than one; an int up to 6.18, a byte in 7.3: see below */
	struct sched_entity se;
	int exit_code;
	pid_t pid;
	pid_t tgid;
	struct pid *thread_pid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	unsigned long nvcsw;
	unsigned long nivcsw;
	u64 start_boottime;
	unsigned long min_flt;
	unsigned long maj_flt;
	char comm[16];
	struct files_struct *files;
	struct signal_struct *signal;
	struct css_set *cgroups;
};

struct linux_binprm {
	unsigned int have_execfd : 1, execfd_creds : 1, secureexec : 1;
};

struct seq_file;
struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct bpf_iter__cgroup {
	struct bpf_iter_meta *meta;
	struct cgroup *cgroup;
};

/* interrupts */
struct irqaction {
	struct irqaction *next;
};

/* files and the page cache */
struct super_block {
	unsigned long s_magic;
};

struct address_space_operations {
	void *read_folio;
};

struct address_space {
	struct inode *host;
	const struct address_space_operations *a_ops;
	unsigned long nrpages;
};

struct inode {
	unsigned short i_mode;
	unsigned int i_rdev; /* dev_t */
	struct super_block *i_sb;
	unsigned long i_ino;
	struct address_space *i_mapping;
};

struct file {
	unsigned int f_mode;
	unsigned int f_flags;
	loff_t f_pos;
	struct inode *f_inode;
	struct address_space *f_mapping;
	void *private_data;
};

struct pipe_buffer {
	unsigned int len;
};

struct pipe_inode_info {
	unsigned int head, tail, ring_size;
	struct pipe_buffer *bufs;
};

struct kiocb {
	struct file *ki_filp;
	loff_t ki_pos;
	void *ki_complete;
	int ki_flags;
};

/* Only the head of a compound folio has the page counts. PG_head is an enumerator: its number moves. */
enum pageflags { PG_head, PG_writeback };

struct folio {
	struct address_space *mapping;
	unsigned long index;
	unsigned int _folio_nr_pages; /* 6.1, 6.12 */
};

struct folio___nr_pages {
	unsigned int _nr_pages; /* 6.18 */
};

struct page {
	unsigned long compound_head; /* up to 6.18 */
};

struct page___info {
	unsigned long compound_info; /* 7.3; see head_of in block.bpf.c */
};

struct vm_area_struct {
	unsigned long vm_flags;
	unsigned long vm_start;
	unsigned long vm_pgoff;
	struct file *vm_file;
};

struct vm_fault {
	struct vm_area_struct *vma;
	unsigned long address;
	struct page *cow_page;
};

/* The numbers differ: 6.1 has PIPE and counts from IOVEC, later kernels count from UBUF. Relocated by name. */
enum iter_type { ITER_UBUF, ITER_IOVEC, ITER_KVEC, ITER_BVEC, ITER_DISCARD };
enum iter_type___pipe { ITER_PIPE };

struct iov_iter {
	u8 iter_type;
	size_t count;
};

/* block */
struct gendisk {
	int major;
	int first_minor;
};

struct block_device {
	struct gendisk *bd_disk;
};

struct bvec_iter {
	unsigned int bi_size;
	unsigned int bi_idx;
};

struct bio_vec {
	struct page *bv_page;
};

struct bio {
	struct bio *bi_next;
	struct block_device *bi_bdev;
	u32 bi_opf;
	struct bvec_iter bi_iter;
	void *bi_private;
	struct bio_vec *bi_io_vec;
};

struct request_queue {
	struct gendisk *disk;
};

struct request {
	struct request_queue *q;
	u32 cmd_flags;
	unsigned int __data_len;
	struct bio *bio;
};

/* network */
typedef struct {
	struct net *net;
} possible_net_t;

struct device {
	struct device *parent;
};

struct net_device {
	int ifindex;
	u64 features;
	possible_net_t nd_net;
	struct device dev;
};

struct sock_common {
	unsigned long skc_flags;
	possible_net_t skc_net;
};

struct sock {
	struct sock_common __sk_common;
	u16 sk_protocol;
};

/* Bits of skc_flags; the number moves. */
enum sock_flags { SOCK_ZEROCOPY };

struct socket {
	struct sock *sk;
};

struct sk_buff {
	struct net_device *dev;
	struct sock *sk;
	unsigned int len;
	unsigned int data_len;
	int skb_iif;
	unsigned int end; /* an offset on 64-bit kernels */
	unsigned char *head;
};

struct skb_shared_info {
	u8 flags;
	u8 nr_frags;
	void *destructor_arg;
};

struct msghdr {
	struct iov_iter msg_iter;
	unsigned int msg_flags;
	void *msg_ubuf;
};

/* io_uring */
struct io_kiocb {
	struct file *file;
	u8 opcode;
};

struct io_uring_cqe {
	s32 res;
};

#pragma clang attribute pop

#endif
