/* SPDX-License-Identifier: MIT */
#include "tests/hosts/bc26_bugs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/hosts/at_port.h"
#include "tests/hosts/host_tools.h"

static const char *const bug_names[] = {
    [BUG_NONE] = "none",
    [BUG_NEVER_RETRIES] = "never-retries",
    [BUG_SUCCESS_AT_HTTPEND] = "success-at-httpend",
    [BUG_DIES] = "dies",
    [BUG_HANGS] = "hangs",
    [BUG_NO_READ] = "no-read",
    [BUG_STOPS_AT_BANNER] = "stops-at-banner",
    [BUG_SPAMS] = "spams",
    [BUG_CHATTY] = "chatty",
    [BUG_NO_VERSION] = "no-version",
    [BUG_NO_NETWORK] = "no-network",
    [BUG_NO_ATTACH] = "no-attach",
    [BUG_RETRY_STORM] = "retry-storm",
    [BUG_IGNORES_HTTPEND] = "ignores-httpend",
    [BUG_BREAKS_IN] = "breaks-in",
    [BUG_LONG_URL] = "long-url",
    [BUG_KEEPS_BAUD] = "keeps-baud",
    [BUG_ASSUMES] = "assumes",
    [BUG_BELIEVES_END] = "believes-end",
    [BUG_TWO_DIGITS] = "two-digits",
    [BUG_ONE_SPELLING] = "one-spelling",
    [BUG_DROPS_URCS] = "drops-urcs",
    [BUG_TAKES_PIECES] = "takes-pieces",
    [BUG_TAKES_ECHO] = "takes-echo",
    [BUG_IGNORES_MISMATCH] = "ignores-end-254",
    [BUG_NEVER_REOPENS] = "never-reopens",
    [BUG_LOSES_URCS] = "loses-urcs",
};

enum { LIFE_SIGN_MS = 300 };

enum { BUG_COUNT = sizeof(bug_names) / sizeof(bug_names[0]) };

bool bug_from_name(const char *name, enum bug *bug_out)
{
    int index = host_name_index(bug_names, BUG_COUNT, name);

    if (index >= 0)
        *bug_out = (enum bug)index;
    return index >= 0;
}

void bug_print_names(FILE *file)
{
    host_print_names(bug_names, BUG_COUNT, file);
}

unsigned bug_of_port(enum bug bug)
{
    if (bug == BUG_DROPS_URCS)
        return AT_PORT_DROPS_URCS;
    if (bug == BUG_TAKES_PIECES)
        return AT_PORT_TAKES_PIECES;
    return bug == BUG_TAKES_ECHO ? AT_PORT_TAKES_ECHO : 0;
}

bool bug_knows_line(enum bug bug, const char *line)
{
    if (bug == BUG_IGNORES_HTTPEND)
        return !strstr(line, "\"HTTPEND\",1");
    return bug != BUG_ONE_SPELLING || !(strstr(line, "\", ") || strstr(line, "HTTPTART"));
}

int bug_two_digits(const char *line)
{
    static const char before[] = "+QIND: \"FOTA\",\"DOWNLOADING\",";
    char digits[3] = "";

    if (strncmp(line, before, sizeof(before) - 1) != 0)
        return -1;
    memcpy(digits, line + sizeof(before) - 1, strnlen(line + sizeof(before) - 1, 2));
    return atoi(digits);
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

bool bug_wait_registration(struct at_port *port, int64_t deadline_ms)
{
    enum { LOOK_MS = 1000, COMMAND_MS = 3000 };
    struct at_reply reply;

    while (host_now_ms() < deadline_ms) {
        if (at_port_command(port, "AT+CEREG?", "+CEREG:", COMMAND_MS, &reply) == AT_OK &&
            reply.line_count > 0 && strstr(reply.lines[0].text, ",1"))
            return true;
        host_sleep_ms(host_pause_ms(LOOK_MS));
    }
    return false;
}
