/* SPDX-License-Identifier: MIT */
/*
 * mt5700-updater: the example host for a TD Tech MT5700M. It upgrades the firmware over the air, as
 * chapter 5 of the vendor's guide asks, and lives through power cuts and a tty that vanishes.
 *
 * The module keeps the state of the upgrade, so the host keeps none that matters: each turn asks
 * ^FOTASTATE? or takes the next report, and does what that state calls for. Whatever goes wrong (a
 * reboot, a lost answer, another tty) leads back to `open`, which asks again.
 *
 *   10 idle        the network is there: ^FOTAMODE, certificates, ^FOTAOEMDL
 *   11 12 30       wait; in 12 start the download if the module does not
 *   31 suspended   ^FOTAOEMDL again, which also asks for the version before it goes on
 *   40 downloaded  ask the user, end calls and sessions, ^FWUP; refused: again, later
 *   50             the tty vanishes; afterwards only the version tells success
 *   13 14 20       a failure: back-off and again, or give up
 *
 * Exit status: 0 upgraded, 2 usage, 3 no version from the server, 4 nothing newer there, 5 the
 * download failed after all tries, 6 the upgrade ran and did not change the version, 7 out of time,
 * 8 the user refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/hosts/at_port.h"
#include "tests/hosts/host_tools.h"
#include "tests/hosts/mt5700_fota.h"
#include "tests/hosts/mt5700_module.h"
#include "tests/hosts/mt5700_options.h"
#include "tests/hosts/mt5700_report.h"

enum {
    TRIES_MAX = 4,
    UPGRADES_MAX = 2,
    BACKOFF_MS = 10000,   /* the guide: not too often */
    RETRIGGER_MS = 10000, /* between two ^FWUP that are refused */
    RESUME_MS = 10000,    /* between two attempts to leave 31 */
    POLL_MS = 200,
    ASK_STATE_MS = 15000, /* reports may be lost: ask now and then */
    NETWORK_POLL_MAX_MS = 16000,
    WAKE_MS = 30000,
};

enum exit_status {
    EXIT_UPGRADED = 0,
    EXIT_USAGE = 2,
    EXIT_QUERY = 3,
    EXIT_UP_TO_DATE = 4,
    EXIT_DOWNLOAD = 5,
    EXIT_VERSION = 6,
    EXIT_TIME = 7,
    EXIT_REFUSED = 8,
};

enum step { STEP_OPEN, STEP_WATCH, STEP_DONE };

struct updater {
    struct options options;
    int64_t deadline_ms;
    struct at_port port;
    struct module_version base; /* before the upgrade; exts empty until known */
    struct module_services services;
    int code; /* last state heard of */
    int tries, upgrades;
    bool has_queried;      /* in this life */
    bool has_begun;        /* "download begun" was reported */
    bool has_upgraded;     /* ^FWUP was accepted: the next version decides */
    int64_t not_before_ms; /* of the next ^FWUP or resume */
    char reason[64];       /* of the last failure */
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

static void report(struct updater *up, enum event event, const char *detail)
{
    bool is_failure = event == EVENT_DOWNLOAD_FAILED || event == EVENT_UPGRADE_FAILED;

    if (!is_failure || up->options.bug != BUG_TELLS_NO_FAILURE)
        report_event(up->options.report, event, detail);
}

/* ---- pauses ---- */

/* Let time pass without being deaf. Return: false if the tty went. */
static bool idle(struct updater *up, int64_t duration_ms)
{
    int64_t stop_ms = host_now_ms() + duration_ms;
    struct at_line line;

    while (host_now_ms() < stop_ms && !is_late(up)) {
        if (at_port_next_line(&up->port, POLL_MS, &line) == AT_GONE)
            return false;
    }
    return true;
}

/* The tty may be another one afterwards: the path is opened anew, so a link is followed. */
static bool reopen(struct updater *up)
{
    while (up->port.fd < 0 && !is_late(up)) {
        if (at_port_open(&up->port, up->options.tty) == 0)
            host_say("%s is open", up->options.tty);
        else
            host_sleep_ms(POLL_MS);
    }
    return up->port.fd >= 0;
}

/* ---- the version decides ---- */

static bool is_other(const struct module_version *a, const struct module_version *b)
{
    return strcmp(a->exts, b->exts) != 0 || strcmp(a->built, b->built) != 0;
}

static enum step upgrade_failed(struct updater *up, const char *why)
{
    host_say("the upgrade failed: %s", why);
    report(up, EVENT_UPGRADE_FAILED, why);
    up->has_upgraded = up->has_begun = false;
    if (up->upgrades >= UPGRADES_MAX || up->options.bug == BUG_UPGRADES_ONCE)
        return done(up, EXIT_VERSION);
    return STEP_WATCH; /* the guide advises to try again */
}

/* After a reboot that ^FWUP asked for. Return: STEP_WATCH to go on. */
static enum step judge(struct updater *up, const struct module_version *version)
{
    bool is_wanted = !up->options.target || strcmp(up->options.target, version->exts) == 0;

    if (up->options.bug == BUG_BELIEVES_RESTART && up->has_upgraded)
        return done(up, EXIT_UPGRADED);
    if (is_other(version, &up->base) && is_wanted) {
        module_restore_services(&up->port, &up->services);
        report(up, EVENT_UPGRADE_DONE, version->exts);
        return done(up, EXIT_UPGRADED);
    }
    if (!up->has_upgraded)
        return STEP_WATCH;
    if (up->code == FOTA_DOWNLOADED || up->code == FOTA_UPGRADING)
        return STEP_WATCH; /* it was interrupted before the reset */
    return upgrade_failed(up, "the version did not change");
}

/* ---- open: find the module, whatever happened to it ---- */

/* For a module that does not answer: not longer than there is time. */
static int64_t patience_ms(const struct updater *up, int64_t limit_ms)
{
    int64_t left_ms = up->deadline_ms - host_now_ms(), pause_ms = host_pause_ms(limit_ms);

    return pause_ms < left_ms ? pause_ms : left_ms;
}

static enum step look(struct updater *up)
{
    struct module_version version;
    enum at_status status = module_wake(&up->port, patience_ms(up, WAKE_MS));

    if (status == AT_OK)
        status = module_read_version(&up->port, &version);
    if (status == AT_OK)
        status = module_read_state(&up->port, &up->code);
    if (status != AT_OK)
        return STEP_OPEN;
    host_say("the module runs %s (%s, built %s), state %d", version.exts, version.cgmr,
             version.built, up->code);
    if (!up->base.exts[0]) {
        up->base = version;
        if (up->options.target && strcmp(up->options.target, version.exts) == 0)
            return done(up, EXIT_UPGRADED);
        return STEP_WATCH;
    }
    return judge(up, &version);
}

static enum step open_module(struct updater *up)
{
    if (is_late(up) || !reopen(up)) {
        host_say("out of time: %s", up->port.fd < 0 ? "the tty did not come back" : "no answer");
        return done(up, EXIT_TIME);
    }
    return look(up);
}

static enum step gone(struct updater *up)
{
    host_say("%s is gone", up->options.tty);
    return up->options.bug == BUG_NO_REOPEN ? done(up, EXIT_TIME) : STEP_OPEN;
}

/* ---- 10: ask the server ---- */

static enum at_status wait_network(struct updater *up)
{
    int64_t pause_ms = 1000;
    bool has_network = false;
    enum at_status status;

    if (up->options.bug == BUG_NO_NETWORK)
        return AT_OK;
    while ((status = module_look_at_network(&up->port, &has_network)) == AT_OK && !has_network) {
        if (is_late(up))
            return AT_TIMEOUT;
        host_say("no network yet, looking again in %d s", (int)(pause_ms / 1000));
        if (!idle(up, host_pause_ms(pause_ms)))
            return AT_GONE;
        pause_ms = pause_ms * 2 > NETWORK_POLL_MAX_MS ? NETWORK_POLL_MAX_MS : pause_ms * 2;
    }
    return status;
}

static enum at_status ask_server(struct updater *up)
{
    bool is_https = strncasecmp(up->options.url, "https://", 8) == 0;
    char command[AT_PORT_LINE_MAX];
    enum at_status status = AT_OK;
    struct at_reply reply;

    if (up->options.bug == BUG_SSL_ONCE && up->has_queried)
        is_https = false;
    up->has_queried = true;
    if (is_https) /* lost with each loss of power: before each query */
        status = module_set_certs(&up->port, &up->options.certs);
    if (status == AT_OK) {
        host_say("asking %s", up->options.url);
        snprintf(command, sizeof(command), "AT^FOTAOEMDL=\"%s\"", up->options.url);
        status = at_port_command(&up->port, command, "^FOTAOEMDL", MODULE_COMMAND_MS, &reply);
    }
    return status;
}

static enum step begin(struct updater *up)
{
    enum at_status status = wait_network(up);
    struct at_reply reply;
    int code = FOTA_IDLE;

    /* Waiting may have taken long: the command is for 10 only. */
    if (status == AT_OK)
        status = module_read_state(&up->port, &code);
    if (status == AT_OK && code != FOTA_IDLE) {
        up->code = code;
        return STEP_WATCH;
    }
    if (status == AT_OK)
        status = at_port_command(&up->port,
                                 up->options.bug == BUG_NO_RESUME ? "AT^FOTAMODE=0,1,0,0"
                                                                  : "AT^FOTAMODE=0,1,0,1",
                                 NULL, MODULE_COMMAND_MS, &reply);
    if (status == AT_OK)
        status = ask_server(up);
    if (status == AT_GONE)
        return gone(up);
    if (status != AT_OK) {
        host_say("the module refuses the query");
        return idle(up, host_pause_ms(BACKOFF_MS)) ? STEP_OPEN : gone(up);
    }
    up->code = FOTA_QUERY;
    return STEP_WATCH;
}

/* ---- failures ---- */

static enum step try_again(struct updater *up, enum exit_status otherwise)
{
    int64_t pause_ms = up->options.bug == BUG_HAMMERS ? 100 : (int64_t)BACKOFF_MS << up->tries;

    up->tries++;
    if (up->options.bug == BUG_QUERY_ONCE)
        return done(up, otherwise);
    if (up->tries >= TRIES_MAX)
        return done(up, otherwise);
    host_say("trying again in %d s (%d of %d)", (int)(pause_ms / 1000), up->tries + 1, TRIES_MAX);
    return idle(up, host_pause_ms(pause_ms)) ? STEP_OPEN : gone(up);
}

static enum step failed(struct updater *up, const struct fota_state *state)
{
    host_say("state %d,%d: %s", state->code, state->error, fota_advice(state->code, state->error));
    snprintf(up->reason, sizeof(up->reason), "%d,%d", state->code, state->error);
    up->code = FOTA_IDLE;
    if (state->code == FOTA_FAILED_70 || state->code == FOTA_FAILED_80)
        return upgrade_failed(up, up->reason);
    report(up, EVENT_DOWNLOAD_FAILED, up->reason);
    up->has_begun = false;
    if (state->code == FOTA_UP_TO_DATE && up->options.bug == BUG_STUCK_IN_14) {
        idle(up, up->options.timeout_ms);
        return done(up, EXIT_TIME);
    }
    if (state->code == FOTA_UP_TO_DATE)
        return done(up, EXIT_UP_TO_DATE);
    return try_again(up, state->code == FOTA_DOWNLOAD_FAILED ? EXIT_DOWNLOAD : EXIT_QUERY);
}

/* ---- 12, 31 and 40: the host's turn ---- */

static enum step start_download(struct updater *up)
{
    struct at_reply reply;
    enum at_status status = at_port_command(&up->port, "AT^FOTADL=1", NULL, MODULE_COMMAND_MS,
                                            &reply);

    /* ERROR: it began by itself meanwhile. */
    return status == AT_GONE ? gone(up) : STEP_WATCH;
}

static enum step resume(struct updater *up)
{
    enum at_status status;

    if (up->options.bug == BUG_NEVER_RESUMES)
        return STEP_WATCH;
    if (up->options.bug == BUG_RESUMES_BLINDLY) {
        up->not_before_ms = host_now_ms() + host_pause_ms(RESUME_MS);
        return start_download(up);
    }
    up->not_before_ms = host_now_ms() + host_pause_ms(RESUME_MS);
    status = wait_network(up);
    if (status == AT_OK)
        status = module_read_state(&up->port, &up->code);
    if (status == AT_OK && up->code == FOTA_SUSPENDED)
        status = ask_server(up);
    if (status == AT_OK && up->code == FOTA_SUSPENDED)
        up->code = FOTA_QUERY;
    return status == AT_GONE ? gone(up) : STEP_WATCH;
}

static enum step refuse_upgrade(struct updater *up)
{
    struct at_reply reply;

    host_say("the user does not want the upgrade");
    at_port_command(&up->port, "AT^FOTADL=0", NULL, MODULE_COMMAND_MS, &reply);
    report(up, EVENT_UPGRADE_FAILED, "refused by the user");
    return done(up, EXIT_REFUSED);
}

static enum step trigger(struct updater *up)
{
    enum at_status status = AT_OK;
    struct at_reply reply;

    printf("A new firmware is ready. The modem will be away for some minutes.\n");
    fflush(stdout);
    if (up->options.is_refused && up->options.bug != BUG_IGNORES_USER)
        return refuse_upgrade(up);
    up->not_before_ms = host_now_ms() + host_pause_ms(RETRIGGER_MS);
    if (up->options.bug != BUG_KEEPS_SESSIONS)
        status = module_stop_services(&up->port, &up->services);
    if (status == AT_OK)
        status = at_port_command(&up->port, "AT^FWUP", NULL, MODULE_COMMAND_MS, &reply);
    if (status == AT_GONE)
        return gone(up);
    if (status != AT_OK) {
        host_say("the module can not upgrade now, trying again later");
        return up->options.bug == BUG_NO_RETRIGGER ? done(up, EXIT_VERSION) : STEP_WATCH;
    }
    host_say("upgrading");
    if (!up->has_upgraded)
        report(up, EVENT_UPGRADE_BEGUN, "");
    up->has_upgraded = true;
    up->upgrades++;
    up->code = FOTA_UPGRADING;
    return up->options.bug == BUG_SUCCESS_AT_50 ? done(up, EXIT_UPGRADED) : STEP_WATCH;
}

/* What the state of now calls for. */
static enum step act(struct updater *up)
{
    bool may_act = host_now_ms() >= up->not_before_ms;

    if (up->options.bug == BUG_EARLY_QUERY && !up->has_queried) {
        ask_server(up);
        return STEP_WATCH;
    }
    if (up->options.bug == BUG_IGNORES_40 && up->code == FOTA_DOWNLOADED && !up->has_begun)
        return STEP_WATCH;
    switch (up->code) {
    case FOTA_IDLE:
        return begin(up);
    case FOTA_FOUND:
        return may_act ? start_download(up) : STEP_WATCH;
    case FOTA_SUSPENDED:
        return may_act ? resume(up) : STEP_WATCH;
    case FOTA_DOWNLOADED:
        return may_act ? trigger(up) : STEP_WATCH;
    default:
        return STEP_WATCH;
    }
}

/* ---- watch: reports, and questions when there are none ---- */

static enum step enter(struct updater *up, const struct fota_state *state)
{
    if (state->code != up->code)
        host_say("state %d%s%s", state->code, state->version[0] ? ", version " : "",
                 state->version);
    up->code = state->code;
    up->not_before_ms = 0;
    switch (state->code) {
    case FOTA_FOUND: /* it goes on by itself in a moment, as ^FOTAMODE says */
        up->not_before_ms = host_now_ms() + host_pause_ms(BACKOFF_MS);
        return STEP_WATCH;
    case FOTA_DOWNLOADING:
        if (!up->has_begun)
            report(up, EVENT_DOWNLOAD_BEGUN, "");
        up->has_begun = true;
        if (up->options.bug == BUG_EARLY_FWUP)
            trigger(up);
        return STEP_WATCH;
    case FOTA_SUSPENDED:
        up->not_before_ms = host_now_ms() + host_pause_ms(BACKOFF_MS / 2);
        return STEP_WATCH;
    case FOTA_DOWNLOADED:
        up->tries = 0;
        report(up, EVENT_DOWNLOAD_DONE, "");
        return STEP_WATCH;
    case FOTA_QUERY_FAILED:
    case FOTA_UP_TO_DATE:
    case FOTA_DOWNLOAD_FAILED:
    case FOTA_FAILED_70:
    case FOTA_FAILED_80:
        return failed(up, state);
    default:
        return STEP_WATCH;
    }
}

/* Silence: is the module still where we think? */
static enum step ask_state(struct updater *up)
{
    struct fota_state state = {0};
    long long got, total;
    enum at_status status = module_read_state(&up->port, &state.code);

    if (status == AT_OK && state.code == FOTA_DOWNLOADING) {
        status = module_read_progress(&up->port, &got, &total);
        if (status == AT_OK && total > 0)
            host_say("%lld of %lld bytes", got, total);
    }
    if (status == AT_GONE)
        return gone(up);
    if (status == AT_TIMEOUT)
        return STEP_OPEN;
    if (status == AT_OK && state.code == FOTA_IDLE && up->code != FOTA_IDLE) {
        /* Back in 10 without a report: the query or the upgrade ended in silence. */
        up->code = FOTA_IDLE;
        return up->has_upgraded ? STEP_OPEN : try_again(up, EXIT_QUERY);
    }
    return status == AT_OK && state.code != up->code ? enter(up, &state) : STEP_WATCH;
}

/*
 * A report of 40 may still have been on its way when ^FWUP was answered: it is no call for another
 * ^FWUP. Should the module be in 40 again indeed, a question after some silence finds that out.
 */
static enum step take_report(struct updater *up, const struct fota_state *state)
{
    if (state->code == FOTA_DOWNLOADED && up->code == FOTA_UPGRADING &&
        up->options.bug != BUG_ACTS_TWICE)
        return STEP_WATCH;
    return enter(up, state);
}

static enum step watch(struct updater *up)
{
    int64_t heard_ms = host_now_ms();
    enum step next = act(up);

    while (next == STEP_WATCH) {
        struct fota_state state;
        struct at_line line;
        enum at_status status = at_port_next_line(&up->port, POLL_MS, &line);

        if (is_late(up))
            return done(up, EXIT_TIME);
        if (status == AT_GONE)
            return gone(up);
        if (status == AT_OK && fota_parse(line.text, &state)) {
            heard_ms = host_now_ms();
            next = take_report(up, &state);
        } else if (status == AT_OK && strcmp(line.text, "^SYSSTART") == 0) {
            next = STEP_OPEN; /* it restarted and the tty stayed */
        } else if (host_now_ms() - heard_ms > host_pause_ms(ASK_STATE_MS)) {
            heard_ms = host_now_ms();
            next = ask_state(up);
        }
        if (next == STEP_WATCH)
            next = act(up);
    }
    return next;
}

static int run(struct updater *up)
{
    static const step_fn steps[] = {
        [STEP_OPEN] = open_module,
        [STEP_WATCH] = watch,
    };
    enum step step = STEP_OPEN;

    while (step != STEP_DONE)
        step = steps[step](up);
    return up->exit_status;
}

int main(int argc, char **argv)
{
    struct updater up = {.port = {.fd = -1}};
    int ret;

    if (!options_parse(&up.options, argc, argv))
        return EXIT_USAGE;
    up.port.bugs = bug_of_port(up.options.bug);
    up.services.keeps_call = up.options.bug == BUG_KEEPS_CALL;
    up.deadline_ms = host_now_ms() + up.options.timeout_ms;
    ret = run(&up);
    host_say(ret == EXIT_UPGRADED ? "done" : "failed, exit status %d", ret);
    at_port_close(&up.port);
    return ret;
}
