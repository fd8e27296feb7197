/*
 * On which CPUs a process runs.
 * SPDX-License-Identifier: MIT
 */
#pragma once

/*
 * Keep this process, and those that it starts, to one of the CPUs that it may use: the nth, counted
 * round and round. A modem and its host take turns: on one CPU a turn needs no other CPU to be
 * woken.
 */
void cpu_keep_one(unsigned nth);
