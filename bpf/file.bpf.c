// SPDX-License-Identifier: GPL-2.0-only
/* file.bpf.c - struct file and struct inode by their addresses. */
#include "file.bpf.h"

/*
 * Where the kernel can make a number a pointer to what it is said to point to (kernel/bpf/helpers.c:
 * bpf_rdonly_cast, 6.2 and later), fields are plain loads that cannot fault; else each costs a call of a helper.
 */
extern void *bpf_rdonly_cast(const void *obj, u32 btf_id) __ksym __weak;

__hidden struct file *file_cast(const void *f)
{
	if (acc_config.can_cast)
		return bpf_rdonly_cast(f, bpf_core_type_id_kernel(struct file));
	return (struct file *)f;
}

/* Some type's first field is a struct file's address, as the place is. */
__hidden struct file *file_at(const void *place)
{
	struct file *f = NULL;

	if (acc_config.can_cast)
		return ((struct kiocb *)bpf_rdonly_cast(place - bpf_core_field_offset(struct kiocb, ki_filp),
							bpf_core_type_id_kernel(struct kiocb)))
			->ki_filp;
	bpf_probe_read_kernel(&f, sizeof(f), place);
	return f;
}

__hidden u64 inode_number(const void *inode)
{
	if (acc_config.can_cast)
		return ((struct inode *)bpf_rdonly_cast(inode, bpf_core_type_id_kernel(struct inode)))->i_ino;
	return BPF_CORE_READ((const struct inode *)inode, i_ino);
}
