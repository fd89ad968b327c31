/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * record.h - writes a recording: what the model is given, in the order it is given, and at each tick the rest of the
 * snapshot. So a replay makes the same model and the same documents. Knows records and snapshots and no hook.
 *
 * Each tick is in the file when record__tick returns, unless the file takes it slowly: a recorder that is killed leaves
 * all ticks before. A file that takes nothing, as a pipe that nobody reads, holds up nobody.
 */
#ifndef ZCTRACE_RECORD_H
#define ZCTRACE_RECORD_H

#include "snapshot.h"

struct record;

/*
 * Begins a recording in fd, an empty file or a stream, which it owns from here on, also on error; -1: what is recorded
 * is kept until record__into. max_ended: as model__new. 0 or -errno.
 */
int record__new(struct record **ret, int fd, uint32_t max_ended);
/* Where it goes, begun with -1: owned, also on error. cut: it was empty and is ours alone, and is cut behind the last
 * whole frame when a write fails. */
int record__into(struct record *r, int fd, bool cut);

/* As model__add and model__set_system were called. cgroup_path: of r->cgroup, untrusted bytes, NULL: none is known. */
void record__add(struct record *r, const struct zc_record *record, const char *cgroup_path);
void record__set_system(struct record *r, uint32_t source, const uint64_t v[M_COUNT]);
/* The model has been summed up between two ticks: folds depend on when. */
void record__sum(struct record *r);
/* The model has been summed up and this is the snapshot that came of it. */
void record__tick(struct record *r, const struct snapshot *s);

uint64_t record__n_bytes(const struct record *r); /* written so far */
/* What went wrong first: a negative errno, after which nothing more is written; 0: nothing. -ENOBUFS and -ETIMEDOUT:
 * the file does not take what is written. */
int record__error(const struct record *r);
/* ended: counting ended and the last tick has its final figures; else the recording is left like one of a recorder that
 * was killed. Frees r; takes NULL. 0 or what went wrong first. */
int record__close(struct record *r, bool ended);

#endif
