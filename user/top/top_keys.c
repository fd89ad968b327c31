/* SPDX-License-Identifier: GPL-2.0-only */
/* top_keys.c - the list of keys, after htop's. */
#include <curses.h>

#include "top_keys.h"

#define CODE(k) ((k) | TOP_KEY_CODE)
#define CTRL(c) ((c)&0x1f)

/* clang-format off */
const struct top_key top_keys[] = {
	{ACT_QUIT,       {'q', CODE(KEY_F(10)), CTRL('c')},        "q F10 Ctrl-C", "quit; the report follows"},
	{ACT_HELP,       {'?', 'h', CODE(KEY_F(1))},               "? h F1",       "this page"},
	{ACT_UP,         {CODE(KEY_UP), 'k'},                      "Up k",         "one row up"},
	{ACT_DOWN,       {CODE(KEY_DOWN), 'j'},                    "Down j",       "one row down"},
	{ACT_PAGE_UP,    {CODE(KEY_PPAGE)},                        "PgUp",         "one page up"},
	{ACT_PAGE_DOWN,  {CODE(KEY_NPAGE)},                        "PgDn",         "one page down"},
	{ACT_HOME,       {CODE(KEY_HOME), CODE(KEY_FIND)},         "Home",         "first row"},
	{ACT_END,        {CODE(KEY_END), CODE(KEY_SELECT)},        "End",          "last row"},
	{ACT_SORT_LEFT,  {'<', CODE(KEY_LEFT)},                    "< Left",       "sort by the column to the left"},
	{ACT_SORT_RIGHT, {'>', CODE(KEY_RIGHT), CODE(KEY_F(6))},   "> Right F6",   "sort by the column to the right"},
	{ACT_INVERT,     {'I', 'r'},                               "I r",          "turn the order around"},
	{ACT_FILTER,     {'/', 'f', CODE(KEY_F(4))},               "/ f F4",       "only names and pids with this in them; Esc: all"},
	{ACT_TREE,       {'t', CODE(KEY_F(5))},                    "t F5",         "processes beneath their parents, or not"},
	{ACT_THREADS,    {'H'},                                    "H",            "threads beneath their process, or not"},
	{ACT_PAUSE,      {'Z', ' '},                               "Z Space",      "figures stand still; counting goes on"},
	{ACT_SLOWER,     {'+', '='},                               "+",            "longer interval (to 60 s)"},
	{ACT_FASTER,     {'-'},                                    "-",            "shorter interval (to 0.25 s)"},
	{ACT_TOTALS,     {'a'},                                    "a",            "per second, or total since the base line"},
	{ACT_REBASE,     {'0', 'R'},                               "0 R",          "new base line for totals, in this display only"},
	{ACT_DETAIL,     {'\n', '\r', CODE(KEY_ENTER)},            "Enter",        "one process: its path, metrics, threads"},
	{ACT_BACK,       {CTRL('[')},                              "Esc",          "back to the table; there: no filter"},
	{ACT_REDRAW,     {CTRL('l')},                              "Ctrl-L",       "draw the screen anew"},
	{ACT_RESIZE,     {CODE(KEY_RESIZE)},                       "",             NULL},
};
/* clang-format on */

const size_t n_top_keys = sizeof(top_keys) / sizeof(top_keys[0]);

enum top_action top_keys__action(int key)
{
	for (size_t i = 0; i < n_top_keys; i++)
		for (size_t k = 0; k < sizeof(top_keys[i].keys) / sizeof(int) && top_keys[i].keys[k]; k++)
			if (top_keys[i].keys[k] == key)
				return top_keys[i].action;
	return ACT_NONE;
}

bool top_keys__is_backspace(int key)
{
	return key == CODE(KEY_BACKSPACE) || key == 0x7f || key == CTRL('h');
}
