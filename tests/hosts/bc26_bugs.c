/* SPDX-License-Identifier: MIT */
#include "tests/hosts/bc26_bugs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/hosts/at_port.h"

static const char *const bug_names[] = {
    [BUG_NONE] = "none",
    [BUG_NEVER_RETRIES] = "never-retries",
    [BUG_SUCCESS_AT_HTTPEND] = "success-at-httpend",
    [BUG_DIES] = "dies",
    [BUG_HANGS] = "hangs",
    [BUG_NO_READ] = "no-read",
    [BUG_STOPS_AT_BANNER] = "stops-at-banner",
    [BUG_SPAMS] = "spams",
    [BUG_IGNORES_MISMATCH] = "ignores-end-254",
    [BUG_NEVER_REOPENS] = "never-reopens",
    [BUG_LOSES_URCS] = "loses-urcs",
};

enum { LIFE_SIGN_MS = 300 };

enum { BUG_COUNT = sizeof(bug_names) / sizeof(bug_names[0]) };

bool bug_from_name(const char *name, enum bug *bug_out)
{
    for (int i = 0; i < BUG_COUNT; i++) {
        if (strcmp(name, bug_names[i]) == 0) {
            *bug_out = (enum bug)i;
            return true;
        }
    }
    return false;
}

void bug_print_names(FILE *file)
{
    for (int i = 0; i < BUG_COUNT; i++)
        fprintf(file, " %s", bug_names[i]);
}

void bug_strike_after_ask(enum bug bug)
{
    if (bug == BUG_DIES)
        abort();
    if (bug == BUG_HANGS) {
        for (;;)
            pause();
    }
}

void bug_ask_for_life(struct at_port *port)
{
    struct at_reply reply;

    port->urc_count = 0;
    at_port_command(port, "AT", NULL, LIFE_SIGN_MS, &reply);
    port->urc_count = 0;
}

void bug_write_blindly(struct at_port *port, const char *url, int64_t deadline_ms)
{
    static const char *const commands[] = {"AT\r", "ATE0\r", "ATI\r", "AT+CEREG?\r"};
    char ask[AT_PORT_LINE_MAX];
    int len = snprintf(ask, sizeof(ask), "AT+QFOTADL=\"%s\"\r", url);

    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (at_port_write(port, commands[i], strlen(commands[i])) != AT_OK)
            return;
        host_sleep_ms(100);
    }
    if (len < (int)sizeof(ask) && at_port_write(port, ask, (size_t)len) != AT_OK)
        return;
    while (host_now_ms() < deadline_ms) {
        host_sleep_ms(200);
        if (at_port_write(port, "AT+CSQ\r", 7) == AT_GONE)
            return;
    }
}
