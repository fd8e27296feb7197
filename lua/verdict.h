/*
 * How a scenario ended, and everything a person needs to know about it.
 * Ownership: the verdict owns its texts; verdict_deinit() frees them.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

enum outcome {
    OUTCOME_PASS,
    OUTCOME_FAIL,       /* the host under test did wrong, or an armed fault never fired: exit 1 */
    OUTCOME_INVALID,    /* the scenario is wrong: exit 2 */
    OUTCOME_ERROR,      /* Hayeswire failed: exit 3 */
    OUTCOME_HOST_START, /* the host could not be started: exit 4 */
    OUTCOME_SKIP,       /* t:skip(reason) */
};

#define VERDICT_ROW_MAX 32

/* "matched so far" / "line 8  AT+CEREG?  at +00:44.180". A text may have several lines. */
struct verdict_row {
    char *label;
    char *text;
};

struct verdict {
    enum outcome outcome;
    char *file; /* where in the scenario; NULL when nowhere */
    int line;
    char *message; /* one line: what was expected and did not come; NULL when passed */
    struct verdict_row rows[VERDICT_ROW_MAX];
    size_t row_count;
};

void verdict_deinit(struct verdict *verdict);
/* Texts are copied. Rows beyond VERDICT_ROW_MAX are dropped. */
void verdict_set(struct verdict *verdict, enum outcome outcome, const char *file, int line,
                 const char *message);
void verdict_add_row(struct verdict *verdict, const char *label, const char *text);
const char *outcome_name(enum outcome outcome); /* "pass", "FAIL", ... */
