// SPDX-License-Identifier: GPL-2.0-only
/* trace.c - the default mode: trace what the options name, print the report when it ends. */
#include "aside.h"
#include "faces.h"
#include "live.h"
#include "session.h"
#include "signals.h"
#include "top.h"
#include "trace.h"

int trace__run(const struct opts *o)
{
	struct live *live = NULL;
	struct aside *aside = NULL;
	int err;

	signals__catch();
	err = faces__check(o);
	if (!err)
		err = aside__open(&aside, o);
	if (!err)
		err = live__open(&live, o);
	if (!err) {
		struct source inner = live__source(live), source = aside__source(aside, &inner);
		int record_err;

		err = faces__run(&source, o, top__wanted(o));
		record_err = live__end_record(live);
		err = err ? err : record_err;
	}
	if (!err)
		err = aside__error(aside);
	aside__close(aside);
	live__close(live);
	return session__exit_status(err);
}
