// SPDX-License-Identifier: GPL-2.0-only
/* complain.c - one sentence about an error, with what can be done about it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "complain.h"

const char *complain__remedy(int err)
{
	switch (-err) {
	case EMFILE:
		return "; raise the limit of open files (ulimit -n)";
	case ENFILE:
		return "; the machine has no more open files to give (sysctl fs.file-max)";
	case ENOMEM:
		return "; there is too little memory, or the limit of a cgroup is too low";
	case EPERM:
	case EACCES:
		return "; run it with sudo";
	case EINTR:
	case EAGAIN:
		return "; try again";
	default:
		return "";
	}
}

int complain(int err, const char *what)
{
	fprintf(stderr, "zctrace: cannot %s: %s%s\n", what, strerror(-err), complain__remedy(err));
	switch (-err) {
	case EPERM:
	case EACCES:
	case ENOTSUP:
		return err;
	default:
		return -EIO;
	}
}

int complain__is_shortage(int err)
{
	return err == -EMFILE || err == -ENFILE || err == -ENOMEM || err == -EAGAIN || err == -EINTR || err == -EIO ||
	       err == -EBUSY || err == -ENOSPC;
}

int complain__of_load(char *text, size_t len, int err, const char *stage, int confidential)
{
	if (complain__is_shortage(err)) {
		snprintf(text, len, "cannot %s its BPF programs: %s%s", stage, strerror(-err), complain__remedy(err));
		return -EIO;
	}
	if (confidential) {
		snprintf(text, len,
			 "kernel lockdown is in confidentiality mode, which forbids reading kernel memory; boot with "
			 "lockdown=integrity");
		return -ENOTSUP;
	}
	if (err == -EPERM || err == -EACCES) {
		snprintf(text, len,
			 "the kernel refused to load its programs (%s); run with sudo, and see -vv for which",
			 strerror(-err));
		return -EPERM;
	}
	snprintf(
		text, len,
		"cannot %s its BPF programs: %s; zctrace needs Linux 6.1 or later with BTF (-vv shows the kernel's own "
		"words)",
		stage, strerror(-err));
	return -ENOTSUP;
}
