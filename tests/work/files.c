/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * files.c - files read, written, mapped and copied.
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sink.h"
#include "ways_file.h"
#include "work.h"

#define BLOCK_BYTES 4096

/* Exits with the reason if it cannot. */
static int open_or_exit(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0) {
		dprintf(STDERR_FILENO, "work: %s: %s\n", path, strerror(errno));
		_exit(1);
	}
	return fd;
}

static uint64_t size_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 ? 0 : (uint64_t)st.st_size;
}

/* read FILE CHUNK [TIMES]: each time from the start until 0 bytes come back; those last calls are no data calls. */
static int run_read(int argc, char **argv)
{
	uint64_t chunk = arg__number(argv[2]), times = argc > 3 ? arg__number(argv[3]) : 1;
	int fd = open_or_exit(argv[1], O_RDONLY);
	void *buf = work__alloc(chunk);
	ssize_t got = 0;

	for (uint64_t i = 0; i < times && got >= 0; i++) {
		if (i > 0 && lseek(fd, 0, SEEK_SET) < 0)
			return -errno;
		while ((got = work__read(fd, buf, chunk)) > 0)
			;
	}
	out__add("seeks", times - 1);
	return (int)got;
}

static int run_pread(int argc, char **argv)
{
	uint64_t chunk = arg__number(argv[2]), offset = 0;
	int fd = open_or_exit(argv[1], O_RDONLY);
	void *buf = work__alloc(chunk);
	ssize_t got;

	(void)argc;
	while ((got = work__moved(syscall(SYS_pread64, fd, buf, chunk, offset), 1)) > 0)
		offset += got;
	return (int)got;
}

static int run_readv(int argc, char **argv)
{
	uint64_t chunk = arg__number(argv[2]);
	int fd = open_or_exit(argv[1], O_RDONLY);
	char *buf = work__alloc(chunk);
	struct iovec iov[2] = {{buf, chunk / 3}, {buf + chunk / 3, chunk - chunk / 3}};
	ssize_t got;

	(void)argc;
	while ((got = work__moved(syscall(SYS_readv, fd, iov, 2), 1)) > 0)
		;
	return (int)got;
}

/* The last read, if the size is no multiple of the block, comes back shorter: still one data call. */
static int run_direct_read(int argc, char **argv)
{
	uint64_t chunk = arg__number(argv[2]), size;
	int fd = open_or_exit(argv[1], O_RDONLY | O_DIRECT);
	void *buf = work__alloc(chunk);

	(void)argc;
	size = size_of(fd);
	while (did.in_bytes < size) {
		ssize_t got = work__read(fd, buf, chunk);

		if (got <= 0)
			return got ? (int)got : -ENODATA;
	}
	return 0;
}

static int write_file(int fd, uint64_t bytes, uint64_t chunk)
{
	char *buf = work__alloc(chunk);

	memset(buf, 0xa5, chunk);
	while (bytes > 0) {
		uint64_t n = bytes < chunk ? bytes : chunk;
		int err = work__write_all(fd, buf, n);

		if (err)
			return err;
		bytes -= n;
	}
	return 0;
}

/* write FILE BYTES CHUNK [--fsync] [--keep]: --keep writes over what is there instead of truncating. */
static int run_write(int argc, char **argv)
{
	int flags = O_WRONLY | O_CREAT | (arg__flag(argc, argv, "--keep") ? 0 : O_TRUNC);
	int fd = open_or_exit(argv[1], flags);
	int err = write_file(fd, arg__number(argv[2]), arg__number(argv[3]));
	bool sync = arg__flag(argc, argv, "--fsync");

	if (!err && sync && fsync(fd) < 0)
		err = -errno;
	out__add("fsyncs", sync);
	return err;
}

/* pwrite and writev FILE BYTES CHUNK: files take what they are given, so a short write is an error. */
static int run_pwrite(int argc, char **argv)
{
	uint64_t bytes = arg__number(argv[2]), chunk = arg__number(argv[3]);
	int fd = open_or_exit(argv[1], O_WRONLY | O_CREAT | O_TRUNC);
	const char *buf = work__alloc(chunk);

	(void)argc;
	for (uint64_t at = 0, n; at < bytes; at += n) {
		n = bytes - at < chunk ? bytes - at : chunk;
		if (work__moved(syscall(SYS_pwrite64, fd, buf, n, at), 2) != (ssize_t)n)
			return -EIO;
	}
	return 0;
}

static int run_writev(int argc, char **argv)
{
	uint64_t bytes = arg__number(argv[2]), chunk = arg__number(argv[3]);
	int fd = open_or_exit(argv[1], O_WRONLY | O_CREAT | O_TRUNC);
	char *buf = work__alloc(chunk);

	(void)argc;
	while (bytes > 0) {
		uint64_t n = bytes < chunk ? bytes : chunk;
		struct iovec iov[2] = {{buf, n / 3}, {buf + n / 3, n - n / 3}};

		if (work__moved(syscall(SYS_writev, fd, iov, 2), 2) != (ssize_t)n)
			return -EIO;
		bytes -= n;
	}
	return 0;
}

static int run_direct_write(int argc, char **argv)
{
	uint64_t bytes = arg__number(argv[2]), chunk = arg__number(argv[3]);

	(void)argc;
	if (bytes % BLOCK_BYTES || chunk % BLOCK_BYTES)
		return -EINVAL;
	return write_file(open_or_exit(argv[1], O_WRONLY | O_CREAT | O_DIRECT), bytes, chunk);
}

static int run_mmap_read(int argc, char **argv)
{
	int fd = open_or_exit(argv[1], O_RDONLY);
	uint64_t size = size_of(fd), sum = 0;
	const volatile unsigned char *map = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);

	(void)argc;
	if (map == MAP_FAILED)
		return -errno;
	did.calls++;
	did.map_calls++;
	for (uint64_t at = 0; at < size; at += BLOCK_BYTES)
		sum += map[at];
	out__add("pages", (size + BLOCK_BYTES - 1) / BLOCK_BYTES);
	out__add("sum", sum); /* so that no touch is optimised away */
	return 0;
}

static int run_copy_file_range(int argc, char **argv)
{
	int in = open_or_exit(argv[1], O_RDONLY), out = open_or_exit(argv[2], O_WRONLY | O_CREAT | O_TRUNC);
	ssize_t n;

	(void)argc;
	while ((n = work__moved(syscall(SYS_copy_file_range, in, NULL, out, NULL, 1ul << 30, 0), 3)) > 0)
		;
	return (int)n;
}

static int run_sendfile(int argc, char **argv)
{
	int in = open_or_exit(argv[1], O_RDONLY), out = open_or_exit(argv[2], O_WRONLY | O_CREAT | O_TRUNC);
	ssize_t n;

	(void)argc;
	while ((n = work__moved(sendfile(out, in, NULL, 1ul << 30), 3)) > 0)
		;
	return (int)n;
}

/* splice IN OUT CHUNK: through a pipe; the sizes the two sides moved are told apart, as each is a splice. */
static int run_splice(int argc, char **argv)
{
	int in = open_or_exit(argv[1], O_RDONLY), out = open_or_exit(argv[2], O_WRONLY | O_CREAT | O_TRUNC);
	uint64_t chunk = arg__number(argv[3]);
	int ends[2];
	ssize_t n;

	(void)argc;
	if (pipe(ends) < 0)
		return -errno;
	while ((n = work__moved(splice(in, NULL, ends[1], NULL, chunk, 0), 1)) > 0) {
		for (ssize_t left = n; left > 0;) {
			ssize_t moved = work__moved(splice(ends[0], NULL, out, NULL, left, 0), 2);

			if (moved <= 0)
				return moved ? (int)moved : -EIO;
			left -= moved;
		}
	}
	return (int)n;
}

static int run_make(int argc, char **argv)
{
	(void)argc;
	return way_file__make(argv[1], arg__number(argv[2]));
}

static int run_evict(int argc, char **argv)
{
	int fd = open_or_exit(argv[1], O_RDONLY);
	int64_t before = way_file__cached_pages(fd);
	int err = way_file__evict(fd);
	int64_t after = way_file__cached_pages(fd);

	(void)argc;
	out__add("cached_pages_before", before < 0 ? 0 : before);
	out__add("cached_pages", after < 0 ? 0 : after);
	return err ? err : before < 0 ? (int)before : after < 0 ? (int)after : 0;
}

static int run_cache_pages(int argc, char **argv)
{
	int fd = open_or_exit(argv[1], O_RDONLY);
	int64_t n = way_file__cached_pages(fd);

	(void)argc;
	if (n < 0)
		return (int)n;
	out__add("pages", (size_of(fd) + BLOCK_BYTES - 1) / BLOCK_BYTES);
	out__add("cached_pages", n);
	return 0;
}

static int run_sum(int argc, char **argv)
{
	int fd = open_or_exit(argv[1], O_RDONLY);
	char *buf = work__alloc(1u << 20);
	struct sink_checksum sum = {0};
	ssize_t got;

	(void)argc;
	while ((got = work__read(fd, buf, 1u << 20)) > 0)
		sink__checksum_add(&sum, buf, got);
	out__add("checksum", sink__checksum(&sum));
	return (int)got;
}

/* clang-format off */
const struct command file_commands[] = {
	{"read",            "FILE CHUNK [TIMES]", 2, 3, run_read},
	{"pread",           "FILE CHUNK", 2, 2, run_pread},
	{"readv",           "FILE CHUNK        two vectors", 2, 2, run_readv},
	{"pwrite",          "FILE BYTES CHUNK", 3, 3, run_pwrite},
	{"writev",          "FILE BYTES CHUNK  two vectors", 3, 3, run_writev},
	{"direct-read",     "FILE CHUNK        O_DIRECT", 2, 2, run_direct_read},
	{"write",           "FILE BYTES CHUNK [--fsync] [--keep]", 3, 5, run_write},
	{"direct-write",    "FILE BYTES CHUNK  O_DIRECT, whole blocks", 3, 3, run_direct_write},
	{"mmap-read",       "FILE              touch each page", 1, 1, run_mmap_read},
	{"copy-file-range", "IN OUT", 2, 2, run_copy_file_range},
	{"sendfile",        "IN OUT            file to file", 2, 2, run_sendfile},
	{"splice",          "IN OUT CHUNK      file to file through a pipe", 3, 3, run_splice},
	{"make",            "FILE BYTES        pseudo-random, always the same, no byte zero", 2, 2, run_make},
	{"evict",           "FILE              out of the page cache", 1, 1, run_evict},
	{"cache-pages",     "FILE              how many pages are cached", 1, 1, run_cache_pages},
	{"sum",             "FILE              checksum, as of send --check", 1, 1, run_sum},
	{0},
};
/* clang-format on */
