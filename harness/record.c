/*
 * The command: its words, the host, and the files at the end.
 * SPDX-License-Identifier: MIT
 */
#include "harness/record.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/desk_host.h"
#include "harness/host.h"
#include "harness/opts.h"
#include "harness/run_dir.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"

#define EXIT_USAGE    2
#define EXIT_FAILED   3
#define EXIT_NO_HOST  4
#define NAME_CHARS    "abcdefghijklmnopqrstuvwxyz0123456789_"
#define LAST_WORDS_US 300000u /* after the host's end, for what the modem still says */

enum key { KEY_DEVICE = 256, KEY_STUB };

static const struct opt_row rows[] = {
    {KEY_DEVICE, "device", "[NAME=]TTY[@RATE]",
     "the modem's tty; without RATE it follows the host's; once more with a NAME for each further "
     "port"                                                                          },
    {'o',        "output", "FILE.lua",          "the scenario (default recorded.lua)"},
    {KEY_STUB,   "stub",   "FILE.c",            "the beginning of a dialect as well" },
};

static const struct opts opts = {"record", rows, ARRAY_LEN(rows)};

static void print_help(void)
{
    fputs("hayeswire record --device TTY... [-o FILE.lua] [--stub FILE.c] -- HOST ARGS...\n"
          "\n"
          "  hayeswire record --device /dev/ttyUSB2@115200 -- ./build/updater --port {tty}\n"
          "  hayeswire record --device /dev/ttyUSB2 --device log=/dev/ttyUSB1 -- \\\n"
          "                   ./build/updater {tty} {tty:log}\n"
          "\n"
          "Sits between a host and a modem, until the host ends or Ctrl-C, and writes what they\n"
          "said as a scenario that runs without the modem. {tty} in the host's words is the tty\n"
          "that it has to open.\n"
          "\n",
          stdout);
    opts_print(&opts, stdout);
}

/* ---- the host ---- */

static int start_host(struct recorder *recorder, struct buf *error_out)
{
    const struct recording *recording = &recorder->recording;
    struct desk_tty ttys[RECORD_PORT_MAX];
    const char *own_dir = getenv("HAYESWIRE_DIR");

    for (unsigned i = 0; i < recording->port_count; i++)
        ttys[i] = (struct desk_tty){
            .name = i ? recording->port_names[i] : "modem",
            .path = recorder->wires[i].link,
        };
    return desk_host_start(
        &(struct desk_host_config){
            .stage = &recorder->stage,
            .command = recording->command,
            .ttys = ttys,
            .tty_count = recording->port_count,
            .dir = own_dir ? own_dir : recorder->dir,
            .seed = 1,
        },
        &recorder->host, error_out);
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
    struct recording *recording = &recorder->recording;

    while (!recorder->over && !recorder->signal) {
        event_log_follow(&recorder->event_log);
        if (!host_is_running(recorder->host) && !timer_is_armed(&recorder->last_words))
            clock_after(clock, &recorder->last_words, LAST_WORDS_US, on_last_words, recorder);
        loop_turn(&recorder->stage.loop, true);
    }
    event_log_follow(&recorder->event_log);
    clock_cancel(clock, &recorder->last_words);
    for (unsigned i = 0; i < recording->port_count; i++)
        record_wire_finish(&recorder->wires[i]);
    record_sort(recording);
    recording->end_us = clock_now_us(clock);
    recording->has_exit = !host_is_running(recorder->host);
    if (recording->has_exit)
        recording->exit_status = host_exit_status(recorder->host, &recording->exit_signal);
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

static int open_wires(struct recorder *recorder, struct buf *error_out)
{
    int r = folder_make_private("record", &recorder->dir, error_out);

    for (unsigned i = 0; i < recorder->recording.port_count && r == 0; i++)
        r = record_wire_open(&recorder->wires[i], error_out);
    return r;
}

static int run_stage(struct recorder *recorder)
{
    struct event *interrupt = evsignal_new(recorder->stage.loop.events, SIGINT, on_signal,
                                           recorder);
    struct event *terminate = evsignal_new(recorder->stage.loop.events, SIGTERM, on_signal,
                                           recorder);
    struct buf error = {0};
    int status = EXIT_FAILED;

    event_add(interrupt, NULL);
    event_add(terminate, NULL);
    if (open_wires(recorder, &error) == 0) {
        int r = start_host(recorder, &error);

        status = r == 0 ? 0 : r == -EINVAL ? EXIT_USAGE : EXIT_NO_HOST;
    }
    if (status == 0) {
        play(recorder);
        if (write_file(recorder->scenario, record_scenario, &recorder->recording) < 0 ||
            (recorder->stub && write_file(recorder->stub, record_stub, &recorder->recording) < 0))
            status = EXIT_FAILED;
    } else {
        fprintf(stderr, "hayeswire: %s\n", buf_text(&error));
    }
    host_free(recorder->host);
    for (unsigned i = 0; i < recorder->recording.port_count; i++)
        record_wire_close(&recorder->wires[i]);
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
    recorder->event_log = (struct event_log){
        .trace = recorder->stage.bench.trace,
        .file = stderr,
        .line_end = "\n",
    };
    status = run_stage(recorder);
    stage_deinit(&recorder->stage);
    if (recorder->dir)
        folder_remove(recorder->dir);
    free(recorder->dir);
    for (size_t i = 0; i < recorder->recording.count; i++)
        free(recorder->recording.entries[i].text);
    free(recorder->recording.entries);
    return status;
}

/* ---- the command line ---- */

/* "[NAME=]TTY[@RATE]"; the first needs no name. Return: 0 or 2 after a message. */
static int add_device(struct recorder *recorder, const char *value)
{
    struct recording *recording = &recorder->recording;
    const char *equals = strchr(value, '=');
    size_t len = equals && value[0] != '/' ? (size_t)(equals - value) : 0;
    unsigned number = recording->port_count;

    if (number == RECORD_PORT_MAX)
        return usage_error("record", "more than %d devices", RECORD_PORT_MAX);
    if (len != strspn(value, NAME_CHARS) && len > 0)
        return usage_error("record", "--device %s: a name is made of a-z, 0-9 and '_'", value);
    if (number > 0 && len == 0)
        return usage_error("record", "--device %s: a further one has a name: --device NAME=%s",
                           value, value);
    recorder->wires[number] = (struct record_wire){
        .recorder = recorder,
        .number = number,
        .device = value + (len ? len + 1 : 0),
    };
    recording->port_names[number] = xstrndup(value, number ? len : 0);
    recording->port_count++;
    return 0;
}

static int check(const struct recorder *recorder)
{
    const struct recording *recording = &recorder->recording;

    for (unsigned i = 1; i < recording->port_count; i++) {
        for (unsigned j = 0; j < i; j++) {
            if (strcmp(recording->port_names[i], recording->port_names[j]) == 0)
                return usage_error("record", "there are two devices named %s",
                                   recording->port_names[i]);
        }
    }
    if (recording->port_count == 0)
        return usage_error("record", "which modem? Write --device /dev/ttyUSB0");
    if (!recording->command || !recording->command[0])
        return usage_error("record", "which host? Write it behind --");
    return desk_host_check("record", recording->command);
}

static int apply(struct recorder *recorder, int key, const char *value)
{
    switch (key) {
    case KEY_DEVICE:
        return add_device(recorder, value);
    case 'o':
        recorder->scenario = value;
        return 0;
    case KEY_STUB:
        recorder->stub = value;
        return 0;
    }
    return EXIT_USAGE;
}

int record_command(int argc, char **argv)
{
    struct recorder recorder = {.scenario = "recorded.lua"};
    const char *value;
    int key, rest, status = 0;

    argc = opts_split(argc, argv, &recorder.recording.command);
    while (status == 0 && (key = opts_next(&opts, argc, argv, &value, &rest)) != 0) {
        if (key == 'h') {
            print_help();
            return 0;
        }
        status = apply(&recorder, key, value);
    }
    if (status == 0 && rest < argc)
        status = usage_error("record", "%s: the host comes behind --", argv[rest]);
    if (status == 0)
        status = check(&recorder);
    recorder.recording.device = recorder.wires[0].device;
    if (status == 0)
        status = run(&recorder);
    for (unsigned i = 0; i < recorder.recording.port_count; i++)
        free(recorder.recording.port_names[i]);
    return status;
}
