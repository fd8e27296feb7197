/*
 * Nothing that a host starts outlives its scenario, not even what it has put into a session of its
 * own. A process that calls reaper_adopt() becomes the parent of all orphans below it, so that it
 * can see and kill them.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

void reaper_adopt(void);
/*
 * Kill and reap all our children but those that is_known names (NULL: all of them), until none is
 * left. What the dead had as children is ours then, and goes the same way.
 */
void reaper_kill_strays(bool (*is_known)(void *arg, pid_t pid), void *arg);
