/* SPDX-License-Identifier: GPL-2.0-only */
/* view_footer.h - how the figures were come by and what is missing from them; for view_*.c only. */
#ifndef ZCTRACE_VIEW_FOOTER_H
#define ZCTRACE_VIEW_FOOTER_H

#include <stdio.h>

#include "snapshot.h"

/* verbose: every hook by name, with its complaint. */
void footer__facts(FILE *out, const struct snapshot *s, bool verbose);
/* And what the signs mean. */
void footer__write(FILE *out, const struct snapshot *s, bool verbose);

#endif
