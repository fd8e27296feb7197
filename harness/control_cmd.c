/* SPDX-License-Identifier: MIT */
#include "harness/control_cmd.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/control.h"
#include "harness/opts.h"
#include "harness/run_options.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define EXIT_FAILED 3

enum key { KEY_CONTROL = 256, KEY_STATE, KEY_TIME, KEY_SEED, KEY_STRICT, KEY_ALLOW_NETWORK };

static const struct opt_row rows[] = {
    {KEY_CONTROL,       "control",       "SOCKET",
     "listen on a Unix socket, mode 0600 (default: stdin and stdout)"                                             },
    {'d',               "dialect",       "NAME",         "dialect of modems that leave it open"                   },
    {KEY_STATE,         "state",         "DIR",          "settings and flash live there and survive"              },
    {KEY_TIME,          "time",          "real|xN|step", "speed of the modems' delays; step: by time.advance only"},
    {KEY_SEED,          "seed",          "N",            "seed of all randomness (default 1)"                     },
    {KEY_STRICT,        "strict",        NULL,           "commands that the dialect does not know are failures"   },
    {KEY_ALLOW_NETWORK, "allow-network", NULL,           "let modems download from beyond this machine"           },
};

static const struct opts opts = {"serve", rows, ARRAY_LEN(rows)};

static void print_help(void)
{
    fputs(
        "hayeswire serve [--control SOCKET] [options]\n"
        "\n"
        "  hayeswire serve --control ./bench.sock\n"
        "  hayeswire ctl ./bench.sock modem.open '{\"dialect\": \"bc26\"}'\n"
        "  hayeswire ctl ./bench.sock modem.expect '{\"what\": \"AT+CSQ\", \"within\": \"30s\"}'\n"
        "\n"
        "Modems driven from another language: JSON-RPC 2.0, one object a line. The first line\n"
        "that a client gets is a greeting with the methods; `methods` tells their parameters.\n"
        "\n",
        stdout);
    opts_print(&opts, stdout);
}

static int set_state(struct control_options *options, const char *value)
{
    struct stat status;

    mkdir(value, 0777); /* the check below tells what came of it */
    if (stat(value, &status) < 0 || !S_ISDIR(status.st_mode))
        return usage_error("serve", "--state %s: not a folder", value);
    options->state = value;
    return 0;
}

static int set_seed(struct control_options *options, const char *value)
{
    long long seed;

    if (text_parse_int(value, &seed) < 0 || seed < 0)
        return usage_error("serve", "--seed %s: wants a number", value);
    options->seed = (uint64_t)seed;
    return 0;
}

static int apply(struct control_options *options, int key, const char *value)
{
    switch (key) {
    case KEY_CONTROL:
        options->socket = value;
        return 0;
    case 'd':
        options->dialect = value;
        return dialect_named("serve", value) ? 0 : 2;
    case KEY_STATE:
        return set_state(options, value);
    case KEY_TIME:
        if (control_parse_time(value, options) < 0)
            return usage_error("serve", "--time %s: there are real, xN as in x20, and step", value);
        return 0;
    case KEY_SEED:
        return set_seed(options, value);
    case KEY_STRICT:
        options->strict = true;
        return 0;
    case KEY_ALLOW_NETWORK:
        options->allow_network = true;
        return 0;
    }
    return 2;
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
    ((struct control *)arg)->signal = (int)number;
}

static int serve(const struct control_options *options)
{
    static struct control control;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct event *interrupt, *terminate;
    struct buf error = {0};
    int status;

    sigaction(SIGPIPE, &ignore, NULL);
    if (control_init(&control, options, &error) < 0) {
        fprintf(stderr, "hayeswire: %s\n", buf_text(&error));
        buf_deinit(&error);
        return EXIT_FAILED;
    }
    interrupt = evsignal_new(control.stage.loop.events, SIGINT, on_signal, &control);
    terminate = evsignal_new(control.stage.loop.events, SIGTERM, on_signal, &control);
    event_add(interrupt, NULL);
    event_add(terminate, NULL);
    if (options->socket)
        fprintf(stderr, "hayeswire: listening on %s\n", options->socket);
    control_run(&control);
    status = control.signal ? 128 + control.signal : 0;
    event_free(interrupt);
    event_free(terminate);
    sigaction(SIGINT, &ignore, NULL); /* the end is under way, and leaves nothing behind */
    sigaction(SIGTERM, &ignore, NULL);
    control_deinit(&control);
    buf_deinit(&error);
    return status;
}

int serve_command(int argc, char **argv)
{
    struct control_options options = {.time_scale = 1, .seed = 1};
    const char *value;
    int key, rest, status = 0;

    while (status == 0 && (key = opts_next(&opts, argc, argv, &value, &rest)) != 0) {
        if (key == 'h') {
            print_help();
            return 0;
        }
        status = apply(&options, key, value);
    }
    if (status == 0 && rest < argc)
        status = usage_error("serve", "%s: no further words are expected; see --help", argv[rest]);
    return status ? status : serve(&options);
}
