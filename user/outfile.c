// SPDX-License-Identifier: GPL-2.0-only
/* outfile.c - files that zctrace writes besides standard output. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "outfile.h"

/* Effective ids of the user behind sudo while in a directory of theirs; uid 0: we stay who we are. */
struct rights {
	uid_t uid;
	gid_t gid;
};

static struct rights rights_in(const char *path)
{
	const char *uid = getenv("SUDO_UID"), *gid = getenv("SUDO_GID");
	char copy[PATH_MAX];
	struct stat st;

	snprintf(copy, sizeof(copy), "%s", path);
	if (geteuid() || !uid || !gid || stat(dirname(copy), &st) || st.st_uid != strtoul(uid, NULL, 10))
		return (struct rights){0};
	return (struct rights){st.st_uid, (gid_t)strtoul(gid, NULL, 10)};
}

static int rights_take(struct rights r)
{
	return r.uid && (setegid(r.gid) || seteuid(r.uid)) ? -errno : 0;
}

/* Back to root, or no further: what comes next must not run with half the rights. */
static void rights_return(struct rights r)
{
	if (r.uid && (seteuid(0) || setegid(0)))
		abort();
}

static int open_as(struct rights r, const char *path, int flags, mode_t mode)
{
	int fd = rights_take(r);
	struct stat st;

	if (!fd) {
		fd = open(path, flags | O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, mode);
		fd = fd < 0 ? -errno : fd;
	}
	rights_return(r);
	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && fchmod(fd, mode)) /* whatever the umask is */
		errno = 0;
	return fd;
}

int outfile__create(const char *path, mode_t mode)
{
	return open_as(rights_in(path), path, O_TRUNC, mode);
}

int outfile__begin(struct outfile *f, const char *path, mode_t mode)
{
	int fd;

	f->out = NULL;
	if (snprintf(f->path, sizeof(f->path), "%s", path) >= (int)sizeof(f->path) ||
	    snprintf(f->temporary, sizeof(f->temporary), "%s.%d", path, getpid()) >= (int)sizeof(f->temporary))
		return -ENAMETOOLONG;
	fd = open_as(rights_in(path), f->temporary, O_EXCL, mode);
	if (fd == -EEXIST && !unlink(f->temporary)) /* of one that had our pid and was killed */
		fd = open_as(rights_in(path), f->temporary, O_EXCL, mode);
	if (fd < 0)
		return fd;
	f->out = fdopen(fd, "w");
	if (f->out)
		return 0;
	close(fd);
	unlink(f->temporary);
	return -ENOMEM;
}

int outfile__commit(struct outfile *f)
{
	struct rights r = rights_in(f->path);
	int err = 0;

	errno = 0;
	if (fflush(f->out) == EOF || ferror(f->out) || fsync(fileno(f->out)))
		err = errno ? -errno : -EIO;
	if (fclose(f->out) == EOF && !err)
		err = -errno;
	f->out = NULL;
	if (!err)
		err = rights_take(r);
	if (!err && rename(f->temporary, f->path))
		err = -errno;
	rights_return(r);
	if (err)
		unlink(f->temporary);
	return err;
}

void outfile__abort(struct outfile *f)
{
	if (!f->out)
		return;
	fclose(f->out);
	f->out = NULL;
	unlink(f->temporary);
}
