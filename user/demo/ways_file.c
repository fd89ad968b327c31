/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ways_file.c - the file that a way moves.
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ways_file.h"

#define WRITE_BYTES (1u << 20)
#define PAGE_BYTES 4096
#define EVICT_TRIES 20

/* xorshift64: the same bytes every time; the lowest bit of each byte is set, so that none is zero. */
static void fill(uint64_t *words, size_t n, uint64_t *state)
{
	for (size_t i = 0; i < n; i++) {
		*state ^= *state << 13;
		*state ^= *state >> 7;
		*state ^= *state << 17;
		words[i] = *state | 0x0101010101010101ull;
	}
}

static int write_random(int fd, uint64_t size)
{
	uint64_t state = 0x9e3779b97f4a7c15ull;
	uint64_t *buf = malloc(WRITE_BYTES);
	int err = 0;

	if (!buf)
		return -ENOMEM;
	while (size > 0 && !err) {
		size_t n = size < WRITE_BYTES ? size : WRITE_BYTES;

		fill(buf, WRITE_BYTES / sizeof(*buf), &state);
		for (size_t done = 0; done < n && !err;) {
			ssize_t put = write(fd, (char *)buf + done, n - done);

			if (put < 0)
				err = errno == EINTR ? 0 : -errno;
			else
				done += put;
		}
		size -= n;
	}
	free(buf);
	return err;
}

int way_file__scratch(const char *dir)
{
	char path[PATH_MAX];
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
		return fd < 0 ? -errno : fd;
	if (snprintf(path, sizeof(path), "%s/zctrace-XXXXXX", dir) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	unlink(path);
	return fd;
}

int way_file__reopen(int fd, int flags)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int way_file__fill(int fd, uint64_t size)
{
	int err = write_random(fd, size);

	return err ? err : fsync(fd) < 0 ? -errno : 0;
}

int way_file__make(const char *path, uint64_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int err;

	if (fd < 0)
		return -errno;
	err = way_file__fill(fd, size);
	if (close(fd) < 0 && !err)
		err = -errno;
	return err;
}

int way_file__evict(int fd)
{
	struct timespec nap = {.tv_nsec = 5000000};

	if (fsync(fd) < 0 && errno != EINVAL)
		return -errno;
	/* A page just read may sit in another CPU's batch for a moment and not be droppable. */
	for (int i = 0; i < EVICT_TRIES; i++) {
		int err = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);

		if (err)
			return -err;
		if (way_file__cached_pages(fd) <= 0)
			break;
		nanosleep(&nap, NULL);
	}
	return 0;
}

int64_t way_file__cached_pages(int fd)
{
	struct stat st;
	unsigned char *vec;
	size_t n_pages;
	int64_t n = 0;
	void *map;

	if (fstat(fd, &st) < 0)
		return -errno;
	n_pages = (st.st_size + PAGE_BYTES - 1) / PAGE_BYTES;
	if (n_pages == 0)
		return 0;
	map = mmap(NULL, st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	vec = malloc(n_pages);
	if (!vec)
		n = -ENOMEM;
	else if (mincore(map, st.st_size, vec) < 0)
		n = -errno;
	else
		for (size_t i = 0; i < n_pages; i++)
			n += vec[i] & 1;
	free(vec);
	munmap(map, st.st_size);
	return n;
}
