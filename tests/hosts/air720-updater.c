/* SPDX-License-Identifier: MIT */
/*
 * air720-updater: the example host. It upgrades the firmware of a Luat Air720 over the air, as the
 * vendor's guide asks, and lives through power cuts of the module.
 *
 *     air720-updater TTY TTY2 URL       fetch the package from a URL of one's own
 *     air720-updater TTY TTY2 service   let the module ask the vendor's service now
 *     air720-updater TTY TTY2 auto      leave it to the module, which asks each day, and follow
 *
 * TTY is the AT port, TTY2 is UART2, where nothing but the progress of the bootloader appears.
 *
 * Steps, each of which returns the next one:
 *   prepare  synchronise, fix the baud rate, say who decides (AUTO), read the version
 *   ask      AT+UPGRADE
 *   watch    read both ports; ask for the result when there is no progress
 *   verify   ask the module for its version: only a changed version is success
 * A reboot in between, whoever caused it, leads to verify, and from there on or back to prepare.
 *
 * Exit status: 0 upgraded, or nothing newer is there; 2 usage; 3 download failed after all tries;
 * 4 the package or URL is wrong; 5 the module can not keep it; 6 the version is not the expected
 * one; 7 out of time; 8 the service refuses this device, project or firmware.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/hosts/air720_bugs.h"
#include "tests/hosts/air720_lines.h"
#include "tests/hosts/air720_module.h"
#include "tests/hosts/at_port.h"
#include "tests/hosts/host_tools.h"

enum {
    TRIES_MAX = 3,
    BACKOFF_MS = 10000,
    POLL_MS = 100,
    SYNC_MS = 30000,
    QUERY_MS = 15000,        /* no progress for so long: ask for the result */
    NETWORK_POLL_MS = 3000,  /* between two looks at the network */
    FLASH_QUIET_MS = 300000, /* writing takes up to three minutes, and may begin anew */
    READY_QUIET_MS = 60000,  /* from RDY to the network and +UPGRADEVER */
    REPORT_QUIET_MS = 90000, /* a silent service costs the module 60 s */
};

enum exit_status {
    EXIT_FINE = 0,
    EXIT_USAGE = 2,
    EXIT_DOWNLOAD = 3,
    EXIT_PACKAGE = 4,
    EXIT_MODULE = 5,
    EXIT_VERSION = 6,
    EXIT_TIME = 7,
    EXIT_REFUSED = 8,
};

enum step { STEP_PREPARE, STEP_ASK, STEP_WATCH, STEP_RESULT, STEP_VERIFY, STEP_DONE };

/* How far the module is, as far as its lines tell. */
enum phase {
    PHASE_WAITING,   /* nothing was asked, or nothing is known */
    PHASE_ASKED,     /* the upgrade runs; progress is due */
    PHASE_LOADED,    /* +UPGRADEIND: 100: it will reboot and write its flash */
    PHASE_RESTARTED, /* RDY after that */
    PHASE_TOLD,      /* +UPGRADEVER with the version; the report is due */
};

struct updater {
    const char *tty, *tty2, *what, *target;
    bool is_auto;
    int64_t deadline_ms;

    struct at_port port, uart2;
    enum phase phase;
    char base[AIR720_VERSION_MAX]; /* the version before the upgrade, empty until it is known */
    int tries;                     /* failed downloads */
    int64_t heard_ms;              /* the last line of the upgrade */
    enum air720_bug bug;
    bool has_asked;
    bool was_refused; /* the module took our URL for an invalid one */
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

static enum at_status command(struct updater *up, const char *text, const char *prefix,
                              struct at_reply *reply)
{
    return at_port_command(&up->port, text, prefix, MODULE_COMMAND_MS, reply);
}

/* ---- one line of the module ---- */

static void enter(struct updater *up, enum phase phase)
{
    static const char *const names[] = {"waiting", "upgrading", "downloaded", "restarted", "told"};

    if (up->phase != phase)
        host_say("%s", names[phase]);
    up->phase = phase;
    up->heard_ms = host_now_ms();
}

/* A start of the firmware: the end of the upgrade, or of an attempt that lost its power. */
static enum step take_ready(struct updater *up)
{
    if (up->phase == PHASE_LOADED && up->bug == AIR720_BUG_REBOOT_IS_CRASH) {
        host_say("the module has crashed");
        return done(up, EXIT_MODULE);
    }
    if (up->phase == PHASE_LOADED && up->bug == AIR720_BUG_BELIEVES_RDY)
        return done(up, EXIT_FINE);
    if (up->phase == PHASE_ASKED && up->bug == AIR720_BUG_NEVER_RETRIES) {
        enter(up, PHASE_WAITING);
        return STEP_WATCH;
    }
    if (up->phase == PHASE_LOADED) {
        enter(up, PHASE_RESTARTED);
        return STEP_WATCH;
    }
    if (up->phase == PHASE_ASKED)
        host_say("the module restarted in the download");
    return up->phase == PHASE_ASKED || up->is_auto ? STEP_VERIFY : STEP_WATCH;
}

/* Return: STEP_WATCH to go on reading. */
static enum step take_line(struct updater *up, const char *text)
{
    struct air720_line line;

    if (up->bug == AIR720_BUG_ONE_SPELLING && strncmp(text, "+UPGRADDL", 9) == 0) {
        host_say("unknown line: %s", text);
        return done(up, EXIT_MODULE);
    }
    if (!air720_parse(text, &line))
        return STEP_WATCH;
    switch (line.word) {
    case AIR720_PROGRESS:
        if (up->bug == AIR720_BUG_NOT_ASKED && !up->has_asked) {
            host_say("nobody has asked for an upgrade");
            return done(up, EXIT_MODULE);
        }
        if (up->bug == AIR720_BUG_SUCCESS_AT_100 && line.number >= 100)
            return done(up, EXIT_FINE);
        enter(up, line.number >= 100 ? PHASE_LOADED : PHASE_ASKED);
        return STEP_WATCH;
    case AIR720_ERROR:
        return STEP_RESULT;
    case AIR720_FLASHING:
        host_say("writing %d %%", line.number);
        enter(up, PHASE_LOADED);
        return STEP_WATCH;
    case AIR720_VERSION:
        host_say("the module tells its new version %s", line.version);
        enter(up, PHASE_TOLD);
        return STEP_WATCH;
    case AIR720_REPORTED:
        /* 0 says that the service was not told. The upgrade itself is fine. */
        if (line.number == 0 && up->bug == AIR720_BUG_UNTOLD_FAILS)
            return done(up, EXIT_MODULE);
        host_say("the service was %s", line.number ? "told" : "not told; the upgrade is complete");
        return STEP_VERIFY;
    case AIR720_READY:
        return take_ready(up);
    }
    return STEP_WATCH;
}

/*
 * Read both ports, once something has come or wait_ms are over. Return: STEP_WATCH when nothing was
 * decided.
 */
static enum step listen(struct updater *up, int64_t wait_ms)
{
    struct at_port *ports[] = {&up->port, &up->uart2};
    enum step step = STEP_WATCH;
    struct at_line line;

    if (up->port.fd < 0 && at_port_open(&up->port, up->tty) < 0)
        wait_ms = POLL_MS;
    at_port_await(ports, sizeof(ports) / sizeof(ports[0]), wait_ms);
    while (step == STEP_WATCH && at_port_next_line(&up->port, 0, &line) == AT_OK)
        step = take_line(up, line.text);
    while (step == STEP_WATCH && at_port_next_line(&up->uart2, 0, &line) == AT_OK)
        step = take_line(up, line.text);
    return step;
}

/* Let time pass without being deaf. Return: STEP_WATCH when nothing happened meanwhile. */
static enum step idle(struct updater *up, int64_t duration_ms)
{
    int64_t stop_ms = host_now_ms() + duration_ms;
    enum step step = STEP_WATCH;

    while (host_now_ms() < stop_ms && !is_late(up) && step == STEP_WATCH)
        step = listen(up, stop_ms - host_now_ms());
    return step;
}

/* ---- prepare ---- */

/* Judge the version that runs: STEP_DONE with the exit status, or STEP_ASK if it is the old one. */
static enum step judge_version(struct updater *up, const char *version)
{
    bool is_changed = up->base[0] != '\0' && strcmp(up->base, version) != 0;

    host_say("the module runs %s", version);
    if (up->target ? strcmp(up->target, version) == 0 : is_changed)
        return done(up, EXIT_FINE);
    if (is_changed)
        return done(up, EXIT_VERSION);
    snprintf(up->base, sizeof(up->base), "%s", version);
    return STEP_ASK;
}

/* Return: STEP_ASK when it is there; STEP_PREPARE when the module has to be found again first. */
static enum step wait_network(struct updater *up)
{
    bool has_network = false;

    for (;;) {
        enum at_status status = module_look_at_network(&up->port, &has_network);

        if (has_network)
            return STEP_ASK;
        if (is_late(up) || status == AT_TIMEOUT || status == AT_GONE)
            return STEP_PREPARE;
        idle(up, host_pause_ms(NETWORK_POLL_MS));
        if (up->phase > PHASE_ASKED) /* an upgrade was under way already */
            return STEP_WATCH;
    }
}

/* For a module that does not answer: not longer than there is time. */
static int64_t patience_ms(const struct updater *up, int64_t limit_ms)
{
    int64_t left_ms = up->deadline_ms - host_now_ms(), pause_ms = host_pause_ms(limit_ms);

    return pause_ms < left_ms ? pause_ms : left_ms;
}

static enum step prepare(struct updater *up)
{
    char version[AIR720_VERSION_MAX];
    enum step step;

    if (is_late(up)) {
        host_say("out of time");
        return done(up, EXIT_TIME);
    }
    if (up->port.fd < 0)
        at_port_open(&up->port, up->tty);
    if (up->port.fd < 0 || at_port_synchronise(&up->port, patience_ms(up, SYNC_MS)) != AT_OK ||
        module_settings(&up->port, up->is_auto, up->bug == AIR720_BUG_LEAVES_AUTO) != AT_OK ||
        module_read_version(&up->port, version) != AT_OK) {
        host_sleep_ms(POLL_MS);
        return STEP_PREPARE;
    }
    step = judge_version(up, version);
    return step == STEP_ASK && !up->is_auto ? wait_network(up) : step;
}

/* ---- ask ---- */

static enum step failed(struct updater *up, enum exit_status status)
{
    int64_t pause_ms = host_pause_ms((int64_t)BACKOFF_MS << up->tries);

    up->phase = PHASE_WAITING;
    if (up->is_auto) /* the module tries again by itself, a day later */
        return STEP_WATCH;
    if (up->bug == AIR720_BUG_RETRY_STORM)
        return STEP_ASK;
    up->tries++;
    host_say("try %d of %d failed", up->tries, TRIES_MAX);
    if (up->tries >= TRIES_MAX)
        return done(up, status);
    idle(up, pause_ms);
    return STEP_PREPARE;
}

/* What came between the replies is older than what is asked now. */
static enum step take_queued(struct updater *up)
{
    enum step step = STEP_WATCH;
    struct at_line line;

    while (step != STEP_DONE && up->port.urc_count > 0 &&
           at_port_next_line(&up->port, 0, &line) == AT_OK)
        step = take_line(up, line.text);
    return step;
}

static enum step ask(struct updater *up)
{
    char text[AT_PORT_LINE_MAX];
    struct at_reply reply;
    enum at_status status = AT_OK;

    if (take_queued(up) == STEP_DONE)
        return STEP_DONE;
    up->has_asked = true;
    if (up->phase > PHASE_WAITING) /* one runs already, whoever asked for it */
        return STEP_WATCH;
    if (up->is_auto) {
        enter(up, PHASE_WAITING);
        return STEP_WATCH;
    }
    host_say("asking for %s", up->what);
    if (strcmp(up->what, "service") != 0) {
        snprintf(text, sizeof(text), "AT+UPGRADE=\"URL\",\"%s\"", up->what);
        status = command(up, text, NULL, &reply);
    }
    if (status == AT_OK)
        status = command(up, "AT+UPGRADE", NULL, &reply);
    if (status == AT_ERROR && up->bug == AIR720_BUG_NOT_ASKED)
        return done(up, EXIT_MODULE);
    /* An error means that one runs already (the module's own): it is followed like ours. */
    if (status == AT_GONE || status == AT_TIMEOUT)
        return STEP_PREPARE;
    enter(up, PHASE_ASKED);
    return STEP_WATCH;
}

/* ---- watch ---- */

static int64_t quiet_limit_ms(const struct updater *up)
{
    switch (up->phase) {
    case PHASE_WAITING:
        return up->deadline_ms;
    case PHASE_ASKED:
        return host_pause_ms(QUERY_MS);
    case PHASE_LOADED:
        return host_pause_ms(FLASH_QUIET_MS);
    case PHASE_RESTARTED:
        return host_pause_ms(READY_QUIET_MS);
    case PHASE_TOLD:
        return host_pause_ms(REPORT_QUIET_MS);
    }
    abort();
}

static enum step watch(struct updater *up)
{
    enum step step = STEP_WATCH;

    while (step == STEP_WATCH) {
        int64_t quiet_ms = host_now_ms() - up->heard_ms, late_ms = up->deadline_ms - host_now_ms();
        int64_t left_ms = quiet_limit_ms(up) - quiet_ms;

        if (late_ms <= 0)
            return STEP_VERIFY;
        if (left_ms <= 0)
            return up->phase == PHASE_ASKED ? STEP_RESULT : STEP_VERIFY;
        step = listen(up, left_ms < late_ms ? left_ms : late_ms);
    }
    return step;
}

/* ---- the result of a failed attempt ---- */

static enum step take_cause(struct updater *up, int cause)
{
    const char *text = air720_cause_text(cause);

    if (cause == 0 && up->bug == AIR720_BUG_SAME_PACKAGE)
        return failed(up, EXIT_PACKAGE);
    if (cause == 27 && up->bug == AIR720_BUG_RETRIES_27)
        return failed(up, EXIT_REFUSED);
    if (cause == 0) {
        host_say("the package is not for this module");
        return done(up, EXIT_PACKAGE);
    }
    host_say("the service says %d: %s", cause, text ? text : "unknown");
    if (up->is_auto)
        return failed(up, EXIT_REFUSED);
    if (cause == 27)
        return done(up, up->bug == AIR720_BUG_FAILS_27 ? EXIT_REFUSED : EXIT_FINE);
    return cause == 43 ? failed(up, EXIT_REFUSED) : done(up, EXIT_REFUSED);
}

static enum step take_answer(struct updater *up, const struct air720_answer *answer)
{
    const char *text = air720_error_text(answer->error);

    if (up->bug == AIR720_BUG_ANY_URL)
        return done(up, EXIT_DOWNLOAD);
    host_say("the upgrade ended with %d (%s), HTTP %d, cause %d", answer->error,
             text ? text : "unknown", answer->http, air720_bug_cause(up->bug, answer->cause));
    switch (answer->error) {
    case 0: /* it is about to restart */
        enter(up, PHASE_LOADED);
        return STEP_WATCH;
    case -1000: /* once, it may have been spoilt on its way to the module */
        if (up->was_refused)
            return done(up, EXIT_PACKAGE);
        up->was_refused = true;
        return failed(up, EXIT_PACKAGE);
    case -1003:
        return take_cause(up, air720_bug_cause(up->bug, answer->cause));
    case -1005:
        return done(up, EXIT_MODULE);
    default:
        return failed(up, EXIT_DOWNLOAD);
    }
}

static enum step result(struct updater *up)
{
    struct air720_answer answer = {0};
    struct at_reply reply;
    enum at_status status;

    if (up->bug == AIR720_BUG_NO_RESULT)
        return failed(up, EXIT_DOWNLOAD);
    status = command(up, "AT+UPGRADE?", "+UPGRADE:", &reply);
    up->heard_ms = host_now_ms();
    if (status == AT_TIMEOUT || status == AT_GONE) {
        host_say("no answer: the module is restarting, or without power");
        return STEP_VERIFY;
    }
    if (status != AT_OK || reply.line_count == 0 ||
        !air720_parse_answer(reply.lines[reply.line_count - 1].text, &answer))
        return failed(up, EXIT_DOWNLOAD);
    if (answer.state == 1)
        return STEP_WATCH;
    if (answer.state == 2)
        return take_answer(up, &answer);
    host_say("the module knows of no upgrade");
    return failed(up, EXIT_DOWNLOAD);
}

/* ---- verify ---- */

static enum step verify(struct updater *up)
{
    char version[AIR720_VERSION_MAX];
    bool was_late = is_late(up);
    enum phase phase = up->phase;
    enum step step;

    if (up->port.fd < 0)
        at_port_open(&up->port, up->tty);
    if (up->port.fd < 0 || at_port_synchronise(&up->port, host_pause_ms(20000)) != AT_OK ||
        module_read_version(&up->port, version) != AT_OK) {
        if (was_late)
            return done(up, EXIT_TIME);
        /* Without power, booting or writing: UART2 or RDY will tell. */
        up->heard_ms = host_now_ms();
        idle(up, host_pause_ms(QUERY_MS));
        return up->phase > PHASE_ASKED ? STEP_WATCH : STEP_VERIFY;
    }
    if (up->base[0] == '\0')
        return STEP_PREPARE;
    step = judge_version(up, version);
    if (step != STEP_ASK)
        return step;
    if (was_late)
        return done(up, EXIT_TIME);
    if (phase > PHASE_LOADED) {
        host_say("the upgrade ran and the version did not change");
        return done(up, EXIT_VERSION);
    }
    if (phase == PHASE_LOADED) {
        host_say("the module did not take the package");
        return failed(up, EXIT_VERSION);
    }
    up->phase = PHASE_WAITING;
    return STEP_PREPARE;
}

static int run(struct updater *up)
{
    static const step_fn steps[] = {
        [STEP_PREPARE] = prepare, [STEP_ASK] = ask,       [STEP_WATCH] = watch,
        [STEP_RESULT] = result,   [STEP_VERIFY] = verify,
    };
    enum step step = STEP_PREPARE;

    while (step != STEP_DONE)
        step = steps[step](up);
    return up->exit_status;
}

/* ---- the command line ---- */

static int usage(void)
{
    fprintf(stderr, "usage: air720-updater TTY TTY2 URL|service|auto [--target VERSION]\n"
                    "                      [--timeout-s N] [--bug NAME]\n"
                    "bugs:");
    air720_bug_print_names(stderr);
    fputc('\n', stderr);
    return EXIT_USAGE;
}

static bool parse_options(struct updater *up, int argc, char **argv)
{
    static const struct option options[] = {
        {"target",    required_argument, NULL, 't'},
        {"timeout-s", required_argument, NULL, 's'},
        {"bug",       required_argument, NULL, 'b'},
        {NULL,        0,                 NULL, 0  },
    };
    int64_t timeout_s = 1200;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 't')
            up->target = optarg;
        else if (option == 's')
            timeout_s = strtol(optarg, NULL, 10);
        else if (option != 'b' || !air720_bug_from_name(optarg, &up->bug))
            return false;
    }
    if (argc - optind != 3 || timeout_s <= 0)
        return false;
    up->tty = argv[optind];
    up->tty2 = argv[optind + 1];
    up->what = argv[optind + 2];
    up->is_auto = strcmp(up->what, "auto") == 0;
    up->deadline_ms = host_now_ms() + timeout_s * 1000;
    return true;
}

/* The guide: the module GETs the firmware over plain HTTP, and nothing else. */
static bool is_good_target(const char *what)
{
    if (strcmp(what, "auto") == 0 || strcmp(what, "service") == 0)
        return true;
    return strncasecmp(what, "http://", 7) == 0 && what[7] != '\0' && !strpbrk(what, "\"\r\n");
}

int main(int argc, char **argv)
{
    struct updater up = {.port = {.fd = -1}, .uart2 = {.fd = -1}};
    int ret;

    if (!parse_options(&up, argc, argv))
        return usage();
    if (!is_good_target(up.what) && up.bug != AIR720_BUG_ANY_URL) {
        host_say("not a URL that the module takes (plain http:// only): %s", up.what);
        return EXIT_USAGE;
    }
    up.port.bugs = air720_bug_of_port(up.bug);
    ret = at_port_open(&up.port, up.tty);
    if (ret < 0)
        host_say("%s: %s", up.tty, strerror(-ret));
    ret = at_port_open(&up.uart2, up.tty2);
    if (ret < 0)
        host_say("%s: %s; going on without the bootloader's progress", up.tty2, strerror(-ret));
    ret = run(&up);
    host_say(ret == EXIT_FINE ? "done" : "failed, exit status %d", ret);
    at_port_close(&up.port);
    at_port_close(&up.uart2);
    return ret;
}
