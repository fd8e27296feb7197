/*
 * One command line into its commands, one after the other (V.250 5.3 and 5.4). Knows the grammar,
 * but no table: whether a command exists is the executor's question. Internal to sim/at.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "sim/at/at_cmd.h"

enum at_split_result {
    AT_SPLIT_END,
    AT_SPLIT_COMMAND,
    AT_SPLIT_BAD, /* no command of the grammar; req_out holds its text, and a name if any */
};

struct at_split {
    const char *text; /* borrowed; so are the pointers of the requests */
    size_t len;
    size_t pos;
    bool is_chained; /* a ';' joined commands; that which ends a dial string does not count */
};

void at_split_init(struct at_split *split, const char *text, size_t len);
/* Basic commands carry their number in args. A dial command's text includes its final ';'. */
enum at_split_result at_split_next(struct at_split *split, struct at_req *req_out);
