/*
 * What the harness adds to the words of a scenario: t:host, t:http, t:platform, and the
 * classes Host, Server and those of the platforms.
 * SPDX-License-Identifier: MIT
 */
#pragma once

struct actors;
struct engine;

/* actors is borrowed; NULL when scenarios are only loaded, never run. */
void bind_harness(struct engine *engine, struct actors *actors);
