/*
 * The page of one scenario.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdio.h>

#define PAGE_DATA_MAX (5u << 20) /* bytes of packed data; above, events are left out */

struct recording;
struct report;
struct trial_case;

/*
 * recording: NULL when there is no trace; reference: the fault-free run, or NULL.
 * Errors stay in file.
 */
void case_page_write(const struct report *report, const struct trial_case *item,
                     const struct recording *recording, const struct recording *reference,
                     FILE *file);
/* The same, as report.html in the folder of the case. */
void case_page_write_kept(struct report *report, const struct trial_case *item);
