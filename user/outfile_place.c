// SPDX-License-Identifier: GPL-2.0-only
/* outfile_place.c - files that belong to one process for as long as it runs: one that grows, and one that is replaced.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "outfile.h"
#include "outfile_parts.h"
#include "outfile_rights.h"

#define TRIES 100 /* a file may be replaced between looking and opening, but hardly so often in turn */

/* What is recorded into somebody else's file is theirs to read. Of us, and of the user behind sudo, it may be. */
static bool is_strangers(const struct stat *st)
{
	const char *sudo = geteuid() ? NULL : getenv("SUDO_UID");

	return st->st_uid != geteuid() && (!sudo || st->st_uid != strtoul(sudo, NULL, 10));
}

/* The file that is at path now, locked. A descriptor, or a negative errno. */
static int open_locked(struct outfile_place *p, mode_t mode)
{
	for (int i = 0; i < TRIES; i++) {
		int fd = rights_open(p->path, O_WRONLY | O_CREAT | O_EXCL, mode), err;
		struct stat st;

		p->made = fd >= 0;
		if (fd == -EEXIST)
			fd = rights_open(p->path, O_WRONLY | O_NONBLOCK, 0);
		else if (fd < 0)
			return fd;
		if (fd == -ENOENT)
			continue;
		if (fd < 0)
			return fd;
		err = fstat(fd, &st) ? -errno : S_ISREG(st.st_mode) ? 0 : -ENOTSUP;
		if (!err)
			err = is_strangers(&st) ? -EOWNERDEAD : part_lock(fd);
		if (!err && part_is_at(fd, p->path)) {
			p->content = st.st_size > 0;
			p->dev = st.st_dev;
			p->ino = st.st_ino;
			return fd;
		}
		close(fd);
		if (err)
			return err;
	}
	return -EAGAIN;
}

int outfile__hold(struct outfile_place *p, const char *path, mode_t mode)
{
	int named, there = rights_look(path, &named), fd;
	struct stat st;

	*p = (struct outfile_place){.path = path, .fd = -1};
	if (there < 0)
		return there;
	if (there == THERE_DESCRIPTOR && named <= STDERR_FILENO)
		return -ENOTUNIQ;
	p->regular = there == THERE_FILE || there == THERE_NOTHING;
	fd = p->regular ? open_locked(p, mode) : part_open_as_it_is(path, there, named);
	if (fd < 0)
		return fd;
	if (!fstat(fd, &st) && rights_is_output(&st)) {
		close(fd);
		return -ENOTUNIQ;
	}
	p->fd = fd;
	return 0;
}

int outfile__empty(struct outfile_place *p, mode_t mode)
{
	if (!p->regular)
		return 0;
	part_set_mode(p->fd, mode);
	return ftruncate(p->fd, 0) ? -errno : 0;
}

void outfile__let_go(struct outfile_place *p)
{
	struct stat st;

	if (p->made && !lstat(p->path, &st) && st.st_dev == p->dev && st.st_ino == p->ino)
		unlink(p->path);
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	p->made = false;
}

int outfile__claim(struct outfile_series *s, const char *path)
{
	s->fd = -1;
	for (int i = 0; i < TRIES; i++) {
		int named, there = rights_look(path, &named), fd;

		if (there == THERE_NOTHING)
			return 0;
		if (there != THERE_FILE)
			return there < 0 ? there : -ENOTSUP;
		fd = rights_open(path, O_WRONLY | O_NONBLOCK, 0);
		if (fd == -EACCES) /* it is replaced all the same, if its directory allows it */
			fd = rights_open(path, O_RDONLY | O_NONBLOCK, 0);
		if (fd == -ENOENT)
			continue;
		if (fd < 0)
			return 0;
		if (part_lock_readable(fd)) {
			close(fd);
			return -EAGAIN;
		}
		if (part_is_at(fd, path)) {
			s->fd = fd;
			return 0;
		}
		close(fd);
	}
	return -EAGAIN;
}

static int write_all(int fd, const char *at, size_t len)
{
	while (len) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		at += n;
		len -= (size_t)n;
	}
	return fsync(fd) ? -errno : 0;
}

/* What is there now, if it is not what we put there. */
static int claim_again(struct outfile_series *s, const char *path)
{
	if (s->fd >= 0 && part_is_at(s->fd, path))
		return 0;
	if (s->fd >= 0)
		close(s->fd);
	return outfile__claim(s, path);
}

int outfile__replace(struct outfile_series *s, const char *path, mode_t mode, const void *bytes, size_t len)
{
	char temporary[PATH_MAX];
	int err = claim_again(s, path), fd;

	if (err)
		return err;
	fd = part_make_beside(temporary, path, mode);
	if (fd < 0)
		return fd;
	err = write_all(fd, bytes, len);
	if (!err)
		err = part_rename(temporary, path);
	if (err) {
		close(fd);
		unlink(temporary);
		return err;
	}
	if (s->fd >= 0)
		close(s->fd);
	s->fd = fd; /* and its lock */
	return 0;
}
