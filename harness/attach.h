/*
 * Emulators that open a pty of their own print its path; a modem whose port is attach:auto takes
 * the first such path that the host prints. Zephyr: "UART_1 connected to pseudotty: /dev/pts/6";
 * QEMU: "char device redirected to /dev/pts/6 (label serial0)".
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>

struct actors;

/* Look at what the hosts printed since the last call. */
void attach_follow(struct actors *actors);
/* Return: the path of a tty in a line, which the caller frees, or NULL. */
char *attach_path_in(const char *line);
