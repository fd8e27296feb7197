/* SPDX-License-Identifier: MIT */
#include "tests/hosts/m531x_link.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/hosts/host_tools.h"

enum {
    COMMAND_MS = 2000, /* the module takes 0.3 s */
    DELETE_MS = 15000, /* it waits for the platform */
    SYNC_MS = 500,
    SETTLE_MS = 50,
    BACKOFF_MS = 500,
    BACKOFF_MAX_MS = 8000,
    OPEN_TRIES = 4, /* with one instance; then a new one is created */
    REGISTER_MS = (LINK_TIMEOUT_S + 30) * 1000,
    UPDATE_MS = 40000,
    EVENT_BOOTSTRAP_FAILED = 3,
    EVENT_REGISTERED = 6,
    EVENT_REJECTED = 7,
    EVENT_TIMEOUT = 8,
    EVENT_UPDATED = 11,
    EVENT_UPDATE_TIMEOUT = 13,
    ERROR_EXISTS = 602,
};

__attribute__((format(printf, 4, 0))) static enum at_status
command_v(struct module_link *link, int *cme_out, int64_t limit_ms, const char *format,
          va_list args)
{
    char text[AT_PORT_LINE_MAX];
    struct at_reply reply;
    enum at_status status;

    vsnprintf(text, sizeof(text), format, args);
    /* No command of ours has information that is needed: each line may be the platform's. */
    status = at_port_command(&link->port, text, "\x01", limit_ms, &reply);
    if (cme_out)
        *cme_out = reply.cme;
    return status;
}

enum at_status link_command(struct module_link *link, int *cme_out, const char *format, ...)
{
    enum at_status status;
    va_list args;

    va_start(args, format);
    status = command_v(link, cme_out, COMMAND_MS, format, args);
    va_end(args);
    return status;
}

__attribute__((format(printf, 3, 4))) static enum at_status
slow_command(struct module_link *link, int64_t limit_ms, const char *format, ...)
{
    enum at_status status;
    va_list args;

    va_start(args, format);
    status = command_v(link, NULL, limit_ms, format, args);
    va_end(args);
    return status;
}

bool link_runs(struct module_link *link, const char *firmware)
{
    struct at_reply reply;
    size_t len = strlen(firmware);

    if (at_port_command(&link->port, "AT+CGMR", NULL, COMMAND_MS, &reply) != AT_OK)
        return false;
    for (size_t i = 0; i < reply.line_count; i++) {
        const char *text = reply.lines[i].text;

        /* A line of its own, or the last word of one, as in "APPLICATION_A,<firmware>". */
        if (strlen(text) >= len && strcmp(text + strlen(text) - len, firmware) == 0)
            return true;
    }
    return false;
}

enum at_status link_next(struct module_link *link, int64_t wait_ms, struct mipl_line *line_out)
{
    int64_t stop_ms = host_now_ms() + wait_ms;
    struct at_line text;
    enum at_status status;

    if (stop_ms > link->deadline_ms)
        stop_ms = link->deadline_ms;
    do {
        int64_t left_ms = stop_ms - host_now_ms();

        status = at_port_next_line(&link->port, left_ms > 0 ? left_ms : 0, &text);
    } while (status == AT_OK && !mipl_parse(&link->parser, text.text, line_out));
    return status;
}

static bool is_late(const struct module_link *link)
{
    return host_now_ms() >= link->deadline_ms;
}

static void reopen(struct module_link *link)
{
    if (link->port.fd < 0 && at_port_open(&link->port, link->port.path) < 0)
        host_sleep_ms(BACKOFF_MS);
}

/* AT until it answers; what it said of earlier commands is dropped. */
static bool synchronise(struct module_link *link)
{
    struct at_reply reply;
    enum at_status status = AT_GONE;

    while (status != AT_OK && !is_late(link)) {
        reopen(link);
        status = at_port_command(&link->port, "AT", NULL, SYNC_MS, &reply);
    }
    if (status == AT_OK)
        at_port_settle(&link->port, SETTLE_MS);
    return status == AT_OK;
}

/* Steps 8: a new instance, which knows our version. */
static bool create(struct module_link *link, const char *version)
{
    int cme;
    enum at_status status = link_command(link, &cme, "ATE0");

    if (status == AT_OK)
        status = link_command(link, &cme, "AT+CMEE=1");
    if (status == AT_OK)
        status = link_command(link, &cme, "AT+MIPLCREATE");
    if (status == AT_ERROR && cme == ERROR_EXISTS) { /* of our life before: begin anew */
        status = slow_command(link, DELETE_MS, "AT+MIPLDELETE=0");
        if (status == AT_OK)
            status = link_command(link, &cme, "AT+MIPLCREATE");
    }
    if (status == AT_OK && !link->tells_no_version)
        status = link_command(link, &cme, "AT+MIPLSOTAVER=\"%s\"", version);
    if (status == AT_OK && link->has_sensor)
        status = link_command(link, &cme, "AT+MIPLADDOBJ=0,3300,1,\"1\",2,1");
    if (status == AT_OK && link->has_sensor)
        status = link_command(link, &cme, "AT+MIPLDISCOVERRSP=0,3300,1,14,\"5700;5701;5605\"");
    return status == AT_OK;
}

/* Step 9. Return: AT_OK registered; AT_ERROR refused or not reached; else the module is gone. */
static enum at_status enrol(struct module_link *link)
{
    int64_t stop_ms = host_now_ms() + REGISTER_MS;
    struct mipl_line line;
    enum at_status status;

    /* What came before belongs to a session that is over. */
    at_port_drop_urcs(&link->port);
    link->parser.is_pending = false;
    status = link_command(link, NULL, "AT+MIPLOPEN=0,%d,%d", LINK_LIFETIME_S, LINK_TIMEOUT_S);

    if (status == AT_OK && link->is_hasty)
        link_command(link, NULL, "AT+MIPLUPDATE=0,0,0");
    while (status == AT_OK && host_now_ms() < stop_ms && !is_late(link)) {
        status = link_next(link, stop_ms - host_now_ms(), &line);
        if (status != AT_OK)
            return status;
        if (line.kind == MIPL_READY)
            return AT_TIMEOUT;
        if (line.kind == MIPL_EVENT && line.mid == EVENT_REGISTERED)
            return AT_OK;
        if (line.kind == MIPL_EVENT && (line.mid == EVENT_BOOTSTRAP_FAILED ||
                                        line.mid == EVENT_REJECTED || line.mid == EVENT_TIMEOUT))
            return AT_ERROR;
    }
    return status == AT_OK ? AT_TIMEOUT : status;
}

bool link_open(struct module_link *link, const char *version)
{
    int64_t pause_ms = BACKOFF_MS;

    while (!is_late(link)) {
        enum at_status status = AT_TIMEOUT;

        if (synchronise(link) && create(link, version))
            status = enrol(link);
        /* Refused again and again: the module may have done what it refused in words. */
        for (int tries = 0; status == AT_ERROR && tries < OPEN_TRIES && !is_late(link); tries++) {
            host_say("not registered, trying again in %d ms", (int)pause_ms);
            host_sleep_ms(pause_ms);
            pause_ms = pause_ms * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : pause_ms * 2;
            status = enrol(link);
        }
        if (status == AT_OK)
            return true;
    }
    return false;
}

bool link_update(struct module_link *link, link_line_fn fn, void *arg)
{
    int64_t stop_ms = host_now_ms() + UPDATE_MS;
    struct mipl_line line;

    if (link_command(link, NULL, "AT+MIPLUPDATE=0,0,0") != AT_OK)
        return false;
    while (host_now_ms() < stop_ms && link_next(link, stop_ms - host_now_ms(), &line) == AT_OK) {
        if (line.kind == MIPL_EVENT && line.mid == EVENT_UPDATED)
            return true;
        if (line.kind == MIPL_READY || (line.kind == MIPL_EVENT && line.mid > EVENT_UPDATED &&
                                        line.mid <= EVENT_UPDATE_TIMEOUT))
            return false;
        fn(arg, &line);
    }
    return false;
}
