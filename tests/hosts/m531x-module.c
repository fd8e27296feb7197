/* SPDX-License-Identifier: MIT */
/*
 * m531x-module: an example host of an M531x whose platform upgrades the module itself. It fetches
 * nothing: it keeps the module registered, stays silent while the module writes its firmware,
 * registers again after the restart, and reads which firmware runs then.
 *
 * What the module tells is its manual's: 43 the firmware is written, 44 or 45 done or failed, 46 it
 * is over, behind the next registration. None of them is trusted for the version.
 *
 * Exit status: 0 the module runs the wanted firmware, 2 usage, 7 out of time, 8 it could not be
 * upgraded.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/hosts/m531x_link.h"

enum {
    EVENT_LIFETIME_OVER = 9,
    EVENT_UPDATE_FAILED = 12,
    EVENT_UPDATE_NEEDED = 14,
    EVENT_CLOSED = 15,
    EVENT_DELETED = 31,
    EVENT_WRITES = 43,
    EVENT_FAILED = 45,
    EVENT_OVER = 46,
    QUIET_MS = 20000,        /* then the module is asked whether it is still there */
    WRITING_MAX_MS = 600000, /* no longer than this it is left alone */
    FAILURES_MAX = 3,
};

enum exit_status { EXIT_UPGRADED = 0, EXIT_USAGE = 2, EXIT_TIME = 7, EXIT_FAILED = 8 };

struct host {
    struct module_link link;
    const char *until;
    bool is_registered;
    bool is_writing; /* the module, its firmware: it is to be left alone */
    bool is_done;
    unsigned failures;
};

static void look_at_version(struct host *host)
{
    host->is_done = link_runs(&host->link, host->until);
}

static void on_event(struct host *host, long event)
{
    switch (event) {
    case EVENT_WRITES:
        host->is_writing = true;
        break;
    case EVENT_FAILED:
        host->failures += !host->is_writing; /* else 46 follows, and counts */
        host->is_writing = false;
        break;
    case EVENT_OVER:
        look_at_version(host);
        host->failures += !host->is_done;
        break;
    case EVENT_UPDATE_NEEDED:
        link_command(&host->link, NULL, "AT+MIPLUPDATE=0,0,0");
        break;
    case EVENT_LIFETIME_OVER:
    case EVENT_UPDATE_FAILED:
    case EVENT_CLOSED:
    case EVENT_DELETED:
        host->is_registered = false;
        break;
    default:
        break;
    }
}

/* The last event may have been lost; and a module that hears nothing has to be registered anew. */
static void check(struct host *host)
{
    host->is_writing = false;
    host->is_registered = link_command(&host->link, NULL, "AT+MIPLOPEN?") == AT_OK;
    if (host->is_registered) /* else the platform has not heard of it yet */
        look_at_version(host);
}

static void step(struct host *host)
{
    struct mipl_line line;

    if (!host->is_registered) {
        host->is_registered = link_open(&host->link, NULL);
        return;
    }
    switch (link_next(&host->link, host->is_writing ? WRITING_MAX_MS : QUIET_MS, &line)) {
    case AT_OK:
        if (line.kind == MIPL_EVENT)
            on_event(host, line.mid);
        else if (line.kind == MIPL_READY)
            host->is_registered = host->is_writing = false;
        break;
    case AT_TIMEOUT:
        check(host);
        break;
    case AT_ERROR:
    case AT_GONE:
        host->is_registered = host->is_writing = false;
        break;
    }
}

static enum exit_status run(struct host *host)
{
    while (!host->is_done && host->failures < FAILURES_MAX &&
           host_now_ms() < host->link.deadline_ms)
        step(host);
    if (host->is_done)
        return EXIT_UPGRADED;
    return host->failures >= FAILURES_MAX ? EXIT_FAILED : EXIT_TIME;
}

static bool parse_options(struct host *host, int argc, char **argv)
{
    static const struct option options[] = {
        {"until",     required_argument, NULL, 'u'},
        {"timeout-s", required_argument, NULL, 's'},
        {NULL,        0,                 NULL, 0  },
    };
    int64_t timeout_s = 1100;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'u')
            host->until = optarg;
        else if (option == 's')
            timeout_s = strtol(optarg, NULL, 10);
        else
            return false;
    }
    if (argc - optind != 1 || !host->until || timeout_s <= 0)
        return false;
    host->link.port.path = argv[optind];
    host->link.deadline_ms = host_now_ms() + timeout_s * 1000;
    return true;
}

int main(int argc, char **argv)
{
    static struct host host = {
        .link = {.port = {.fd = -1}, .tells_no_version = true}
    };
    enum exit_status status;

    if (!parse_options(&host, argc, argv)) {
        fprintf(stderr, "usage: m531x-module TTY --until FIRMWARE [--timeout-s N]\n");
        return EXIT_USAGE;
    }
    if (at_port_open(&host.link.port, host.link.port.path) < 0)
        fprintf(stderr, "m531x-module: %s can not be opened yet\n", host.link.port.path);
    status = run(&host);
    if (status == EXIT_UPGRADED)
        printf("the module runs %s\n", host.until);
    else
        fprintf(stderr, "m531x-module: failed, exit status %d\n", status);
    at_port_close(&host.link.port);
    return status;
}
