/*
 * The headers that cmocka wants before its own, in its order.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
