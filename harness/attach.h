/*
 * Emulators that open a pty of their own print its path; a modem whose port is attach:auto takes
 * the first such path that the host prints. Zephyr: "UART_1 connected to pseudotty: /dev/pts/6";
 * QEMU: "char device redirected to /dev/pts/6 (label serial0)".
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct modem;
struct trace;

/* The index-th modem that may wait for a tty, or NULL past the end. */
typedef struct modem *(*attach_modem_fn)(void *arg, size_t index);

/* Look at what hosts printed since record *seq, which is moved on. */
void attach_follow(struct trace *trace, uint64_t *seq, attach_modem_fn modem_at, void *arg);
/* Return: the path of a tty in a line, which the caller frees, or NULL. */
char *attach_path_in(const char *line);
