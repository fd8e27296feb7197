/*
 * The reply under construction. Internal to sim/at; handlers use at_exec.h.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

#include "sim/at/at_exec.h"
#include "sim/base/buf.h"

struct at_reply {
    struct buf text;
    const struct at_settings *settings;
    const struct at_style *style;
    bool in_frame;     /* the last thing was an information line; a compact style goes on with it */
    bool has_overflow; /* something did not fit into AT_REPLY_MAX */
};

/* Forget everything, as at the start of a line. Keeps the memory. */
void at_reply_clear(struct at_reply *reply);
/* A command starts: its information lines have a frame of their own. */
void at_reply_begin_command(struct at_reply *reply);
/* The answer of the test form from the table: one line "NAME: TEXT" for each line of test_text. */
void at_reply_test(struct at_reply *reply, const struct at_cmd *cmd);
