/* SPDX-License-Identifier: MIT */
#include "lua/verdict.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/base/mem.h"

void verdict_deinit(struct verdict *verdict)
{
    free(verdict->file);
    free(verdict->message);
    for (size_t i = 0; i < verdict->row_count; i++) {
        free(verdict->rows[i].label);
        free(verdict->rows[i].text);
    }
    *verdict = (struct verdict){0};
}

void verdict_set(struct verdict *verdict, enum outcome outcome, const char *file, int line,
                 const char *message)
{
    verdict->outcome = outcome;
    xstrset(&verdict->file, file);
    verdict->line = line;
    xstrset(&verdict->message, message);
}

void verdict_add_row(struct verdict *verdict, const char *label, const char *text)
{
    assert(label && text);
    if (verdict->row_count == VERDICT_ROW_MAX)
        return;
    verdict->rows[verdict->row_count++] = (struct verdict_row){
        .label = xstrdup(label),
        .text = xstrdup(text),
    };
}

const char *outcome_name(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_PASS:
        return "pass";
    case OUTCOME_FAIL:
        return "FAIL";
    case OUTCOME_INVALID:
        return "INVALID";
    case OUTCOME_ERROR:
        return "ERROR";
    case OUTCOME_HOST_START:
        return "HOST_START";
    case OUTCOME_SKIP:
        return "skip";
    }
    return "?";
}
