/*
 * harness.lua, embedded by embed.py.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

extern const char harness_lua[];
extern const size_t harness_lua_len;
