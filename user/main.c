// SPDX-License-Identifier: GPL-2.0-only
/* main.c - a table of contents: options, then what they ask for. */
#include <locale.h>

#include "demo.h"
#include "diff_run.h"
#include "opts.h"
#include "output.h"
#include "replay.h"
#include "signals.h"
#include "trace.h"

int main(int argc, char **argv)
{
	struct opts o;

	output__prepare();
	signals__ignore_limits();
	setlocale(LC_CTYPE, ""); /* how wide characters are; numbers stay as they are */
	opts__parse(&o, argc, argv);
	switch (o.mode) {
	case MODE_DEMO:
		return demo__run(&o);
	case MODE_SINK:
		return demo__sink_only(&o);
	case MODE_REPLAY:
		return replay__run(&o);
	case MODE_DIFF:
		return diff__run(&o);
	default:
		return trace__run(&o);
	}
}
