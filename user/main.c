// SPDX-License-Identifier: GPL-2.0-only
/* main.c - a table of contents: options, then what they ask for. */
#include "demo.h"
#include "opts.h"
#include "sink.h"
#include "trace.h"

int main(int argc, char **argv)
{
	struct opts o;

	opts__parse(&o, argc, argv);
	switch (o.mode) {
	case MODE_DEMO:
		return demo__run(&o);
	case MODE_SINK:
		return sink__serve(o.demo.sink_port);
	default:
		return trace__run(&o);
	}
}
