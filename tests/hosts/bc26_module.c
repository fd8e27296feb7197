/* SPDX-License-Identifier: MIT */
#include "tests/hosts/bc26_module.h"

#include <stdio.h>
#include <string.h>

static enum at_status ask_version(struct at_port *port, void *version_out)
{
    static const char before[] = "Revision: ";
    struct at_reply reply;
    enum at_status status = at_port_command(port, "ATI", NULL, MODULE_COMMAND_MS, &reply);

    for (size_t i = 0; status == AT_OK && i < reply.line_count; i++) {
        const char *version = reply.lines[i].text + sizeof(before) - 1;

        if (strncmp(reply.lines[i].text, before, sizeof(before) - 1) != 0 || !version[0])
            continue;
        snprintf(version_out, MODULE_VERSION_MAX, "%.*s", MODULE_VERSION_MAX - 1, version);
        return AT_OK;
    }
    return status == AT_OK ? AT_ERROR : status;
}

enum at_status module_read_version(struct at_port *port, char version_out[MODULE_VERSION_MAX])
{
    return at_port_ask_twice(port, ask_version, version_out, MODULE_VERSION_MAX);
}

enum at_status module_settings(struct at_port *port, bool keeps_autobaud)
{
    /* Without a fixed rate the module can not report the result (the guide, note in 3.1). */
    static const char *const commands[] = {"ATE0", "AT+CMEE=1", "AT+IPR=115200", "AT&W"};
    size_t count = keeps_autobaud ? 2 : sizeof(commands) / sizeof(commands[0]);

    return at_port_commands(port, commands, count, MODULE_COMMAND_MS);
}

enum at_status module_look_at_network(struct at_port *port, bool *has_network_out)
{
    struct at_reply reply;
    enum at_status status;
    int stat = 0;
    int attached = 0;
    const char *address = NULL;

    *has_network_out = false;
    status = at_port_command(port, "AT+CESQ", "+CESQ:", MODULE_COMMAND_MS, &reply);
    if (status == AT_OK)
        status = at_port_command(port, "AT+CEREG?", "+CEREG:", MODULE_COMMAND_MS, &reply);
    if (status != AT_OK)
        return status;
    if (reply.line_count == 0 || sscanf(reply.lines[0].text, "+CEREG: %*d,%d", &stat) != 1 ||
        (stat != 1 && stat != 5))
        return AT_OK;
    status = at_port_command(port, "AT+CGATT?", "+CGATT:", MODULE_COMMAND_MS, &reply);
    if (status != AT_OK)
        return status;
    if (reply.line_count == 0 || sscanf(reply.lines[0].text, "+CGATT: %d", &attached) != 1 ||
        attached != 1)
        return AT_OK;
    status = at_port_command(port, "AT+CGPADDR=1", "+CGPADDR:", MODULE_COMMAND_MS, &reply);
    if (status == AT_OK && reply.line_count > 0)
        address = strchr(reply.lines[0].text, ',');
    *has_network_out = address && address[1] && strcmp(address, ",\"\"") != 0;
    return status;
}
