/*
 * Ports by their text form:
 *
 *     pty                        a pseudo-terminal of our own (also: nothing at all)
 *     tcp:127.0.0.1:0            a listener on loopback; 0 = the kernel chooses the number
 *     /dev/ttyUSB0@115200        a serial device; without @RATE its rate stays as it is
 *     attach:/dev/pts/6          the slave side of an emulator's own pty
 *     attach:auto[:TEXT]         the same, its path being found in what the host prints (in a line
 *                                that holds TEXT)
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "sim/port/port.h"

struct buf;

enum port_kind { PORT_PTY, PORT_TCP, PORT_SERIAL, PORT_ATTACH, PORT_ATTACH_AUTO };

struct port_spec {
    enum port_kind kind;
    char path[256];  /* of a tty, or the address of a listener */
    char text[64];   /* PORT_ATTACH_AUTO: what the line holds; "" = any */
    unsigned number; /* PORT_TCP */
    long baud;       /* PORT_SERIAL */
};

/* Return: 0, or -EINVAL with what would be right in error_out (may be NULL). */
int port_spec_parse(const char *text, struct port_spec *spec_out, struct buf *error_out);
/* Return: 0, or -errno with a message. PORT_ATTACH_AUTO opens nothing yet, see serial_port_point.
 */
int port_spec_open(const struct port_spec *spec, struct loop *loop, const struct port_up *up,
                   void *arg, struct port **port_out, struct buf *error_out);
