// SPDX-License-Identifier: GPL-2.0-only
/* play_tell.c - what is wrong with a recording, as sentences on standard error. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "fmt.h"
#include "play.h"
#include "play_tell.h"
#include "safe.h"

#define NAME_LEN 512
#define TOLD_MOST 16 /* names that are not known, one by one */

void play_tell__error(const struct play *p, const char *path, int err)
{
	char name[NAME_LEN], read[FMT_LEN], where[48] = "";
	struct snapshot s;
	uint64_t at;
	const char *what;

	safe_text(name, sizeof(name), path, PATH_MAX);
	if (err == -ENODATA) {
		fprintf(stderr, "zctrace: cannot read %s: tracing ended before anything was recorded\n", name);
		return;
	}
	if (err != -EBADMSG || !p) {
		fprintf(stderr, "zctrace: cannot read %s: %s\n", name, strerror(-err));
		return;
	}
	what = play__what(p, &at);
	if (at)
		snprintf(where, sizeof(where), " at byte %llu", (unsigned long long)at);
	if (!play__n_ticks(p)) {
		fprintf(stderr, "zctrace: cannot read %s: it %s%s\n", name, what, where);
		return;
	}
	play__snapshot(p, &s);
	fprintf(stderr, "zctrace: %s %s%s: %s of it could be read\n", name, what, where,
		fmt_duration(read, s.duration_ns));
}

void play_tell__unknown(const struct play *p, const char *path)
{
	char file[NAME_LEN], text[256];
	const char *name;
	uint32_t i, n = 0;

	safe_text(file, sizeof(file), path, PATH_MAX);
	while (play__unknown(p, n))
		n++;
	for (i = 0; i < TOLD_MOST && (name = play__unknown(p, i)); i++)
		fprintf(stderr, "zctrace: %s has %s, which this zctrace does not know: left out\n", file,
			safe_text(text, sizeof(text), name, 64));
	if (n > i)
		fprintf(stderr, "zctrace: %s has %u more names that this zctrace does not know: left out\n", file,
			n - i);
}
