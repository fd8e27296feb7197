/*
 * Failures grouped by cause: two messages that differ in numbers only are one cause.
 * Ownership: report_causes_deinit() frees all; the cases are borrowed.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

struct selection;
struct trial_case;

struct report_cause {
    char *key;
    const struct trial_case *first;
    size_t count;
};

struct report_causes {
    struct report_cause *items;
    size_t count, cap;
};

void report_causes_make(const struct selection *selection, struct report_causes *causes_out);
/* Return: the place of the cause of a case, or -1. */
int report_causes_find(const struct report_causes *causes, const struct trial_case *item);
void report_causes_deinit(struct report_causes *causes);
/*
 * Put those first that differ most from each other, so that whoever sees only the first few sees as
 * much as possible. The most frequent cause is the first.
 */
void report_causes_spread(struct report_causes *causes, size_t wanted);
