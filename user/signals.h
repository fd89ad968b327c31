/* SPDX-License-Identifier: GPL-2.0-only */
/* signals.h - SIGINT, SIGTERM and SIGHUP as one question. */
#ifndef ZCTRACE_SIGNALS_H
#define ZCTRACE_SIGNALS_H

#include <stdbool.h>

/* From here on the first of them asks to end, the second ends at once, whichever of them it is; SIGHUP only if we were
 * not started ignoring it. SIGPIPE is ignored: writes tell. */
void signals__catch(void);
/* What is too large for ulimit -f is an error of the write, and no end. */
void signals__ignore_limits(void);
bool signals__stop(void); /* one has come */
/* Nothing has come that says that nobody sits there (SIGTERM, SIGHUP), and could press Ctrl-C again. */
bool signals__somebody_waits(void);
int signals__which(void);   /* the one that came last, or 0 */
void signals__forget(void); /* in a child: back to what they do by themselves, unless they were ignored */

#endif
