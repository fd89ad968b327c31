/* SPDX-License-Identifier: GPL-2.0-only */
/* unit.h - what every unit test includes: cmocka wants these headers before its own. */
#ifndef ZCTRACE_UNIT_H
#define ZCTRACE_UNIT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#define RUN_TESTS(tests) cmocka_run_group_tests(tests, NULL, NULL)
#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

#endif
