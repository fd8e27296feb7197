/*
 * Texts as Lua source, for scenarios that we write.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

struct buf;

/* Append "..." with escapes for all that is not printable ASCII. */
void lua_text_quote(struct buf *out, const void *bytes, size_t len);
/* Append a name made of what may stand in one: "bc26-2" becomes "bc26_2", "2g" becomes "m2g". */
void lua_text_name(struct buf *out, const char *name);
/*
 * Append text with times of the day and dates as "%d:%d:%d" and "%d/%d/%d", which modem:script()
 * takes for any numbers: they are other ones each time.
 */
void lua_text_timeless(struct buf *out, const char *text);
