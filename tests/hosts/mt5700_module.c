/* SPDX-License-Identifier: MIT */
#include "tests/hosts/mt5700_module.h"

#include <stdio.h>
#include <string.h>

enum {
    SYNC_MS = 800,
    SETTLE_MS = 200,
    READ_TRIES = 3,
};

enum at_status module_read(struct at_port *port, const char *command, const char *prefix,
                           struct at_reply *reply_out)
{
    enum at_status status = AT_ERROR;

    for (int i = 0; i < READ_TRIES && status == AT_ERROR; i++)
        status = at_port_command(port, command, prefix, MODULE_COMMAND_MS, reply_out);
    return status;
}

enum at_status module_wake(struct at_port *port, int64_t limit_ms)
{
    static const char *const commands[] = {"ATE0", "AT+CMEE=2"};
    int64_t stop_ms = host_now_ms() + limit_ms;
    struct at_reply reply;
    enum at_status status;

    do {
        status = at_port_command(port, "AT", NULL, SYNC_MS, &reply);
    } while ((status == AT_TIMEOUT || status == AT_ERROR) && host_now_ms() < stop_ms);
    if (status == AT_OK)
        status = at_port_settle(port, SETTLE_MS);
    if (status == AT_OK)
        status = at_port_commands(port, commands, sizeof(commands) / sizeof(commands[0]),
                                  MODULE_COMMAND_MS);
    return status;
}

static void copy(char *out, const char *text)
{
    size_t len = strnlen(text, MODULE_TEXT_MAX - 1);

    memcpy(out, text, len);
    out[len] = '\0';
}

/* The rest of "^VERSION:KEY:rest", with or without a blank behind the colon. */
static void take_version_line(const char *line, struct module_version *version)
{
    const char *at = strchr(line, ':');

    if (!at)
        return;
    at++;
    at += strspn(at, " ");
    if (strncmp(at, "EXTS:", 5) == 0)
        copy(version->exts, at + 5);
    else if (strncmp(at, "BDT:", 4) == 0)
        copy(version->built, at + 4);
}

static enum at_status ask_version(struct at_port *port, void *answer_out)
{
    struct module_version *version_out = answer_out;
    struct at_reply reply;
    enum at_status status = module_read(port, "AT^VERSION?", "^VERSION:", &reply);

    for (size_t i = 0; status == AT_OK && i < reply.line_count; i++)
        take_version_line(reply.lines[i].text, version_out);
    if (status == AT_OK)
        status = module_read(port, "AT+CGMR", "V", &reply);
    if (status == AT_OK && reply.line_count > 0)
        copy(version_out->cgmr, reply.lines[0].text);
    return status == AT_OK && !version_out->exts[0] ? AT_ERROR : status;
}

enum at_status module_read_version(struct at_port *port, struct module_version *version_out)
{
    return at_port_ask_twice(port, ask_version, version_out, sizeof(*version_out));
}

/* The last state that a registration command tells: "+CEREG: 2,1,..." or "+CEREG: 2,1". */
static bool is_registered(const struct at_reply *reply)
{
    int stat = 0;

    for (size_t i = 0; i < reply->line_count; i++) {
        if (sscanf(reply->lines[i].text, "%*[^:]: %*d,%d", &stat) == 1 && (stat == 1 || stat == 5))
            return true;
    }
    return false;
}

/* On 5G alone +CREG and sometimes +CEREG stay 0: each kind of registration counts. */
static enum at_status look_at_registration(struct at_port *port, bool *is_registered_out)
{
    static const struct {
        const char *command, *prefix;
    } rows[] = {
        {"AT+CREG?",   "+CREG:"  },
        {"AT+CEREG?",  "+CEREG:" },
        {"AT+C5GREG?", "+C5GREG:"},
    };
    enum at_status status = AT_OK;
    struct at_reply reply;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && !*is_registered_out; i++) {
        status = module_read(port, rows[i].command, rows[i].prefix, &reply);
        if (status == AT_OK)
            *is_registered_out = is_registered(&reply);
        else if (status != AT_ERROR)
            return status;
    }
    return AT_OK;
}

enum at_status module_look_at_network(struct at_port *port, bool *has_network_out)
{
    struct at_reply reply;
    enum at_status status = module_read(port, "AT+COPS?", "+COPS:", &reply);
    bool registered = false;

    *has_network_out = false;
    if (status != AT_OK || reply.line_count == 0 || !strchr(reply.lines[0].text, '"'))
        return status; /* no operator yet */
    status = look_at_registration(port, &registered);
    if (status != AT_OK || !registered)
        return status;
    status = module_read(port, "AT+CGPADDR", "+CGPADDR:", &reply);
    *has_network_out = status == AT_OK && reply.line_count > 0 && strchr(reply.lines[0].text, ',');
    return status;
}

enum at_status module_read_state(struct at_port *port, int *code_out)
{
    struct at_reply reply;
    enum at_status status = module_read(port, "AT^FOTASTATE?", "^FOTASTATE:", &reply);

    /* A report of the same name may come in the middle: the answer is the last before OK. */
    if (status == AT_OK && (reply.line_count == 0 || sscanf(reply.lines[reply.line_count - 1].text,
                                                            "^FOTASTATE:%d", code_out) != 1))
        return AT_ERROR;
    return status;
}

enum at_status module_read_progress(struct at_port *port, long long *done_out, long long *total_out)
{
    struct at_reply reply;
    enum at_status status = at_port_command(port, "AT^FOTADLQ", "^FOTADLQ:", MODULE_QUERY_MS,
                                            &reply);

    *done_out = *total_out = 0;
    if (status == AT_OK && reply.line_count > 0)
        sscanf(reply.lines[0].text, "%*[^,], \"%*[^\"]\", %lld, %lld", done_out, total_out);
    return status;
}

/* ---- services ---- */

static enum at_status end_call(struct at_port *port)
{
    struct at_reply reply;
    enum at_status status = at_port_command(port, "AT+CLCC", "+CLCC:", MODULE_COMMAND_MS, &reply);

    if (status == AT_OK && reply.line_count > 0)
        status = at_port_command(port, "AT+CHUP", NULL, MODULE_COMMAND_MS, &reply);
    return status;
}

/* "^NDISSTATQRY: 1,1,,,..." is cid and state; the form without cid is about session 1. */
static bool is_session(const char *line, int *cid_out)
{
    int first = 0, second = 0;
    int fields = sscanf(line, "^NDISSTATQRY: %d,%d", &first, &second);

    *cid_out = fields == 2 ? first : 1;
    return fields == 2 ? second == 1 : first == 1;
}

static enum at_status end_sessions(struct at_port *port)
{
    struct at_reply list, reply;
    enum at_status status = module_read(port, "AT^NDISSTATQRY?", "^NDISSTATQRY:", &list);
    char command[32];
    int cid;

    for (size_t i = 0; status == AT_OK && i < list.line_count; i++) {
        if (!is_session(list.lines[i].text, &cid))
            continue;
        snprintf(command, sizeof(command), "AT^NDISDUP=%d,0", cid);
        status = at_port_command(port, command, NULL, MODULE_COMMAND_MS, &reply);
        if (status == AT_ERROR)
            status = AT_OK; /* it ended by itself */
    }
    return status;
}

enum at_status module_stop_services(struct at_port *port, struct module_services *services)
{
    struct at_reply reply;
    enum at_status status = services->keeps_call ? AT_OK : end_call(port);

    if (status == AT_OK)
        status = module_read(port, "AT^SETAUTODIAL?", "^SETAUTODIAL:", &reply);
    if (status == AT_OK && reply.line_count > 0 &&
        strncmp(reply.lines[0].text, "^SETAUTODIAL:1", 14) == 0) {
        services->had_autodial = true;
        status = at_port_command(port, "AT^SETAUTODIAL=0", NULL, MODULE_COMMAND_MS, &reply);
    }
    return status == AT_OK ? end_sessions(port) : status;
}

enum at_status module_restore_services(struct at_port *port, struct module_services *services)
{
    struct at_reply reply;

    if (!services->had_autodial)
        return AT_OK;
    services->had_autodial = false;
    return at_port_command(port, "AT^SETAUTODIAL=1", NULL, MODULE_COMMAND_MS, &reply);
}
