// SPDX-License-Identifier: GPL-2.0-only
/* outfile_parts.c - what outputs that are written once and those that grow have in common. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

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

/* The real uid: who has a lock may have started a program of root's with it. */
static bool is_of_ours(int pid)
{
	char path[64], line[256];
	unsigned int uid = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	if (!f) /* who uses a file has its lock himself, and is there: this lock was left to somebody */
		return errno != ENOENT && errno != ESRCH;
	while (fgets(line, sizeof(line), f) && sscanf(line, "Uid: %u", &uid) != 1)
		;
	fclose(f);
	return !uid || uid == getuid();
}

/* All who have it are known, and none of them is root or who we are. */
static bool only_strangers_lock(int fd)
{
	FILE *f = fopen("/proc/locks", "re");
	unsigned int major_nr, minor_nr;
	unsigned long long ino;
	int pid, n = 0, n_ours = 0;
	char line[256];
	struct stat st;

	while (f && !fstat(fd, &st) && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*[0-9]: FLOCK %*s %*s %d %x:%x:%llu", &pid, &major_nr, &minor_nr, &ino) != 4 ||
		    ino != st.st_ino || major_nr != major(st.st_dev) || minor_nr != minor(st.st_dev))
			continue;
		n++;
		n_ours += is_of_ours(pid);
	}
	if (f)
		fclose(f);
	return n && !n_ours;
}

int part_lock_readable(int fd)
{
	int err = part_lock(fd);

	return err && only_strangers_lock(fd) ? 0 : err;
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
	fd = rights_open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode & 0600);
	if (fd == -EEXIST) {
		int old = rights_open(temporary, O_WRONLY | O_NONBLOCK, 0);
		bool in_use = old >= 0 && part_lock(old);

		if (old >= 0)
			close(old);
		if (in_use)
			return -EAGAIN;
		if (!unlink(temporary))
			fd = rights_open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode & 0600);
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
