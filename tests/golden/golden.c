/* SPDX-License-Identifier: GPL-2.0-only */
/* golden.c - golden report|table|json|svg FILE.in: what that view makes of that description, on standard output. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "description.h"

int main(int argc, char **argv)
{
	struct description d;
	int err = -1;

	setlocale(LC_CTYPE, "C.UTF-8");
	if (argc != 3) {
		fputs("golden report|table|json|svg FILE.in\n", stderr);
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
	description__free(&d);
	if (err)
		fprintf(stderr, "%s of %s: %s\n", argv[1], argv[2], strerror(-err));
	return err ? 1 : 0;
}
