// SPDX-License-Identifier: GPL-2.0-only
/* signals.c - SIGINT, SIGTERM and SIGHUP as one question. */
#include <signal.h>
#include <stddef.h>

#include "signals.h"

static volatile sig_atomic_t came;

static const int ours[] = {SIGINT, SIGTERM, SIGHUP};

static void on_signal(int sig);

/* Those that we caught; what is ignored stays so. */
static void back_to_default(void)
{
	struct sigaction now;

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (!sigaction(ours[i], NULL, &now) && now.sa_handler == on_signal)
			signal(ours[i], SIG_DFL);
}

/* Whichever comes next ends us, too: but not while a display forgives them, whose SA_RESETHAND is off. */
static void on_signal(int sig)
{
	struct sigaction now;

	came = sig;
	if (!sigaction(sig, NULL, &now) && now.sa_handler == SIG_DFL)
		back_to_default();
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

bool signals__somebody_waits(void)
{
	return came != SIGTERM && came != SIGHUP;
}

int signals__which(void)
{
	return came;
}

void signals__forget(void)
{
	back_to_default();
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
}
