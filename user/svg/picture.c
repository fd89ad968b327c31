// SPDX-License-Identifier: GPL-2.0-only
/* picture.c - the file of --svg. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "outfile.h"
#include "picture.h"
#include "safe.h"

static int complain(const char *path, int err)
{
	char name[512];

	if (err)
		fprintf(stderr, "zctrace: cannot write %s: %s\n", safe_text(name, sizeof(name), path, PATH_MAX),
			outfile__why(err));
	return err ? -EIO : 0; /* no target was missing, and no permission to trace */
}

int picture__check(const char *path)
{
	return path ? complain(path, outfile__check(path)) : 0;
}

bool picture__is_file(const char *path)
{
	return path && outfile__is_file(path);
}

int picture__write(const char *path, int (*draw)(FILE *out, const void *ctx), const void *ctx)
{
	struct outfile file;
	int err;

	if (!path)
		return 0;
	err = outfile__begin(&file, path, 0644);
	if (err)
		return complain(path, err);
	err = draw(file.out, ctx);
	if (err)
		outfile__abort(&file);
	else
		err = outfile__commit(&file);
	return complain(path, err);
}
