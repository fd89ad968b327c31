/* SPDX-License-Identifier: GPL-2.0-only */
/* golden.c - golden report|table|json|svg|prom FILE.in, golden pair A.in B.in: what that view makes of that
 * description, on standard output. */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prom_series.h"
#include "description.h"

/* Two descriptions of one process each, side by side. */
static int write_pair(const char *const files[2])
{
	struct description d[2];
	struct svg_side sides[2];
	enum quality quality[2][M_COUNT];
	int err;

	for (int i = 0; i < 2; i++) {
		const struct model_process **list;

		description__read(&d[i], files[i]);
		if (model__list(d[i].now.model, M_COUNT, &list) < 1)
			return -ENOENT;
		snapshot__qualities(&d[i].now, list[0], quality[i]);
		sides[i] = (struct svg_side){files[i], d[i].now.host, {list[0]->v, quality[i]}};
		free(list);
	}
	err = view_svg_pair(stdout, sides, "before <and> \"after\"", "what it is & where it comes from");
	description__free(&d[0]);
	description__free(&d[1]);
	return err;
}

#define MAX_SERIES 1000

/* As scraped twice, if there is a `before`. */
static int prom(const struct description *d)
{
	struct prom *state = prom__new(MAX_SERIES, false);
	int err = d->before.model ? prom__update(state, &d->before) : 0;

	if (!err)
		err = view_prom(stdout, &d->now, state, NULL);
	prom__free(state);
	return err;
}

int main(int argc, char **argv)
{
	struct description d;
	int err = -1;

	setlocale(LC_CTYPE, "C.UTF-8");
	if (argc == 4 && strcmp(argv[1], "pair") == 0)
		return write_pair((const char *const[]){argv[2], argv[3]}) ? 1 : 0;
	if (argc != 3) {
		fputs("golden report|table|json|svg|prom FILE.in | pair A.in B.in\n", stderr);
		return 2;
	}
	description__read(&d, argv[2]);
	if (strcmp(argv[1], "report") == 0)
		err = view_report(stdout, &d.now, &d.opts);
	else if (strcmp(argv[1], "table") == 0)
		err = view_table(stdout, &d.now, d.before.model ? &d.before : NULL, &d.opts);
	else if (strcmp(argv[1], "json") == 0)
		err = view_json(stdout, &d.now, &d.opts);
	else if (strcmp(argv[1], "svg") == 0)
		err = view_svg(stdout, &d.now, &d.opts);
	else if (strcmp(argv[1], "prom") == 0)
		err = prom(&d);
	description__free(&d);
	if (err)
		fprintf(stderr, "%s of %s: %s\n", argv[1], argv[2], strerror(-err));
	return err ? 1 : 0;
}
