/*
 * What each scenario's process needs and is always the same. It takes as long to make as a short
 * scenario takes to run: made before the forks, all of them have it.
 * SPDX-License-Identifier: MIT
 */
#pragma once

struct engine;

/* Many processes are to be forked. */
void prepare_for_many(void);
/*
 * An engine with all of the harness's words, to be configured and bound to its actors: the
 * process's only one. The caller frees it.
 */
struct engine *prepare_engine(void);
