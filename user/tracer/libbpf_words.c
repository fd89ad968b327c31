// SPDX-License-Identifier: GPL-2.0-only
/* libbpf_words.c - what libbpf says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "libbpf_words.h"
#include "safe.h"

static int shown_level;

/* Line by line: it repeats names from the file of --btf, and the file's own. */
static void show(char *text)
{
	char *rest;

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		size_t len = strlen(line);
		char *shown = malloc(4 * len + 1);

		if (shown)
			fprintf(stderr, "%s\n", safe_text(shown, 4 * len + 1, line, len));
		free(shown);
	}
}

static int hear(enum libbpf_print_level level, const char *format, va_list args)
{
	char *text;

	if (shown_level < 2 || (level == LIBBPF_DEBUG && shown_level < 3) || vasprintf(&text, format, args) < 0)
		return 0;
	show(text);
	free(text);
	return 0;
}

void libbpf_words__listen(int verbosity)
{
	shown_level = verbosity;
	libbpf_set_print(hear);
}
