/* SPDX-License-Identifier: MIT */
/*
 * What the example host asks a BC26 before and after the upgrade: one question per function.
 * All return AT_OK, or why the module did not answer as it should.
 */
#pragma once

#include "tests/hosts/at_port.h"

enum {
    MODULE_VERSION_MAX = 64,
    MODULE_COMMAND_MS = 3000, /* the manual says 300 ms */
};

/* No echo, numeric errors and, unless keeps_autobaud, a fixed and stored baud rate. */
enum at_status module_settings(struct at_port *port, bool keeps_autobaud);

/* The firmware version of ATI. AT_ERROR if the reply has none. */
enum at_status module_read_version(struct at_port *port, char version_out[MODULE_VERSION_MAX]);

/* One look: registered, attached, and with an address? */
enum at_status module_look_at_network(struct at_port *port, bool *has_network_out);
