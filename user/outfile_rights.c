// SPDX-License-Identifier: GPL-2.0-only
/* outfile_rights.c - whose rights count when a file is opened, and what is at a path. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/fsuid.h>

#include "outfile_rights.h"

struct rights rights_in(const char *path)
{
	const char *uid = getenv("SUDO_UID"), *gid = getenv("SUDO_GID");
	char copy[PATH_MAX];
	struct stat st;

	snprintf(copy, sizeof(copy), "%s", path);
	if (geteuid() || !uid || !gid || stat(dirname(copy), &st) || st.st_uid != strtoul(uid, NULL, 10))
		return (struct rights){0};
	return (struct rights){st.st_uid, (gid_t)strtoul(gid, NULL, 10)};
}

/* These calls say nothing of failure but by what they leave. */
static bool fs_ids_are(uid_t uid, gid_t gid)
{
	return (uid_t)setfsuid((uid_t)-1) == uid && (gid_t)setfsgid((gid_t)-1) == gid;
}

int rights_take(struct rights r)
{
	if (!r.uid)
		return 0;
	setfsgid(r.gid);
	setfsuid(r.uid);
	return fs_ids_are(r.uid, r.gid) ? 0 : -EPERM;
}

/* Back to root, or no further: what comes next must not run with half the rights. */
void rights_return(struct rights r)
{
	if (!r.uid)
		return;
	setfsuid(geteuid());
	setfsgid(getegid());
	if (!fs_ids_are(geteuid(), getegid()))
		abort();
}

int rights_open(const char *path, int flags, mode_t mode)
{
	struct rights r = rights_in(path);
	int fd = rights_take(r);

	if (!fd) {
		fd = open(path, flags | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, mode);
		fd = fd < 0 ? -errno : fd;
	}
	rights_return(r);
	return fd;
}

static int number(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits && digits < 7 && !text[digits] ? atoi(text) : -1;
}

/* N of /dev/fd/N and the like, else -1. */
static int descriptor_named(const char *path)
{
	static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};

	if (strcmp(path, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strcmp(path, "/dev/stderr") == 0)
		return STDERR_FILENO;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (strncmp(path, folders[i], strlen(folders[i])) == 0)
			return number(path + strlen(folders[i]));
	return -1;
}

static int look_at_descriptor(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat st;

	if (flags < 0 || flags & O_PATH || (flags & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	return !fstat(fd, &st) && S_ISBLK(st.st_mode) ? -ENOTBLK : THERE_DESCRIPTOR;
}

static int look_at_link(const char *path, int *fd)
{
	char to[64];
	ssize_t len = readlink(path, to, sizeof(to) - 1);

	if (len <= 0)
		return -ELOOP;
	to[len] = '\0';
	*fd = descriptor_named(to);
	return *fd >= 0 ? look_at_descriptor(*fd) : -ELOOP;
}

bool rights_is_output(const struct stat *st)
{
	struct stat out;

	if (!S_ISREG(st->st_mode) && !S_ISFIFO(st->st_mode)) /* what a device gets is not lost to what else it gets */
		return false;
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		if (!fstat(fd, &out) && out.st_dev == st->st_dev && out.st_ino == st->st_ino)
			return true;
	return false;
}

int rights_look(const char *path, int *fd)
{
	struct stat st;

	*fd = descriptor_named(path);
	if (*fd >= 0)
		return look_at_descriptor(*fd);
	if (lstat(path, &st))
		return errno == ENOENT ? THERE_NOTHING : -errno;
	switch (st.st_mode & S_IFMT) {
	case S_IFREG:
		return rights_is_output(&st) ? -ENOTUNIQ : THERE_FILE;
	case S_IFCHR:
	case S_IFIFO:
		return THERE_STREAM;
	case S_IFLNK:
		return look_at_link(path, fd);
	case S_IFBLK:
		return -ENOTBLK;
	case S_IFSOCK:
		return -ENOTSOCK;
	default:
		return -EISDIR;
	}
}
