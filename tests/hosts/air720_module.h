/* SPDX-License-Identifier: MIT */
/* What the example host asks of an Air720 besides the upgrade. */
#pragma once

#include <stdbool.h>

#include "tests/hosts/air720_lines.h"
#include "tests/hosts/at_port.h"

enum { MODULE_COMMAND_MS = 5000 };

/* The version of ATI. */
enum at_status module_read_version(struct at_port *port, char version_out[AIR720_VERSION_MAX]);

/* No echo, errors with numbers, a fixed rate, and who decides upon upgrades. */
enum at_status module_settings(struct at_port *port, bool is_auto, bool leaves_auto);

/* Registered and attached. What is not AT_OK says nothing of the network. */
enum at_status module_look_at_network(struct at_port *port, bool *has_network_out);
