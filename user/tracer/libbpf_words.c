// SPDX-License-Identifier: GPL-2.0-only
/*
 * libbpf_words.c - what libbpf says.
 *
 * When an object does not load, its words are the only ones to tell because of which program: each warning about one
 * begins with "libbpf: prog 'NAME': ", and it stops at the first that the kernel refuses, so that the last counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "libbpf_words.h"
#include "safe.h"

static int shown_level;
static char blamed[64];

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
	bool wanted = shown_level >= 2 && (level != LIBBPF_DEBUG || shown_level >= 3);
	char name[sizeof(blamed)], *text;

	if ((!wanted && level != LIBBPF_WARN) || vasprintf(&text, format, args) < 0)
		return 0;
	if (level == LIBBPF_WARN && sscanf(text, "libbpf: prog '%63[^']'", name) == 1)
		strcpy(blamed, name);
	if (wanted)
		show(text);
	free(text);
	return 0;
}

void libbpf_words__listen(int verbosity)
{
	shown_level = verbosity;
	blamed[0] = '\0';
	libbpf_set_print(hear);
}

const char *libbpf_words__blamed(void)
{
	static char last[sizeof(blamed)];

	memcpy(last, blamed, sizeof(last));
	blamed[0] = '\0';
	return last[0] ? last : NULL;
}
