// SPDX-License-Identifier: GPL-2.0-only
/* outfile_parts.c - what outputs that are written once and those that grow have in common. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/file.h>

#include "outfile_parts.h"
#include "outfile_rights.h"

/* A device or a FIFO. Opening waits for nobody, writing does. */
static int open_stream(const char *path)
{
	int fd = rights_open(path, O_WRONLY | O_NONBLOCK, 0), err;
	struct stat st;

	if (fd == -ENXIO && (lstat(path, &st) || !S_ISFIFO(st.st_mode)))
		return -ENODEV;
	if (fd < 0)
		return fd;
	err = fstat(fd, &st) ? -errno : S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode) ? 0 : -EBUSY;
	if (!err && fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK))
		err = -errno;
	if (!err)
		return fd;
	close(fd);
	return err;
}

/* What is neither a regular file nor nothing: a descriptor, or a negative errno. */
int part_open_as_it_is(const char *path, int there, int named)
{
	int fd = there == THERE_DESCRIPTOR ? fcntl(named, F_DUPFD_CLOEXEC, 3) : open_stream(path);

	return fd < 0 && there == THERE_DESCRIPTOR ? -errno : fd;
}

/* A lock that the file system does not know of is none; then nothing is kept from anybody. */
int part_lock(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK ? -EAGAIN : 0;
}

bool part_is_at(int fd, const char *path)
{
	struct stat a, b;

	return !fstat(fd, &a) && !lstat(path, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Whatever the umask is. */
void part_set_mode(int fd, mode_t mode)
{
	if (fchmod(fd, mode)) /* on some file systems there are none */
		errno = 0;
}

/* A file of our own beside path. One that is there already is of one that had our pid and was killed, or is being
 * written where pids are counted anew. */
int part_make_beside(char temporary[PATH_MAX], const char *path, mode_t mode)
{
	int fd;

	if (snprintf(temporary, PATH_MAX, "%s.%d", path, getpid()) >= PATH_MAX)
		return -ENAMETOOLONG;
	fd = rights_open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode);
	if (fd == -EEXIST) {
		int old = rights_open(temporary, O_WRONLY | O_NONBLOCK, 0);
		bool in_use = old >= 0 && part_lock(old);

		if (old >= 0)
			close(old);
		if (in_use)
			return -EAGAIN;
		if (!unlink(temporary))
			fd = rights_open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode);
	}
	if (fd < 0)
		return fd;
	if (part_lock(fd)) { /* somebody who thinks it is left over */
		close(fd);
		return -EAGAIN;
	}
	part_set_mode(fd, mode);
	return fd;
}

/* Once more: nothing but a file is ever replaced. */
int part_rename(const char *temporary, const char *path)
{
	int named, there = rights_look(path, &named), err;
	struct rights r = rights_in(path);

	if (there != THERE_FILE && there != THERE_NOTHING)
		return there < 0 ? there : -ENOTSUP;
	err = rights_take(r);
	if (!err && rename(temporary, path))
		err = -errno;
	rights_return(r);
	return err;
}
