/* SPDX-License-Identifier: MIT */
#include "harness/sandbox.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/console.h"
#include "harness/host.h"
#include "harness/httpd.h"
#include "harness/sandbox_beside.h"
#include "harness/save_scenario.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/modem/line.h"
#include "sim/modem/modem.h"

#define EXIT_USAGE   2
#define EXIT_FAILED  3
#define EXIT_NO_HOST 4
#define SIGNAL_MAX   3

/* ---- what a person reads first ---- */

static const char *tty_to_come(const struct modem *modem)
{
    return text_has_prefix(modem_text(modem, MODEM_OPTION_PORT), "attach:auto")
               ? "is the one that the program prints"
               : "comes with the power";
}

static void introduce(const struct sandbox_modem *place)
{
    const struct modem *modem = place->modem;
    const char *tty = modem_tty(modem, NULL), *path = place->link ? place->link : tty;

    printf("%-9s %s, firmware %s\n", modem->name, modem->dialect->title,
           modem->firmware ? modem->firmware : "unknown");
    printf("  tty      %s\n", tty ? tty : tty_to_come(modem));
    for (size_t i = 1; i < modem->line_count; i++) {
        const char *other = modem_tty(modem, modem->lines[i]->name);

        printf("  %-8s %s\n", modem->lines[i]->name, other ? other : tty_to_come(modem));
    }
    if (tty && tty[0] != '/') {
        printf("  socat    socat -,raw,echo=0 %s\n", tty);
        return;
    }
    printf("  link     %s\n", path);
    if (modem_text(modem, MODEM_OPTION_PORT)[0] == '\0') {
        printf("  tio      tio %s\n", path);
        printf("  picocom  picocom -b 115200 %s\n", path);
        printf("  minicom  minicom -b 115200 -D %s\n", path);
        printf("  screen   screen %s 115200\n", path);
    }
}

static void introduce_all(const struct sandbox *sandbox)
{
    for (size_t i = 0; i < sandbox->count; i++)
        introduce(&sandbox->modems[i]);
    for (size_t i = 0; i < sandbox->platform_count; i++)
        printf("%-9s %s%s\n", sandbox->platforms[i].kind->name, sandbox->platforms[i].kind->doc,
               sandbox->options->offer ? "; it has an offer" : "");
    if (sandbox->httpd)
        printf("http      http://127.0.0.1:%u/   %s\n", httpd_port(sandbox->httpd),
               sandbox->options->http);
    fflush(stdout);
}

/* ---- life ---- */

static int plug_in(struct sandbox *sandbox, const struct sandbox_wish *wish)
{
    struct modem *modem = modem_new(&sandbox->stage.bench, wish->dialect, wish->name);
    struct buf error = {0};
    int status;

    sandbox->modems[sandbox->count++].modem = modem;
    status = -sandbox_options_apply(sandbox->options, modem);
    if (status == 0 && modem_start(modem, &error) < 0) {
        fprintf(stderr, "hayeswire: %s\n", buf_text(&error));
        status = EXIT_FAILED;
    }
    if (status == 0)
        status = -sandbox_options_arm(sandbox->options, modem);
    if (status == 0 && !sandbox->options->off)
        modem_power_on(modem);
    buf_deinit(&error);
    return status;
}

static int open_log(struct sandbox *sandbox, struct buf *error_out)
{
    const char *path = sandbox->options->log;

    sandbox->log = (struct event_log){
        .trace = sandbox->stage.bench.trace,
        .file = sandbox->options->interactive ? NULL : stderr,
        .line_end = "\n",
    };
    if (!path)
        return 0;
    sandbox->log.file = fopen(path, "we");
    if (sandbox->log.file)
        return 0;
    buf_printf(error_out, "%s: %s", path, strerror(errno));
    return -errno;
}

/* Return: the exit status for what went wrong. */
static int status_of(int r)
{
    return r == 0 ? 0 : r == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
}

/* Return: 0, or the exit status with a message. */
static int start_program(struct sandbox *sandbox, struct buf *error_out)
{
    int r = sandbox_beside_start(sandbox, error_out);

    return r == 0 || r == -EINVAL ? status_of(r) : EXIT_NO_HOST;
}

static int set_up(struct sandbox *sandbox)
{
    struct buf error = {0};
    int status = 0;

    if (open_log(sandbox, &error) < 0)
        status = EXIT_FAILED;
    if (status == 0)
        status = status_of(sandbox_beside_open(sandbox, &error));
    for (size_t i = 0; i < sandbox->options->count && status == 0; i++)
        status = plug_in(sandbox, &sandbox->options->wishes[i]);
    if (status == 0)
        status = status_of(sandbox_beside_welcome(sandbox, &error));
    if (status == 0 && sandbox_links_choose(sandbox, &error) < 0)
        status = EXIT_FAILED;
    if (status == 0) {
        introduce_all(sandbox);
        if (console_new(sandbox, &sandbox->console, &error) < 0)
            status = EXIT_FAILED;
    }
    if (status == 0)
        status = start_program(sandbox, &error);
    if (status && error.len)
        fprintf(stderr, "hayeswire: %s\n", buf_text(&error));
    buf_deinit(&error);
    return status;
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
    struct sandbox *sandbox = arg;

    sandbox->signal = (int)number;
}

static void watch_signals(struct sandbox *sandbox, struct event *events[SIGNAL_MAX])
{
    static const int signals[SIGNAL_MAX] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    sigaction(SIGPIPE, &ignore, NULL);
    for (size_t i = 0; i < SIGNAL_MAX; i++) {
        events[i] = evsignal_new(sandbox->stage.loop.events, signals[i], on_signal, sandbox);
        event_add(events[i], NULL);
    }
}

/* The sandbox ends as its program did. */
static int program_status(const struct sandbox *sandbox)
{
    int number = 0, status;

    if (!sandbox->host || host_is_running(sandbox->host))
        return 0;
    status = host_exit_status(sandbox->host, &number);
    return number ? 128 + number : status;
}

static int play(struct sandbox *sandbox)
{
    struct buf error = {0};
    int status = 0;

    while (!sandbox->signal && !sandbox->quit) {
        event_log_follow(&sandbox->log);
        sandbox_beside_follow(sandbox);
        if (sandbox_links_follow(sandbox, &error) < 0) {
            fprintf(stderr, "hayeswire: %s\n", buf_text(&error));
            status = EXIT_FAILED;
            break;
        }
        console_follow(sandbox->console);
        loop_turn(&sandbox->stage.loop, !sandbox->quit); /* the program may have ended just now */
    }
    event_log_follow(&sandbox->log);
    buf_deinit(&error);
    return status ? status : program_status(sandbox);
}

static int save(struct sandbox *sandbox)
{
    struct buf error = {0};
    int r = 0;

    if (sandbox->options->save) {
        r = save_scenario(sandbox, sandbox->options->save, &error);
        if (r < 0)
            fprintf(stderr, "hayeswire: %s\n", buf_text(&error));
        else
            fprintf(stderr, "hayeswire: saved; to run it: hayeswire run %s\n",
                    sandbox->options->save);
    }
    buf_deinit(&error);
    return r < 0 ? EXIT_FAILED : 0;
}

static void tear_down(struct sandbox *sandbox)
{
    console_free(sandbox->console);
    sandbox_beside_stop(sandbox);
    sandbox_links_remove(sandbox);
    for (size_t i = 0; i < sandbox->count; i++)
        modem_free(sandbox->modems[i].modem);
    sandbox_beside_close(sandbox);
    if (sandbox->options->log && sandbox->log.file)
        fclose(sandbox->log.file);
    stage_deinit(&sandbox->stage);
}

static int run(const struct sandbox_options *options)
{
    struct sandbox sandbox = {.options = options};
    struct event *events[SIGNAL_MAX];
    struct buf error = {0};
    int status;

    if (stage_init(&sandbox.stage,
                   &(struct stage_config){
                       .time_scale = options->time_scale,
                       .seed = options->seed,
                       .allow_network = options->allow_network,
                       .dir = options->state,
                   },
                   &error) < 0) {
        fprintf(stderr, "hayeswire: %s\n", buf_text(&error));
        buf_deinit(&error);
        return EXIT_FAILED;
    }
    watch_signals(&sandbox, events);
    status = set_up(&sandbox);
    if (status == 0) {
        status = play(&sandbox);
        console_free(sandbox.console); /* the terminal is as it was before anything is printed */
        sandbox.console = NULL;
        if (save(&sandbox) != 0 && status == 0)
            status = EXIT_FAILED;
    }
    for (size_t i = 0; i < SIGNAL_MAX; i++)
        event_free(events[i]);
    tear_down(&sandbox);
    /* Ctrl-C is how a sandbox ends: no failure. */
    return status == 0 && sandbox.signal == SIGTERM ? 128 + SIGTERM : status;
}

int sandbox_command(int argc, char **argv)
{
    struct sandbox_options options;
    int r = sandbox_options_parse(argc, argv, &options), status;

    if (r == 0)
        status = run(&options);
    else
        status = r > 0 ? 0 : -r;
    sandbox_options_deinit(&options);
    return status;
}
