/* SPDX-License-Identifier: MIT */
/*
 * bc26-updater: the example host. It upgrades the firmware of a Quectel BC26 or BC20 over the air,
 * as the application guide asks, and lives through power cuts of the module.
 *
 * Four steps, each of which returns the next one:
 *   prepare  synchronise, fix the baud rate, read the version, wait for the network
 *   ask      AT+QFOTADL
 *   watch    say nothing and read until the module has told its result, or was silent for too long
 *   verify   ask the module for its version: only a changed version is success
 * Whatever goes wrong in between (a reboot, a tty that vanished, a lost answer) leads back to
 * prepare, so there is one way to recover and not one per step.
 *
 * Exit status: 0 upgraded, 2 usage, 3 download failed after all tries, 4 the package does not fit
 * (END 254, 255), 5 the module reports another failure, 6 the version is not the expected one,
 * 7 out of time: no network, no answer, no tty.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/hosts/at_port.h"
#include "tests/hosts/bc26_bugs.h"
#include "tests/hosts/bc26_fota.h"
#include "tests/hosts/bc26_module.h"
#include "tests/hosts/host_tools.h"

enum {
    URL_MAX = 255, /* the guide, chapter 3.1 */
    TRIES_MAX = 3,
    BACKOFF_MS = 5000,
    POLL_MS = 200,
    REOPEN_MS = 60000,
    NETWORK_POLL_MAX_MS = 8000,
    CHATTY_MS = 2000, /* of BUG_CHATTY */
    SPAM_MS = 10,     /* of BUG_SPAMS */
};

enum exit_status {
    EXIT_UPGRADED = 0,
    EXIT_USAGE = 2,
    EXIT_DOWNLOAD = 3,
    EXIT_PACKAGE = 4,
    EXIT_MODULE = 5,
    EXIT_VERSION = 6,
    EXIT_TIME = 7,
};

enum step { STEP_PREPARE, STEP_ASK, STEP_WATCH, STEP_VERIFY, STEP_DONE };

struct updater {
    const char *tty;
    const char *url;
    const char *target; /* NULL: any other version will do */
    bool keeps_autobaud;
    enum bug bug;
    int64_t deadline_ms;

    struct at_port port;
    struct fota_watch watch;
    char base[MODULE_VERSION_MAX]; /* the version before the upgrade, empty until it is known */
    int tries;                     /* failed downloads */
    bool has_end;                  /* the module reported END,0 */
    int percent;                   /* what BUG_TWO_DIGITS made of it */
    enum exit_status exit_status;
};

typedef enum step (*step_fn)(struct updater *up);

static enum step done(struct updater *up, enum exit_status status)
{
    up->exit_status = status;
    return STEP_DONE;
}

static bool is_late(const struct updater *up)
{
    return host_now_ms() >= up->deadline_ms;
}

/* A module on USB takes its tty with it when it loses power. */
static bool reopen(struct updater *up)
{
    int64_t limit_ms = host_now_ms() + REOPEN_MS;

    while (up->port.fd < 0) {
        if (up->bug == BUG_NEVER_REOPENS)
            return false;
        if (at_port_open(&up->port, up->tty) == 0)
            host_say("%s is open again", up->tty);
        else if (host_now_ms() >= limit_ms || is_late(up))
            return false;
        else
            host_sleep_ms(POLL_MS);
    }
    return true;
}

/* An upgrade line waits in the queue: the module is upgrading, whoever asked for it. */
static bool is_upgrading(const struct at_port *port)
{
    struct fota_event event;

    for (size_t i = 0; i < port->urc_count; i++) {
        if (fota_parse(port->urcs[(port->urc_first + i) % AT_PORT_URC_MAX].text, &event))
            return true;
    }
    return false;
}

/* Let time pass without being deaf: what the module says meanwhile is read and dropped. */
static void idle(struct updater *up, int64_t duration_ms)
{
    int64_t stop_ms = host_now_ms() + duration_ms;
    struct at_line line;

    if (stop_ms > up->deadline_ms)
        stop_ms = up->deadline_ms;
    while (host_now_ms() < stop_ms) {
        if (at_port_next_line(&up->port, stop_ms - host_now_ms(), &line) == AT_GONE)
            host_sleep_ms(POLL_MS);
    }
}

static enum at_status wait_network(struct updater *up)
{
    int64_t pause_ms = 1000;
    bool has_network = false;
    enum at_status status;

    if (up->bug == BUG_NO_ATTACH)
        return bug_wait_registration(&up->port, up->deadline_ms) ? AT_OK : AT_TIMEOUT;
    while ((status = module_look_at_network(&up->port, &has_network)) != AT_GONE &&
           status != AT_TIMEOUT) {
        if (has_network)
            return AT_OK;
        if (is_late(up))
            return AT_TIMEOUT;
        if (is_upgrading(&up->port))
            return AT_OK;
        host_say("no network yet, looking again in %d s", (int)(pause_ms / 1000));
        idle(up, host_pause_ms(pause_ms));
        pause_ms = pause_ms * 2 > NETWORK_POLL_MAX_MS ? NETWORK_POLL_MAX_MS : pause_ms * 2;
    }
    return status;
}

/* Judge the version that runs: STEP_DONE with the exit status, or STEP_ASK if it is the old one. */
static enum step judge_version(struct updater *up, const char *version)
{
    bool is_known = up->base[0] != '\0';
    bool is_changed = is_known && strcmp(up->base, version) != 0;

    host_say("the module runs %s", version);
    if (up->target ? strcmp(up->target, version) == 0 : is_changed || (up->has_end && !is_known))
        return done(up, EXIT_UPGRADED);
    if (is_changed || up->has_end)
        return done(up, EXIT_VERSION);
    if (!is_known)
        snprintf(up->base, sizeof(up->base), "%s", version);
    return STEP_ASK;
}

static enum step prepare(struct updater *up)
{
    char version[MODULE_VERSION_MAX];
    enum at_status status = AT_GONE;
    enum step next;

    if (is_late(up) || !reopen(up)) {
        host_say("out of time: %s", up->port.fd < 0 ? "the tty did not come back" : "no answer");
        return done(up, EXIT_TIME);
    }
    if (at_port_synchronise(&up->port, up->deadline_ms - host_now_ms()) != AT_OK)
        return STEP_PREPARE;
    if (is_upgrading(&up->port) && up->bug != BUG_BREAKS_IN) {
        host_say("the module is upgrading already");
        return STEP_WATCH;
    }
    status = module_settings(&up->port, up->keeps_autobaud || up->bug == BUG_KEEPS_BAUD);
    if (up->bug == BUG_NO_VERSION)
        return status == AT_OK && wait_network(up) == AT_OK ? STEP_ASK : STEP_PREPARE;
    if (status == AT_OK)
        status = module_read_version(&up->port, version);
    if (status != AT_OK)
        return STEP_PREPARE;
    next = judge_version(up, version);
    if (up->bug == BUG_NO_NETWORK)
        return next;
    if (next == STEP_ASK && wait_network(up) != AT_OK)
        next = STEP_PREPARE;
    if (next == STEP_ASK && is_upgrading(&up->port))
        next = STEP_WATCH;
    return next;
}

static enum step download_failed(struct updater *up, const char *why, int code)
{
    int64_t pause_ms = (int64_t)BACKOFF_MS << up->tries;

    up->tries++;
    host_say("%s %d, try %d of %d", why, code, up->tries, TRIES_MAX);
    if (up->bug == BUG_RETRY_STORM)
        return STEP_ASK;
    if (up->tries >= TRIES_MAX)
        return done(up, EXIT_DOWNLOAD);
    idle(up, host_pause_ms(pause_ms));
    return STEP_PREPARE;
}

static enum step ask(struct updater *up)
{
    char command[AT_PORT_LINE_MAX];
    struct at_reply reply;

    host_say("asking for %s", up->url);
    snprintf(command, sizeof(command), "AT+QFOTADL=\"%s\"", up->url);
    up->watch = (struct fota_watch){.phase = FOTA_PHASE_ASKED};
    switch (at_port_command(&up->port, command, "+QFOTADL", MODULE_COMMAND_MS, &reply)) {
    case AT_OK:
        break;
    case AT_ERROR:
        /* 2 and 3 mean busy: the upgrade runs already and is watched like our own. */
        if (reply.cme != 2 && reply.cme != 3)
            return download_failed(up, "the module refuses the upgrade, error", reply.cme);
        break;
    case AT_TIMEOUT:
        up->watch.phase = FOTA_PHASE_UNSURE;
        break;
    case AT_GONE:
        return STEP_PREPARE;
    }
    bug_strike_after_ask(up->bug);
    return STEP_WATCH;
}

/* React to an upgrade line. Return: STEP_WATCH to go on. */
static enum step react(struct updater *up, const struct fota_event *event)
{
    if (up->bug == BUG_TWO_DIGITS && event->word == FOTA_HTTP_END && up->percent < 99)
        return done(up, EXIT_DOWNLOAD);
    if (event->word == FOTA_HTTP_END && event->value > 0)
        return download_failed(up, "the download failed with", event->value);
    if (event->word == FOTA_HTTP_END && up->bug == BUG_SUCCESS_AT_HTTPEND)
        return done(up, EXIT_UPGRADED);
    if (event->word != FOTA_END)
        return STEP_WATCH;
    host_say("the module reports END,%d", event->value);
    if (event->value == 254 && up->bug == BUG_IGNORES_MISMATCH)
        return STEP_PREPARE;
    if (event->value == 254 || event->value == 255)
        return done(up, EXIT_PACKAGE);
    if (event->value > 0)
        return done(up, EXIT_MODULE);
    if (up->bug == BUG_BELIEVES_END)
        return done(up, EXIT_UPGRADED);
    up->has_end = event->value == 0;
    return STEP_VERIFY;
}

static enum step take_line(struct updater *up, const char *line)
{
    static const char *const phases[] = {"waiting",  "asked",     "downloading", "downloaded",
                                         "starting", "upgrading", "upgraded"};
    enum fota_phase phase = up->watch.phase;
    struct fota_event event;

    if (!bug_knows_line(up->bug, line))
        return STEP_WATCH;
    if (up->bug == BUG_TWO_DIGITS && bug_two_digits(line) >= 0)
        up->percent = bug_two_digits(line);
    if (up->bug == BUG_ONE_SPELLING && phase == FOTA_PHASE_ASKED && strstr(line, "HTTPEND"))
        return done(up, EXIT_DOWNLOAD); /* "not one percent came" */
    if (up->bug == BUG_BREAKS_IN && phase == FOTA_PHASE_UPDATING && strstr(line, "\"START\""))
        return STEP_PREPARE;
    if (fota_watch_line(&up->watch, line) && up->watch.phase != phase)
        host_say("%s", phases[up->watch.phase]);
    if (up->watch.has_banner && up->bug == BUG_STOPS_AT_BANNER) {
        host_say("unexpected line: %s", line);
        return done(up, EXIT_MODULE);
    }
    return fota_parse(line, &event) ? react(up, &event) : STEP_WATCH;
}

static int64_t quiet_limit_ms(const struct updater *up)
{
    return host_pause_ms(fota_quiet_limit_ms(&up->watch));
}

/* As long as there is nothing to do but to listen: a host that looks up meanwhile drains a battery.
 */
static int64_t listen_ms(const struct updater *up, int64_t heard_ms)
{
    int64_t stop_ms = heard_ms + quiet_limit_ms(up) + 1;

    if (up->bug == BUG_SPAMS)
        return SPAM_MS;
    if (up->bug == BUG_CHATTY || up->bug == BUG_LOSES_URCS)
        return POLL_MS;
    return (stop_ms < up->deadline_ms ? stop_ms : up->deadline_ms) - host_now_ms();
}

static enum step watch(struct updater *up)
{
    int64_t heard_ms = host_now_ms(), asked_ms = heard_ms;
    enum step next = STEP_WATCH;

    while (next == STEP_WATCH) {
        struct at_line line;
        enum at_status status = at_port_next_line(&up->port, listen_ms(up, heard_ms), &line);

        if (up->bug == BUG_SPAMS)
            at_port_write(&up->port, "AT+CSQ\r", 7);
        if (up->bug == BUG_CHATTY && host_now_ms() - asked_ms >= CHATTY_MS) {
            at_port_write(&up->port, "AT+CSQ\r", 7);
            asked_ms = host_now_ms();
        }
        if (up->bug == BUG_LOSES_URCS && status == AT_TIMEOUT)
            bug_ask_for_life(&up->port);
        if (status == AT_OK) {
            heard_ms = host_now_ms();
            next = take_line(up, line.text);
        } else if (status == AT_GONE) {
            host_say("%s is gone", up->tty);
            if (!reopen(up))
                return STEP_PREPARE;
            /* It vanished with the module's power, and the boot lines went with it. */
            up->watch.has_banner = true;
            heard_ms = host_now_ms();
        } else if (up->bug != BUG_LOSES_URCS &&
                   (is_late(up) || host_now_ms() - heard_ms > quiet_limit_ms(up))) {
            next = STEP_VERIFY;
            if (up->bug == BUG_ASSUMES && up->watch.phase == FOTA_PHASE_UPDATED)
                return done(up, EXIT_UPGRADED);
        }
    }
    return next;
}

/* With the old version running and no result told: was the upgrade only interrupted? */
static enum step old_version(struct updater *up)
{
    enum fota_phase phase = up->watch.phase;

    if (phase > FOTA_PHASE_STARTED || (phase == FOTA_PHASE_STARTED && !up->watch.is_ready)) {
        host_say("the upgrade ran and the version did not change");
        return done(up, EXIT_VERSION);
    }
    if (up->bug == BUG_NEVER_RETRIES) {
        up->watch = (struct fota_watch){.phase = FOTA_PHASE_ASKED};
        return STEP_WATCH;
    }
    host_say("the module was interrupted before the upgrade began");
    return STEP_PREPARE;
}

static enum step verify(struct updater *up)
{
    char version[MODULE_VERSION_MAX];
    bool was_late = is_late(up);
    enum at_status status = at_port_synchronise(&up->port, up->has_end ? REOPEN_MS : 5000);
    enum step next;

    if (status == AT_OK && !up->has_end && is_upgrading(&up->port))
        return was_late ? done(up, EXIT_TIME) : STEP_WATCH;
    if (status == AT_OK)
        status = module_read_version(&up->port, version);
    if (status != AT_OK) {
        /* Still booting, still without power, or still writing: the marks of reboot are spent. */
        host_say("no answer yet");
        up->watch.has_banner = up->watch.is_ready = false;
        return was_late ? done(up, EXIT_TIME) : up->port.fd < 0 ? STEP_PREPARE : STEP_WATCH;
    }
    if (up->base[0] == '\0' && !up->has_end)
        return STEP_PREPARE;
    next = judge_version(up, version);
    if (next == STEP_ASK)
        next = was_late ? done(up, EXIT_TIME) : old_version(up);
    return next;
}

static int run(struct updater *up)
{
    static const step_fn steps[] = {
        [STEP_PREPARE] = prepare,
        [STEP_ASK] = ask,
        [STEP_WATCH] = watch,
        [STEP_VERIFY] = verify,
    };
    enum step step = STEP_PREPARE;

    while (step != STEP_DONE)
        step = steps[step](up);
    return up->exit_status;
}

/* What the module would refuse is told here, with a message of its own. */
static bool is_good_url(const char *url)
{
    const char *host;
    const char *colon;
    long port;
    char *end;

    if (strlen(url) > URL_MAX || strpbrk(url, "\"\r\n"))
        return false;
    if (strncasecmp(url, "http://", 7) == 0)
        host = url + 7;
    else if (strncasecmp(url, "https://", 8) == 0)
        host = url + 8;
    else
        return false;
    colon = memchr(host, ':', strcspn(host, "/"));
    if (!colon)
        return host[0] != '/' && host[0] != '\0';
    port = strtol(colon + 1, &end, 10);
    return colon > host && end > colon + 1 && (*end == '/' || !*end) && port >= 1 && port <= 65535;
}

static int usage(void)
{
    fprintf(stderr, "usage: bc26-updater TTY URL [--target VERSION] [--timeout-s N]\n"
                    "                    [--keep-autobaud] [--bug NAME]\n"
                    "bugs:");
    bug_print_names(stderr);
    fputc('\n', stderr);
    return EXIT_USAGE;
}

static bool parse_options(struct updater *up, int argc, char **argv)
{
    static const struct option options[] = {
        {"target",        required_argument, NULL, 't'},
        {"timeout-s",     required_argument, NULL, 's'},
        {"keep-autobaud", no_argument,       NULL, 'k'},
        {"bug",           required_argument, NULL, 'b'},
        {NULL,            0,                 NULL, 0  },
    };
    int64_t timeout_s = 1200;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 't')
            up->target = optarg;
        else if (option == 's')
            timeout_s = strtol(optarg, NULL, 10);
        else if (option == 'k')
            up->keeps_autobaud = true;
        else if (option != 'b' || !bug_from_name(optarg, &up->bug))
            return false;
    }
    if (argc - optind != 2 || timeout_s <= 0)
        return false;
    up->tty = argv[optind];
    up->url = argv[optind + 1];
    up->deadline_ms = host_now_ms() + timeout_s * 1000;
    return true;
}

int main(int argc, char **argv)
{
    static struct updater up = {.port = {.fd = -1}}; /* its queue is too much for a stack */
    int ret;

    if (!parse_options(&up, argc, argv))
        return usage();
    if (!is_good_url(up.url) && up.bug != BUG_LONG_URL) {
        host_say("not a URL that the module takes (http://host[:port]/file, at most %d bytes): %s",
                 URL_MAX, up.url);
        return EXIT_USAGE;
    }
    up.port.bugs = bug_of_port(up.bug);
    ret = at_port_open(&up.port, up.tty);
    if (ret < 0)
        host_say("%s: %s", up.tty, strerror(-ret));
    if (up.bug == BUG_NO_READ) {
        bug_write_blindly(&up.port, up.url, up.deadline_ms);
        return EXIT_TIME;
    }
    ret = run(&up);
    host_say(ret == EXIT_UPGRADED ? "done" : "failed, exit status %d", ret);
    at_port_close(&up.port);
    return ret;
}
