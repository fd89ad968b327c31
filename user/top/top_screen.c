/* SPDX-License-Identifier: GPL-2.0-only */
/* top_screen.c - the terminal, by ncurses. */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "bound.h"
#include "top_keys.h"
#include "top_screen.h"
#include "top_text.h"

#include <term.h>
#undef columns /* it has macros of such names */
#undef lines

#define LINE_LEN 4096
#define ESCAPE_MS 25 /* a lone Esc is told from a key's sequence by so much silence */

static struct {
	SCREEN *screen;
	bool ascii, colours;
	int messages_fd, stderr_fd; /* where standard error goes meanwhile, and where it went; -1: untouched */
} display = {.messages_fd = -1, .stderr_fd = -1};

const char *screen__refusal(void)
{
	const char *term = getenv("TERM");
	bool able;
	int err;

	if (!term || !*term)
		return "TERM is not set";
	if (setupterm(NULL, STDOUT_FILENO, &err) != OK)
		return "TERM names a terminal that is not known here";
	able = cursor_address && clear_screen;
	del_curterm(cur_term);
	return able ? NULL : "TERM names a terminal that cannot move its cursor";
}

/*
 * Elsewhere the first signal asks to end and the second ends at once (signals.h). Here a second one, before the
 * terminal is given back, would leave it as it is.
 */
static void forgive_signals(bool forgive)
{
	static const int asking[] = {SIGINT, SIGTERM, SIGHUP};

	for (size_t i = 0; i < sizeof(asking) / sizeof(asking[0]); i++) {
		struct sigaction sa;

		if (sigaction(asking[i], NULL, &sa) || sa.sa_handler == SIG_DFL || sa.sa_handler == SIG_IGN)
			continue;
		sa.sa_flags = forgive ? sa.sa_flags & ~(int)SA_RESETHAND : sa.sa_flags | (int)SA_RESETHAND;
		sigaction(asking[i], &sa, NULL);
	}
}

static void keep_messages(void)
{
	if (!isatty(STDERR_FILENO))
		return;
	display.messages_fd = memfd_create("messages", MFD_CLOEXEC);
	display.stderr_fd = display.messages_fd < 0 ? -1 : dup(STDERR_FILENO);
	if (display.stderr_fd < 0)
		return;
	fflush(stderr);
	dup2(display.messages_fd, STDERR_FILENO);
}

static void print_messages(void)
{
	char buf[4096];
	ssize_t n;

	if (display.stderr_fd >= 0) {
		fflush(stderr);
		dup2(display.stderr_fd, STDERR_FILENO);
		close(display.stderr_fd);
		lseek(display.messages_fd, 0, SEEK_SET);
		while ((n = read(display.messages_fd, buf, sizeof(buf))) > 0)
			if (write(STDERR_FILENO, buf, (size_t)n) != n)
				break;
	}
	if (display.messages_fd >= 0)
		close(display.messages_fd);
	display.messages_fd = display.stderr_fd = -1;
}

/* Blue and yellow: told apart by nearly all eyes. */
static void set_up_colours(void)
{
	const char *no_color = getenv("NO_COLOR");

	if ((no_color && *no_color) || !has_colors() || start_color() != OK)
		return;
	if (use_default_colors() != OK)
		return;
	init_pair(STYLE_COPY, COLOR_YELLOW, -1);
	init_pair(STYLE_DMA, COLOR_CYAN, -1);
	init_pair(STYLE_WARNING, COLOR_MAGENTA, -1);
	display.colours = true;
}

/* Ctrl-\ would leave the terminal as it is now; Ctrl-C stays a signal, as the way out of a display that hangs. */
static void no_quit_key(void)
{
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &t))
		return;
	t.c_cc[VQUIT] = _POSIX_VDISABLE;
	if (!tcsetattr(STDIN_FILENO, TCSANOW, &t))
		def_prog_mode();
}

int screen__open(bool ascii)
{
	display.screen = newterm(NULL, stdout, stdin);
	if (!display.screen)
		return -ENOTTY;
	display.ascii = ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	set_up_colours();
	cbreak();
	noecho();
	nonl();
	no_quit_key();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	curs_set(0);
	forgive_signals(true);
	keep_messages();
	bound__before_end = screen__close;
	return 0;
}

void screen__close(void)
{
	bound__before_end = NULL;
	if (!display.screen)
		return;
	endwin();
	delscreen(display.screen);
	display.screen = NULL;
	forgive_signals(false);
	print_messages();
}

void screen__size(int *columns, int *lines)
{
	getmaxyx(stdscr, *lines, *columns);
}

bool screen__ascii(void)
{
	return display.ascii;
}

void screen__clear(void)
{
	erase();
}

static attr_t attributes(enum style style)
{
	switch (style) {
	case STYLE_STRONG:
		return A_BOLD;
	case STYLE_FAINT:
		return A_DIM;
	case STYLE_HEAD:
	case STYLE_CURSOR:
		return A_REVERSE;
	case STYLE_SORTED:
		return A_REVERSE | A_BOLD;
	case STYLE_COPY:
	case STYLE_DMA:
	case STYLE_WARNING:
		return A_BOLD | (display.colours ? COLOR_PAIR(style) : 0);
	default:
		return A_NORMAL;
	}
}

int screen__put(int line, int x, enum style style, const char *text)
{
	char fitted[LINE_LEN];
	int columns = 0;

	if (line < 0 || line >= LINES || x < 0 || x >= COLS)
		return x;
	text__fit(fitted, sizeof(fitted), text, COLS - x, display.ascii, &columns);
	attrset(attributes(style));
	mvaddstr(line, x, fitted);
	attrset(A_NORMAL);
	return x + columns;
}

void screen__fill(int line, enum style style, const char *text)
{
	int x = screen__put(line, 0, style, text);

	attrset(attributes(style));
	for (; line < LINES && x < COLS; x++)
		mvaddch(line, x, ' ');
	attrset(A_NORMAL);
}

void screen__show(void)
{
	refresh();
}

void screen__redraw(void)
{
	clearok(curscr, TRUE);
}

/* Readable but nothing to read is the end of the line. */
static bool is_gone(void)
{
	struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
	int waiting = 0;

	if (poll(&fd, 1, 0) <= 0)
		return false;
	if (fd.revents & (POLLHUP | POLLERR | POLLNVAL))
		return true;
	return (fd.revents & POLLIN) && (ioctl(STDIN_FILENO, FIONREAD, &waiting) || waiting == 0);
}

int screen__key(int *ret)
{
	wint_t c;

	if (is_gone())
		return -EIO;
	switch (get_wch(&c)) {
	case OK:
		*ret = (int)c;
		return 1;
	case KEY_CODE_YES:
		*ret = (int)c | TOP_KEY_CODE;
		return 1;
	default:
		return 0;
	}
}
