/* SPDX-License-Identifier: GPL-2.0-only */
/* top_parts.h - the state of the live display; for top.c, top_draw.c and top_act.c only. */
#ifndef ZCTRACE_TOP_PARTS_H
#define ZCTRACE_TOP_PARTS_H

#include "opts.h"
#include "source.h"
#include "top_detail.h"
#include "top_head.h"
#include "top_keys.h"
#include "top_layout.h"

enum page { PAGE_TABLE, PAGE_DETAIL, PAGE_HELP };

struct top {
	const struct source *source;
	struct rates *rates; /* all that is drawn comes from here: snapshots do not last */
	struct top_head head;
	struct top_order order;
	struct top_list list;
	struct top_layout layout;
	struct top_detail detail;
	enum page page, page_before_help;
	uint64_t interval_ns, next_ns, first_ns; /* of the source's time: length, when it ends, when it began */
	bool measured;				 /* a snapshot has been taken */
	bool paused, quit;
	bool stale;		    /* the list is not that of order and rates */
	bool prompt;		    /* the filter is being typed */
	size_t cursor, first;	    /* lines of the list: the chosen one, the one on top */
	struct rates_row chosen;    /* whom the cursor follows, */
	bool follows;		    /* but on top it stays on top */
	size_t scroll, scroll_help; /* of the other pages */
};

void top__draw(struct top *t); /* the whole screen, from figures and list as they are */
void top__act(struct top *t, int key);
int top__relist(struct top *t); /* after a change of order or figures; 0 or -ENOMEM */
int top__table_lines(void);	/* how many rows of the table the screen holds */

#endif
