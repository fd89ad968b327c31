/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view_passage.h - between which stations bytes passed, and how: the one list that the text path and the picture are
 * drawn from; for view_*.c only.
 */
#ifndef ZCTRACE_VIEW_PASSAGE_H
#define ZCTRACE_VIEW_PASSAGE_H

#include "metric.h"

enum station {
	STATION_DISK,
	STATION_CACHE,
	STATION_USER,
	STATION_PIPE,
	STATION_SOCKET,
	STATION_PACKET, /* packets cut from what a socket holds */
	STATION_NIC,
	STATION_FILE,	   /* blocks of a file, not in the page cache */
	STATION_ELSEWHERE, /* no station of the path */
	STATION_COUNT
};

enum arrow { ARROW_DMA, ARROW_COPY, ARROW_NO_COPY };

/* In the order in which ways are told: into user memory, out of it, past it; then what devices and the kernel did. */
enum passage_id {
	P_FILE_READ,
	P_DIRECT_READ,
	P_RECEIVE,
	P_PIPE_READ,
	P_MAPPED,
	P_FILE_WRITE,
	P_DIRECT_WRITE,
	P_SEND,
	P_PIPE_WRITE,
	P_ZEROCOPY_SEND,
	P_VMSPLICE,
	P_TO_FILE,
	P_SENDFILE,
	P_SPLICE_IN,
	P_SPLICE_OUT,
	P_REFLINK,
	P_TEE,
	P_DISK_READ,
	P_DISK_WRITE,
	P_NET_RX,
	P_NET_TX,
	P_DISK_COPY,
	P_SEGMENT,
	P_UNZEROCOPIED,
	P_BOUNCE,
	P_KERNEL_OTHER,
	P_TO_USER_OTHER,
	P_FROM_USER_OTHER,
	P_COUNT
};

struct passage {
	enum station from, to;
	enum arrow arrow;
	struct figure bytes; /* not known: not measured; 0: nothing passed */
};

struct passages {
	struct passage p[P_COUNT];
	bool through_pipe;  /* P_SPLICE_IN goes on as P_SPLICE_OUT */
	bool mapping_feeds; /* what went out has no other source than mapped files */
	bool mapping_shown; /* it feeds, or is too much to be libraries, or there is nothing else */
};

/*
 * What a device moved for O_DIRECT is in its passage to or from user memory and left out of those of the page cache.
 * All are filled in, those that did not happen too.
 */
void passages__find(struct passages *ret, struct metric_view m);

extern const char *const station_names[STATION_COUNT]; /* "page cache" */
const char *passage__name(enum passage_id id);	       /* how it came to pass: "sendfile", "read", "packets cut" */

#endif
