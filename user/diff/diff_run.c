// SPDX-License-Identifier: GPL-2.0-only
/* diff_run.c - zctrace diff: loads both sides, compares them and shows what came of it. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff.h"
#include "diff_load.h"
#include "diff_run.h"
#include "opts.h"
#include "picture.h"
#include "views_diff.h"

struct side {
	struct diff_run runs[DIFF_RUNS_MAX];
	int n;
	bool damaged;
};

static int load_one(struct side *side, const char *path, const char *comm)
{
	int err;

	if (side->n == DIFF_RUNS_MAX) {
		fprintf(stderr, "zctrace: diff takes at most %d files a side\n", DIFF_RUNS_MAX);
		return -EINVAL;
	}
	err = diff_load(&side->runs[side->n], path, comm);
	if (err && err != -EBADMSG)
		return err;
	side->damaged |= err == -EBADMSG;
	side->n++;
	return 0;
}

/* list: FILE[,FILE...] */
static int load_side(struct side *side, const char *list, const char *comm)
{
	char path[PATH_MAX];
	int err = 0;

	while (!err) {
		size_t len = strcspn(list, ",");

		if (len >= sizeof(path))
			return -ENAMETOOLONG;
		memcpy(path, list, len);
		path[len] = '\0';
		err = load_one(side, path, comm);
		if (!list[len])
			break;
		list += len + 1;
	}
	return err;
}

static int draw(FILE *out, const void *ctx)
{
	return view_diff_svg(out, ctx);
}

static int show(const struct side sides[2], const struct opts *o)
{
	struct diff *d = malloc(sizeof(*d));
	int err, picture_err;

	if (!d)
		return -ENOMEM;
	diff__make(d, sides[0].runs, sides[0].n, sides[1].runs, sides[1].n);
	err = o->json ? view_diff_json(stdout, d, o->comm) : view_diff(stdout, d, o->comm, o->verbose > 0);
	picture_err = picture__write(o->svg, draw, d);
	free(d);
	if (err && err != -EPIPE)
		fprintf(stderr, "zctrace: cannot write the report: %s\n", strerror(-err));
	return err && err != -EPIPE ? err : picture_err;
}

static int exit_status(int err, bool damaged)
{
	if (err == -ESRCH)
		return EXIT_NO_TARGET;
	return err || damaged ? EXIT_FAILED : EXIT_OK;
}

int diff__run(const struct opts *o)
{
	struct side *sides = calloc(2, sizeof(*sides));
	int err = sides ? picture__check(o->svg) : -ENOMEM;
	bool damaged;

	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; !err && i < 2; i++)
		err = load_side(&sides[i], o->diff[i], o->comm);
	if (!err)
		err = show(sides, o);
	damaged = sides && (sides[0].damaged || sides[1].damaged);
	free(sides);
	return exit_status(err, damaged);
}
