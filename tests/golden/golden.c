/* SPDX-License-Identifier: GPL-2.0-only */
/* golden.c - golden report|table|json|prom FILE.in: what that view makes of that description, on standard output. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "../../user/prom_series.h"
#include "description.h"

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
	if (argc != 3) {
		fputs("golden report|table|json|prom FILE.in\n", stderr);
		return 2;
	}
	description__read(&d, argv[2]);
	if (strcmp(argv[1], "report") == 0)
		err = view_report(stdout, &d.now, &d.opts);
	else if (strcmp(argv[1], "table") == 0)
		err = view_table(stdout, &d.now, d.before.model ? &d.before : NULL, &d.opts);
	else if (strcmp(argv[1], "json") == 0)
		err = view_json(stdout, &d.now, &d.opts);
	else if (strcmp(argv[1], "prom") == 0)
		err = prom(&d);
	description__free(&d);
	if (err)
		fprintf(stderr, "%s of %s: %s\n", argv[1], argv[2], strerror(-err));
	return err ? 1 : 0;
}
