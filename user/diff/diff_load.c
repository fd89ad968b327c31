// SPDX-License-Identifier: GPL-2.0-only
/* diff_load.c - a run from a file: which format it has, and recordings. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diff_load.h"
#include "model.h"
#include "play.h"
#include "play_tell.h"
#include "recording.h"
#include "safe.h"

#define NAME_LEN (4 * ZC_COMM_LEN + 1)

bool diff_sum__wants(struct diff_sum *sum, const char *shown)
{
	char wanted[DIFF_TEXT_LEN];
	size_t len = strlen(sum->others);

	if (!sum->comm || !strcmp(shown, sum->comm) ||
	    !strcmp(shown, safe_text(wanted, sizeof(wanted), sum->comm, PATH_MAX)))
		return true;
	if (!strstr(sum->others, shown) && len + strlen(shown) + 3 < sizeof(sum->others) / 2)
		snprintf(sum->others + len, sizeof(sum->others) - len, "%s%s", len ? ", " : "", shown);
	return false;
}

void diff_sum__add(struct diff_sum *sum, const uint64_t v[M_COUNT], const enum quality quality[M_COUNT],
		   uint64_t n_processes)
{
	struct diff_run *run = sum->run;

	for (enum metric m = 0; m < M_COUNT; m++) {
		if (quality[m] == Q_NONE) {
			run->partial[m] = true;
			continue;
		}
		run->v[m] = metric__plus(run->v[m], v[m]);
		run->quality[m] = sum->seen[m] && run->quality[m] < quality[m] ? run->quality[m] : quality[m];
		sum->seen[m] = true;
	}
	run->n_processes += n_processes;
}

static int sum_snapshot(struct diff_sum *sum, const struct snapshot *s)
{
	const struct model_process **list;
	int n = model__list(s->model, M_COUNT, &list);
	char comm[NAME_LEN];

	if (n < 0)
		return n;
	for (int i = 0; i < n; i++) {
		enum quality quality[M_COUNT];

		if (!diff_sum__wants(sum, safe_text(comm, sizeof(comm), list[i]->comm, ZC_COMM_LEN)))
			continue;
		snapshot__qualities(s, list[i], quality);
		diff_sum__add(sum, list[i]->v, quality, list[i]->folded ? list[i]->folded : 1);
	}
	free(list);
	return 0;
}

static int load_recording(struct diff_sum *sum, int fd, const char *path)
{
	struct diff_run *run = sum->run;
	struct snapshot s;
	struct play *p;
	int err = play__open(&p, fd), damage = 0;

	while (!err && (err = play__step(p)) == 1)
		err = 0;
	if (err == 0 && p && !play__n_ticks(p))
		err = -ENODATA;
	if (err)
		play_tell__error(p, path, err);
	if (err == -EBADMSG && play__n_ticks(p)) {
		damage = err;
		err = 0;
	}
	if (!err) {
		play_tell__unknown(p, path);
		play__snapshot(p, &s);
		run->recording = true;
		run->whole_machine = s.whole_machine;
		run->duration_ns = s.duration_ns;
		safe_text(run->host, sizeof(run->host), s.host ? s.host : "", sizeof(run->host));
		safe_text(run->kernel, sizeof(run->kernel), s.kernel ? s.kernel : "", sizeof(run->kernel));
		memcpy(run->lost, s.lost, sizeof(run->lost));
		memcpy(run->system, model__system(s.model), sizeof(run->system));
		snapshot__qualities(&s, NULL, run->system_quality);
		err = sum_snapshot(sum, &s);
	}
	play__close(p);
	return err ? err : damage;
}

/* -EISDIR and its like come from the first read. */
static int looks_like_recording(int fd, bool *ret)
{
	char first[sizeof(RECORDING_NAME) - 1];
	ssize_t n = pread(fd, first, sizeof(first), 0);

	if (n < 0)
		return -errno;
	*ret = n == (ssize_t)sizeof(first) && !memcmp(first, RECORDING_NAME, sizeof(first));
	return 0;
}

static int no_process(const struct diff_sum *sum, const char *path)
{
	char name[DIFF_TEXT_LEN], wanted[DIFF_TEXT_LEN];

	safe_text(name, sizeof(name), path, PATH_MAX);
	if (!sum->comm)
		fprintf(stderr, "zctrace: no process was traced in %s\n", name);
	else
		fprintf(stderr, "zctrace: no process of %s is named %s; it has %s\n", name,
			safe_text(wanted, sizeof(wanted), sum->comm, PATH_MAX), *sum->others ? sum->others : "none");
	return -ESRCH;
}

int diff_load(struct diff_run *ret, const char *path, const char *comm)
{
	struct diff_sum sum = {.run = ret, .comm = comm};
	bool recording = false;
	int fd, err;

	*ret = (struct diff_run){0};
	safe_text(ret->file, sizeof(ret->file), path, PATH_MAX);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	err = fd < 0 ? -errno : looks_like_recording(fd, &recording);
	if (err) {
		fprintf(stderr, "zctrace: cannot read %s: %s\n", ret->file, strerror(-err));
		if (fd >= 0)
			close(fd);
		return err;
	}
	if (recording) {
		err = load_recording(&sum, fd, path);
	} else {
		close(fd);
		err = diff_load_json(&sum, path);
	}
	for (enum metric m = 0; m < M_COUNT; m++)
		ret->partial[m] &= sum.seen[m];
	if ((!err || err == -EBADMSG) && !ret->n_processes && (comm || !err))
		return no_process(&sum, path);
	return err;
}
