// SPDX-License-Identifier: GPL-2.0-only
/* trace.c - the default mode: trace what the options name, print the report when it ends. */
#include "faces.h"
#include "live.h"
#include "session.h"
#include "signals.h"
#include "top.h"
#include "trace.h"

int trace__run(const struct opts *o)
{
	struct live *live = NULL;
	int err;

	signals__catch();
	err = faces__check(o);
	if (!err)
		err = live__open(&live, o);
	if (!err) {
		struct source source = live__source(live);

		int record_err;

		err = faces__run(&source, o, top__wanted(o));
		record_err = live__end_record(live);
		err = err ? err : record_err;
	}
	live__close(live);
	return session__exit_status(err);
}
