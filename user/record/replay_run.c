// SPDX-License-Identifier: GPL-2.0-only
/* replay_run.c - zctrace replay: a recording through the faces. */
#include <errno.h>
#include <stdio.h>

#include "faces.h"
#include "replay.h"
#include "signals.h"
#include "top.h"

static int exit_status(int err, bool damaged)
{
	if (err == -EOVERFLOW)
		return EXIT_LOST;
	return err || damaged ? EXIT_FAILED : EXIT_OK;
}

int replay__run(const struct opts *o)
{
	bool display = top__wanted(o);
	struct replay *replay;
	bool damaged = false;
	int err;

	signals__catch();
	err = faces__check(o);
	if (err)
		return exit_status(err, false);
	err = replay__open(&replay, o, display);
	if (!err) {
		struct source source = replay__source(replay);

		err = faces__run(&source, o, display);
		damaged = replay__damaged(replay);
	} else if (err == -ENOMEM && !replay) {
		fprintf(stderr, "zctrace: cannot replay: out of memory\n");
	}
	replay__close(replay);
	return exit_status(err, damaged);
}
