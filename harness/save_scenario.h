/*
 * What happened in a sandbox, as a scenario that does it again and expects the same answers.
 * SPDX-License-Identifier: MIT
 */
#pragma once

struct buf;
struct sandbox;

/* Return: 0, or -errno with a message. */
int save_scenario(const struct sandbox *sandbox, const char *path, struct buf *error_out);
