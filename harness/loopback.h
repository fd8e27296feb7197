/*
 * Sockets of servers, which listen on this machine only.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>

/*
 * port 0 = chosen by the kernel; port_out may be NULL.
 * Return: a non-blocking socket bound to the port of 127.0.0.1 or ::1, or -errno.
 */
int loopback_bind(bool is_ipv6, unsigned port, unsigned *port_out);
