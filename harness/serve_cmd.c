/*
 * hayeswire package serve: the package server for people and scripts, until a signal.
 * SPDX-License-Identifier: MIT
 */
#include <event2/event.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "harness/httpd.h"
#include "harness/package_cmd.h"
#include "sim/base/buf.h"
#include "sim/base/clock.h"
#include "sim/base/loop.h"
#include "sim/base/text.h"
#include "sim/base/trace.h"

#define EXIT_USAGE  2
#define EXIT_FAILED 3
#define EXIT_SIGNAL 128 /* plus its number, as a shell reports it */
#define PORT_LIMIT  65535

struct serving {
    struct clock clock;
    struct loop loop;
    struct trace *trace;
    struct httpd *httpd;
    int signal;
};

struct serve_options {
    const char *dir;
    unsigned port;
};

static const char usage[] =
    "usage: hayeswire package serve DIR [--port N]\n"
    "Serve the files below DIR over HTTP on 127.0.0.1 until Ctrl-C. The first line on stdout is\n"
    "the server's URL; each request is a line on stderr. Without --port the system chooses one.\n";

/* Return: -1 to go on, or the exit status. */
static int parse_options(int argc, char **argv, struct serve_options *options_out)
{
    static const struct option longs[] = {
        {"port", required_argument, NULL, 'p'},
        {"help", no_argument,       NULL, 'h'},
        {NULL,   0,                 NULL, 0  },
    };
    long long port = 0;
    struct stat info;
    int option;

    optind = 0; /* the caller may have used getopt for options of its own */
    while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            return 0;
        }
        if (option != 'p') {
            fputs(usage, stderr);
            return EXIT_USAGE;
        }
        if (text_parse_int(optarg, &port) < 0 || port < 0 || port > PORT_LIMIT) {
            fprintf(stderr, "hayeswire: \"%s\" is not a port (0 to %d)\n", optarg, PORT_LIMIT);
            return EXIT_USAGE;
        }
    }
    if (optind != argc - 1) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    options_out->dir = argv[optind];
    options_out->port = (unsigned)port;
    if (stat(options_out->dir, &info) < 0 || !S_ISDIR(info.st_mode)) {
        fprintf(stderr, "hayeswire: \"%s\" is not a folder\n", options_out->dir);
        return EXIT_USAGE;
    }
    return -1;
}

/* A line per request. The path came from a client: its bytes are shown, never sent to a terminal.
 */
static void on_record(void *arg, const struct trace_record *record)
{
    struct buf line = {0};

    text_format_clock(&line, record->t_us);
    buf_add_text(&line, "  ");
    text_add_visible(&line, record->data, record->len);
    fprintf(stderr, "%s\n", buf_text(&line));
    buf_deinit(&line);
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
    struct serving *serving = arg;

    serving->signal = (int)number;
    loop_stop(&serving->loop);
}

/* Return: the exit status. */
static int serve(struct serving *serving, const struct serve_options *options)
{
    struct event *interrupt = evsignal_new(serving->loop.events, SIGINT, on_signal, serving);
    struct event *terminate = evsignal_new(serving->loop.events, SIGTERM, on_signal, serving);
    struct buf error = {0};
    int status = EXIT_FAILED;

    if (!interrupt || !terminate || event_add(interrupt, NULL) < 0 ||
        event_add(terminate, NULL) < 0) {
        fputs("hayeswire: cannot watch for signals\n", stderr);
        goto out;
    }
    if (httpd_new(&serving->loop, serving->trace, "http", options->port, &serving->httpd, &error) <
        0) {
        fprintf(stderr, "hayeswire: %s\n", buf_text(&error));
        goto out;
    }
    httpd_serve_dir(serving->httpd, options->dir);
    printf("http://127.0.0.1:%u/\n", httpd_port(serving->httpd));
    if (fflush(stdout) != 0) {
        perror("hayeswire: stdout");
        goto out;
    }
    loop_run(&serving->loop);
    status = EXIT_SIGNAL + serving->signal;
out:
    httpd_free(serving->httpd);
    buf_deinit(&error);
    if (interrupt)
        event_free(interrupt);
    if (terminate)
        event_free(terminate);
    return status;
}

int package_serve(int argc, char **argv)
{
    struct serve_options options;
    struct serving serving = {0};
    int status = parse_options(argc, argv, &options);

    if (status >= 0)
        return status;
    clock_init(&serving.clock, CLOCK_REAL, 1);
    if (loop_init(&serving.loop, &serving.clock) < 0) {
        fputs("hayeswire: the kernel gives no event poller\n", stderr);
        clock_deinit(&serving.clock);
        return EXIT_FAILED;
    }
    serving.trace = trace_new(&serving.clock);
    trace_listen(serving.trace, on_record, &serving);
    status = serve(&serving, &options);
    trace_free(serving.trace);
    loop_deinit(&serving.loop);
    clock_deinit(&serving.clock);
    return status;
}
