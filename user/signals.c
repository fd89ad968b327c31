// SPDX-License-Identifier: GPL-2.0-only
/* signals.c - SIGINT, SIGTERM and SIGHUP as one question. */
#include <signal.h>
#include <stddef.h>

#include "signals.h"

static volatile sig_atomic_t came;

static void on_signal(int sig)
{
	(void)sig;
	came = 1;
}

void signals__catch(void)
{
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND}, before;

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	if (!sigaction(SIGHUP, NULL, &before) && before.sa_handler != SIG_IGN) /* nohup zctrace ... */
		sigaction(SIGHUP, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

void signals__ignore_limits(void)
{
	signal(SIGXFSZ, SIG_IGN);
}

bool signals__stop(void)
{
	return came;
}
