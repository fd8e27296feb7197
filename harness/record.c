/*
 * The host gets a pty of ours, the modem's tty is opened by us, and bytes pass in both directions
 * as they come. What passes is put together to lines (at_log.h), with the time at which each line
 * was complete.
 * SPDX-License-Identifier: MIT
 */
#include "harness/record.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/at_log.h"
#include "harness/event_log.h"
#include "harness/host.h"
#include "harness/opts.h"
#include "harness/program.h"
#include "harness/stage.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/port/port.h"
#include "sim/port/port_spec.h"

#define EXIT_FAILED   3
#define EXIT_NO_HOST  4
#define LAST_WORDS_US 300000u /* after the host's end, for what the modem still says */

struct recorder {
    struct recording recording;
    const char *device, *scenario, *stub;
    struct stage stage;
    struct port *host_port, *device_port;
    bool follows_rate; /* the device's rate is what the host sets */
    long rate;
    struct host *host;
    struct at_log log;
    struct event_log event_log;
    struct timer last_words;
    bool over;
    int signal;
};

enum key { KEY_DEVICE = 256, KEY_STUB };

static const struct opt_row rows[] = {
    {KEY_DEVICE, "device", "TTY[@RATE]", "the modem's tty; without RATE it follows the host's"},
    {'o',        "output", "FILE.lua",   "the scenario (default recorded.lua)"                },
    {KEY_STUB,   "stub",   "FILE.c",     "the beginning of a dialect as well"                 },
};

static const struct opts opts = {"record", rows, ARRAY_LEN(rows)};

static void print_help(void)
{
    fputs("hayeswire record --device TTY [-o FILE.lua] [--stub FILE.c] -- HOST ARGS...\n"
          "\n"
          "  hayeswire record --device /dev/ttyUSB2@115200 -- ./build/updater --port {tty}\n"
          "\n"
          "Sits between a host and a modem, until the host ends or Ctrl-C, and writes what they\n"
          "said as a scenario that runs without the modem. {tty} in the host's words is the tty\n"
          "that it has to open.\n"
          "\n",
          stdout);
    opts_print(&opts, stdout);
}

/* ---- lines ---- */

static void add_entry(struct recorder *recorder, char sign, const char *text, size_t len)
{
    struct recording *recording = &recorder->recording;
    char *copy;

    if (recording->count == RECORD_ENTRY_MAX)
        return;
    copy = xmalloc(len + 1); /* noise may hold zero bytes */
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (recording->count == recording->cap) {
        recording->cap = recording->cap ? 2 * recording->cap : 256;
        recording->entries = xrealloc(recording->entries,
                                      recording->cap * sizeof(recording->entries[0]));
    }
    recording->entries[recording->count++] = (struct record_entry){
        .t_us = clock_now_us(&recorder->stage.clock),
        .sign = sign,
        .text = copy,
        .len = len,
    };
}

static void on_typed(void *arg, const char *text, size_t len)
{
    add_entry(arg, '>', text, len);
}

static void on_reply(void *arg, const char *text, bool is_final)
{
    add_entry(arg, '<', text, strlen(text));
}

static void on_unasked(void *arg, const char *text, size_t len)
{
    add_entry(arg, '!', text, len);
}

/* ---- bytes ---- */

static void follow_rate(struct recorder *recorder)
{
    long rate = port_baud(recorder->host_port);

    if (!recorder->follows_rate || rate == 0 || rate == recorder->rate)
        return;
    recorder->rate = rate;
    serial_port_set_rate(recorder->device_port, rate);
}

static void on_host_bytes(void *arg, const void *bytes, size_t len)
{
    struct recorder *recorder = arg;

    follow_rate(recorder);
    trace_add(recorder->stage.bench.trace, TRACE_RX, "modem", bytes, len);
    port_write(recorder->device_port, bytes, len);
    at_log_host(&recorder->log, bytes, len);
}

static void on_device_bytes(void *arg, const void *bytes, size_t len)
{
    struct recorder *recorder = arg;

    trace_add(recorder->stage.bench.trace, TRACE_TX, "modem", bytes, len);
    port_write(recorder->host_port, bytes, len);
    at_log_modem(&recorder->log, bytes, len);
}

static void on_device_hosts(void *arg, unsigned count)
{
    struct recorder *recorder = arg;

    trace_addf(recorder->stage.bench.trace, TRACE_NOTE, "modem", "the device is %s",
               count ? "there" : "gone");
}

/* ---- life ---- */

static int open_device(struct recorder *recorder, struct buf *error_out)
{
    static const struct port_up up = {.rx = on_device_bytes, .hosts = on_device_hosts};
    struct port_spec spec;
    int r = port_spec_parse(recorder->device, &spec, error_out);

    if (r == 0 && spec.kind != PORT_SERIAL) {
        buf_printf(error_out, "--device %s: wants a tty, /dev/...", recorder->device);
        r = -EINVAL;
    }
    if (r == 0)
        r = port_spec_open(&spec, &recorder->stage.loop, &up, recorder, &recorder->device_port,
                           error_out);
    recorder->follows_rate = spec.baud == 0;
    return r;
}

static char **host_words(const struct recorder *recorder)
{
    char *const *command = recorder->recording.command;
    size_t count = 0;
    char **words;

    while (command[count])
        count++;
    words = xcalloc(count + 1, sizeof(*words));
    for (size_t i = 0; i < count; i++) {
        const char *tty = strstr(command[i], "{tty}");

        words[i] = tty ? xasprintf("%.*s%s%s", (int)(tty - command[i]), command[i],
                                   recorder->host_port->path, tty + strlen("{tty}"))
                       : xstrdup(command[i]);
    }
    return words;
}

static int start_host(struct recorder *recorder, struct buf *error_out)
{
    char *program = NULL, **words = host_words(recorder);
    char *variable = xasprintf("HAYESWIRE_TTY=%s", recorder->host_port->path);
    int r = program_find(words[0], &program, error_out);

    if (r == 0)
        r = host_start(
            &(struct host_config){
                .loop = &recorder->stage.loop,
                .clock = &recorder->stage.clock,
                .trace = recorder->stage.bench.trace,
                .who = "host",
                .program = program,
                .argv = (const char *const *)words,
                .env = (const char *const[]){variable, NULL},
        },
            &recorder->host, error_out);
    for (size_t i = 0; words[i]; i++)
        free(words[i]);
    free(words);
    free(variable);
    free(program);
    return r;
}

static void on_last_words(void *arg)
{
    ((struct recorder *)arg)->over = true;
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
    ((struct recorder *)arg)->signal = (int)number;
}

static void play(struct recorder *recorder)
{
    struct clock *clock = &recorder->stage.clock;
    int number;

    while (!recorder->over && !recorder->signal) {
        event_log_follow(&recorder->event_log);
        if (!host_is_running(recorder->host) && !timer_is_armed(&recorder->last_words))
            clock_after(clock, &recorder->last_words, LAST_WORDS_US, on_last_words, recorder);
        loop_turn(&recorder->stage.loop, true);
    }
    event_log_follow(&recorder->event_log);
    clock_cancel(clock, &recorder->last_words);
    recorder->recording.end_us = clock_now_us(clock);
    if (!host_is_running(recorder->host)) {
        recorder->recording.exit_status = host_exit_status(recorder->host, &number);
        recorder->recording.has_exit = number == 0;
    }
}

static int write_file(const char *path, void (*make)(const struct recording *, struct buf *),
                      const struct recording *recording)
{
    struct buf text = {0};
    FILE *file = fopen(path, "we");
    int r = file ? 0 : -errno;

    make(recording, &text);
    if (file && fwrite(text.data, 1, text.len, file) != text.len)
        r = -errno;
    if (file && fclose(file) != 0)
        r = -errno;
    if (r < 0)
        fprintf(stderr, "hayeswire: %s: %s\n", path, strerror(-r));
    else
        printf("%s\n", path);
    buf_deinit(&text);
    return r;
}

static int run_stage(struct recorder *recorder)
{
    static const struct port_up up = {.rx = on_host_bytes};
    struct event *interrupt = evsignal_new(recorder->stage.loop.events, SIGINT, on_signal,
                                           recorder);
    struct event *terminate = evsignal_new(recorder->stage.loop.events, SIGTERM, on_signal,
                                           recorder);
    struct buf error = {0};
    int status = EXIT_FAILED;

    event_add(interrupt, NULL);
    event_add(terminate, NULL);
    if (open_device(recorder, &error) == 0 &&
        pty_port_new(&recorder->stage.loop, &up, recorder, &recorder->host_port) == 0)
        status = start_host(recorder, &error) == 0 ? 0 : EXIT_NO_HOST;
    if (status == 0) {
        play(recorder);
        if (write_file(recorder->scenario, record_scenario, &recorder->recording) < 0 ||
            (recorder->stub && write_file(recorder->stub, record_stub, &recorder->recording) < 0))
            status = EXIT_FAILED;
    } else {
        fprintf(stderr, "hayeswire: %s\n", buf_text(&error));
    }
    host_free(recorder->host);
    port_free(recorder->host_port);
    port_free(recorder->device_port);
    event_free(interrupt);
    event_free(terminate);
    buf_deinit(&error);
    return status;
}

static int run(struct recorder *recorder)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct buf error = {0};
    int status;

    sigaction(SIGPIPE, &ignore, NULL);
    if (stage_init(&recorder->stage, &(struct stage_config){.time_scale = 1, .seed = 1}, &error) <
        0) {
        fprintf(stderr, "hayeswire: %s\n", buf_text(&error));
        buf_deinit(&error);
        return EXIT_FAILED;
    }
    recorder->log = (struct at_log){
        .on_typed = on_typed,
        .on_reply = on_reply,
        .on_unasked = on_unasked,
        .arg = recorder,
    };
    recorder->event_log = (struct event_log){
        .trace = recorder->stage.bench.trace,
        .file = stderr,
        .line_end = "\n",
    };
    status = run_stage(recorder);
    stage_deinit(&recorder->stage);
    at_log_deinit(&recorder->log);
    for (size_t i = 0; i < recorder->recording.count; i++)
        free(recorder->recording.entries[i].text);
    free(recorder->recording.entries);
    return status;
}

/* Cut argv at "--". Return: how many words precede it. */
static int split(int argc, char **argv, struct recorder *recorder)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            recorder->recording.command = argv + i + 1;
            argv[i] = NULL;
            return i;
        }
    }
    return argc;
}

int record_command(int argc, char **argv)
{
    struct recorder recorder = {.scenario = "recorded.lua"};
    const char *value;
    int key, rest;

    argc = split(argc, argv, &recorder);
    while ((key = opts_next(&opts, argc, argv, &value, &rest)) != 0) {
        if (key == 'h') {
            print_help();
            return 0;
        }
        if (key == '?')
            return 2;
        if (key == KEY_DEVICE)
            recorder.device = value;
        else if (key == 'o')
            recorder.scenario = value;
        else
            recorder.stub = value;
    }
    if (rest < argc)
        return usage_error("record", "%s: the host comes behind --", argv[rest]);
    if (!recorder.device)
        return usage_error("record", "which modem? Write --device /dev/ttyUSB0");
    if (!recorder.recording.command || !recorder.recording.command[0])
        return usage_error("record", "which host? Write it behind --");
    recorder.recording.device = recorder.device;
    return run(&recorder);
}
