// SPDX-License-Identifier: GPL-2.0-only
/* outfile.c - files that zctrace writes besides standard output. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "outfile.h"
#include "outfile_parts.h"
#include "outfile_rights.h"

const char *outfile__why(int err)
{
	switch (-err) {
	case ELOOP:
		return "it is a link, and no link is followed: name the file itself";
	case ENOTBLK:
		return "it is a block device, whose contents would be lost: name a file";
	case ENOTSOCK:
		return "it is a socket: name a file";
	case ENOTSUP:
		return "it is no regular file, which is what its readers look for: name a file";
	case EOWNERDEAD:
		return "it is somebody else's file, who could read what is recorded: name another";
	case ENXIO:
		return "nobody reads this pipe: start its reader first";
	case EAGAIN:
		return "another process is writing it: name another file";
	case ENOBUFS:
	case ETIMEDOUT:
		return "its reader or its disk does not take what is written";
	case ENOTUNIQ:
		return "the report and messages go there, and would be mixed with it: name a file";
	case EPIPE:
		return "its reader is gone";
	default:
		return strerror(-err);
	}
}

/* Somebody records into it, or has it as a text file of theirs. Looking leaves no trace. */
static bool is_in_use(const char *path)
{
	int fd = rights_open(path, O_RDONLY | O_NONBLOCK, 0);
	bool in_use = fd >= 0 && part_lock_readable(fd);

	if (fd >= 0)
		close(fd);
	return in_use;
}

int outfile__begin(struct outfile *f, const char *path, mode_t mode)
{
	int named, there = rights_look(path, &named), fd;

	f->out = NULL;
	f->temporary[0] = '\0';
	if (there < 0)
		return there;
	if (snprintf(f->path, sizeof(f->path), "%s", path) >= (int)sizeof(f->path))
		return -ENAMETOOLONG;
	if (there == THERE_FILE && is_in_use(path))
		return -EAGAIN;
	if (there == THERE_FILE || there == THERE_NOTHING)
		fd = part_make_beside(f->temporary, path, mode);
	else
		fd = part_open_as_it_is(path, there, named);
	if (fd < 0)
		return fd;
	f->out = fdopen(fd, "w");
	if (f->out)
		return 0;
	close(fd);
	if (*f->temporary)
		unlink(f->temporary);
	return -ENOMEM;
}

int outfile__commit(struct outfile *f)
{
	int err = 0;

	errno = 0;
	if (fflush(f->out) == EOF || ferror(f->out) || (*f->temporary && fsync(fileno(f->out))))
		err = errno ? -errno : -EIO;
	if (!err && *f->temporary)
		err = part_rename(f->temporary, f->path);
	if (fclose(f->out) == EOF && !err && !*f->temporary)
		err = -errno;
	f->out = NULL;
	if (err && *f->temporary)
		unlink(f->temporary);
	return err;
}

void outfile__abort(struct outfile *f)
{
	if (!f->out)
		return;
	fclose(f->out);
	f->out = NULL;
	if (*f->temporary)
		unlink(f->temporary);
}

bool outfile__is_file(const char *path)
{
	int named, there = rights_look(path, &named);

	return there == THERE_FILE || there == THERE_NOTHING;
}

int outfile__check(const char *path)
{
	int named, there = rights_look(path, &named), err;
	struct rights r = rights_in(path);
	struct outfile file;

	if (there == THERE_FILE || there == THERE_NOTHING) {
		err = outfile__begin(&file, path, 0600);
		if (!err)
			outfile__abort(&file);
		return err;
	}
	if (there != THERE_STREAM)
		return there < 0 ? there : 0;
	err = rights_take(r); /* opening it may do something to what is behind it */
	if (!err && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS))
		err = -errno;
	rights_return(r);
	return err;
}
