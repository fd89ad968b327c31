/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * prom_series.h - the process series of the Prometheus face: counters of our own that take what each process has more
 * than when we last looked. Pure: no clock, no stdio, no hook; time is the snapshot's.
 *
 *	comm="nginx",cgroup="/system.slice/nginx.service"   the processes of that name there (and pid, when asked for)
 *	comm="ended",cgroup="/system.slice/nginx.service"   those whose series were folded, see below
 *	comm="ended",cgroup=""                              ended ones whose cgroup's series had to make room
 *	comm="other",cgroup=""                              what found no room under the cap
 *	comm="system",cgroup=""                             the system line: kernel threads and nobody's work
 *
 * The sum of a metric over all its series is the machine's total as in docs: processes and system line, each increase
 * once. It never goes back, whoever scrapes and however often: a process that changes its name takes only what comes
 * later along, what the model folds is followed into its fold, and a figure that turns from measured to inferred goes
 * on in a series of its own beside the first.
 *
 * Series start when there is something to count, those of the system line at 0: a line per process and metric that is
 * 0 for ever would fill the cap with nothing.
 *
 * A name is what the sanitiser makes of it. One that would be taken for ours is told by its first byte in hexadecimal,
 * which no process can forge as the sanitiser doubles its backslashes: \x65nded, and \x00 for no name at all.
 *
 * Fold: ten minutes after the last process of a series was seen to have ended, or to have gone elsewhere, the series
 * is added to comm="ended" of its cgroup and taken out, in one update. What such processes still get starts anew.
 *
 * Cap: of lines, which is what a server keeps. The lines of the system line, of comm="other" and of comm="ended"
 * without a cgroup stand outside it. A tenth is kept for the metrics that series shown already have yet to get. A line
 * without room is counted as dropped, once while its series lives, and its figures go to comm="other"; when room
 * comes it starts at 0.
 */
#ifndef ZCTRACE_PROM_SERIES_H
#define ZCTRACE_PROM_SERIES_H

#include "snapshot.h"

#define PROM_FOLD_NS (600 * 1000000000ULL)
#define PROM_CGROUP_LEN 1024 /* of a sanitised path in a label; more is cut off */

enum prom_kind { PROM_MEASURED, PROM_INFERRED, PROM_KINDS };

/* One set of labels. A line of it is written if shown. */
struct prom_series {
	const char *labels; /* as they are written: comm="...",cgroup="..." */
	uint64_t v[PROM_KINDS][M_COUNT];
	bool shown[PROM_KINDS][M_COUNT];
	uint32_t n_lines;
};

struct prom;

/* NULL when out of memory. label_pid: a series per process, not per name and cgroup. */
struct prom *prom__new(uint32_t max_series, bool label_pid);
void prom__free(struct prom *p); /* takes NULL */

/* Takes what came since the last one. 0, or -ENOMEM: what was not taken is, the next time. */
int prom__update(struct prom *p, const struct snapshot *s);

/* In the order they are written; *ret is the caller's to free, what it points to holds until the next update. The
 * count, or -ENOMEM. */
int prom__list(const struct prom *p, const struct prom_series ***ret);

/* Writes name="text" at `at`, the text sanitised before: twice its length, and what a label has besides. The end. */
char *prom__append_label(char *at, const char *name, const char *text);

uint32_t prom__n_lines(const struct prom *p);	/* under the cap */
uint32_t prom__max_lines(const struct prom *p); /* the cap */
uint64_t prom__n_dropped(const struct prom *p); /* only ever grows */

#endif
