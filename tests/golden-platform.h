/*
 * The platform of golden transcripts: what stands behind "@ platform" and "platform ...".
 *
 *     @ platform onenet
 *     platform poke 0=C7AC 1023=F8          bytes of the package to come, in hex
 *     platform task target=test000 size=13658 battery=50 block=1024 tries=1
 *     platform task target=M5311_S05 firmware=M5311_S04 size=9000     of the module itself
 *     platform read 3300/0/5700             also execute, observe, cancel, discover: PATH [TEXT]
 *     platform write 3300/0/5701 68656C6C6F
 *     platform delete
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

struct bench;
struct golden_platform;

/* Return: NULL for a platform of another name. */
struct golden_platform *golden_platform_new(struct bench *bench, const char *name);
void golden_platform_free(struct golden_platform *platform);
/* Return: whether the words (which are cut up) were understood. */
bool golden_platform_act(struct golden_platform *platform, char *words);
