// SPDX-License-Identifier: GPL-2.0-only
/* trace.c - the default mode: trace what the options name, print the report when it ends. */
#include <errno.h>

#include "aside.h"
#include "faces.h"
#include "descriptors.h"
#include "live.h"
#include "session.h"
#include "signals.h"
#include "top.h"
#include "trace.h"

/* Of what they name beside the targets: an address or a file. */
static int status_of_options(int err)
{
	return err == -EINVAL ? EXIT_USAGE : err == -EPERM || err == -EACCES ? EXIT_PERMISSION : EXIT_FAILED;
}

int trace__run(const struct opts *o)
{
	struct live *live = NULL;
	struct aside *aside = NULL;
	int err;

	signals__catch();
	descriptors__raise();
	err = faces__check(o);
	if (!err)
		err = aside__open(&aside, o);
	if (err) {
		aside__close(aside);
		return status_of_options(err);
	}
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
	if (err == -EINTR && signals__which())
		return EXIT_SIGNAL + signals__which();
	return session__exit_status(err);
}
