/*
 * The page of a whole run or sweep: figures, causes, a heat map of points, a table.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdio.h>

struct report;
struct run_summary;

/* Pages of cases are linked where they are in the reporter's folder. Errors stay in file. */
void index_page_write(const struct report *report, const struct run_summary *summary, FILE *file);
