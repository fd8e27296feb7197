/* SPDX-License-Identifier: MIT */
#include "tests/hosts/air720_module.h"

#include <stdio.h>

static enum at_status ask_version(struct at_port *port, void *version_out)
{
    struct at_reply reply;
    enum at_status status = at_port_command(port, "ATI", NULL, MODULE_COMMAND_MS, &reply);

    if (status == AT_OK && reply.line_count > 0)
        snprintf(version_out, AIR720_VERSION_MAX, "%.*s", AIR720_VERSION_MAX - 1,
                 reply.lines[0].text);
    return status == AT_OK && reply.line_count == 0 ? AT_ERROR : status;
}

enum at_status module_read_version(struct at_port *port, char version_out[AIR720_VERSION_MAX])
{
    return at_port_ask_twice(port, ask_version, version_out, AIR720_VERSION_MAX);
}

enum at_status module_settings(struct at_port *port, bool is_auto, bool leaves_auto)
{
    /* The rate is fixed, so that the module speaks after a restart without being asked first. */
    const char *commands[] = {"ATE0", "AT+CMEE=1", "AT+IPR=115200;&W",
                              is_auto ? "AT+UPGRADE=\"AUTO\",1" : "AT+UPGRADE=\"AUTO\",0"};
    size_t count = sizeof(commands) / sizeof(commands[0]) - leaves_auto;

    return at_port_commands(port, commands, count, MODULE_COMMAND_MS);
}

enum at_status module_look_at_network(struct at_port *port, bool *has_network_out)
{
    struct at_reply reply;
    int stat = 0, attached = 0;
    enum at_status status = at_port_command(port, "AT+CREG?", "+CREG:", MODULE_COMMAND_MS, &reply);

    *has_network_out = false;
    if (status != AT_OK || reply.line_count == 0 ||
        sscanf(reply.lines[0].text, "+CREG: %*d,%d", &stat) != 1 || (stat != 1 && stat != 5))
        return status;
    status = at_port_command(port, "AT+CGATT?", "+CGATT:", MODULE_COMMAND_MS, &reply);
    *has_network_out = status == AT_OK && reply.line_count > 0 &&
                       sscanf(reply.lines[0].text, "+CGATT: %d", &attached) == 1 && attached == 1;
    return status;
}
