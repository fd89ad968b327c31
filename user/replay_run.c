// SPDX-License-Identifier: GPL-2.0-only
/* replay_run.c - zctrace replay: a recording through the faces. */
#include <errno.h>
#include <stdio.h>

#include "faces.h"
#include "replay.h"
#include "signals.h"

static int exit_status(int err, bool damaged)
{
	if (err == -EOVERFLOW)
		return EXIT_LOST;
	return err || damaged ? EXIT_FAILED : EXIT_OK;
}

int replay__run(const struct opts *o)
{
	const bool realtime = false; /* a display is shown: faces know */
	struct replay *replay;
	bool damaged = false;
	int err;

	signals__catch();
	err = faces__check(o);
	if (err)
		return exit_status(err, false);
	err = replay__open(&replay, o, realtime);
	if (!err) {
		struct source source = replay__source(replay);

		err = faces__run(&source, o);
		damaged = replay__damaged(replay);
	} else if (err == -ENOMEM && !replay) {
		fprintf(stderr, "zctrace: cannot replay: out of memory\n");
	}
	replay__close(replay);
	return exit_status(err, damaged);
}
