/*
 * A scenario's process: it owns the stage, the modems, the hosts and the servers, and nothing of it
 * survives the scenario. The loop serves descriptors and timers; the pump of the engine runs Lua.
 * SPDX-License-Identifier: MIT
 */
#include "harness/trial.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/actors.h"
#include "harness/attach.h"
#include "harness/bind_harness.h"
#include "harness/lines.h"
#include "harness/prepare.h"
#include "harness/reaper.h"
#include "harness/reference.h"
#include "harness/run_options.h"
#include "harness/stage.h"
#include "harness/trace_digest.h"
#include "harness/trial_case.h"
#include "harness/trial_plan.h"
#include "harness/vtime/vtime.h"
#include "lua/engine.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/base/trace.h"
#include "sim/modem/modem.h"

#define ABORT_RECORDS      20        /* of the trace, shown when an assertion fails */
#define REFERENCE_MIN_US   1000000u  /* wall time of a run that is made for a comparison only */
#define REFERENCE_MAX_US   6000000u  /* less than TRIAL_GRACE_US */
#define REFERENCE_TRIAL_US 15000000u /* wall time of the longest trial that is compared */
#define ABORT_SECONDS      2         /* a handler that hangs in malloc is ended by SIGALRM */

struct trial {
    const struct run_options *options;
    const struct trial_case *item;
    struct stage stage;
    struct engine *engine;
    struct actors actors;
    struct vtime *vtime;
    struct lines *lines; /* NULL without --lines */
    struct timer limit;
    bool overran, stopped;
    bool has_struck;       /* a fault of a sweep fired, and the questions are asked */
    char *tty_link;        /* of this trial alone */
    struct reference calm; /* the same without faults, for failures of plain runs */
    struct trial_result result;
};

/* ---- a failed assertion ---- */

static const struct trace *abort_trace;

/*
 * Not async-signal-safe, which is right here: abort() comes from our own code between two
 * statements, and the alarm ends the case that it came from within malloc.
 */
static void on_abort(int number)
{
    uint64_t next = trace_next(abort_trace), seq = trace_first(abort_trace);
    struct buf line = {0};

    alarm(ABORT_SECONDS);
    if (next - seq > ABORT_RECORDS)
        seq = next - ABORT_RECORDS;
    fprintf(stderr, "hayeswire: aborted; the last records of the trace:\n");
    for (; seq < next; seq++) {
        buf_clear(&line);
        trace_format(trace_get(abort_trace, seq), &line);
        fprintf(stderr, "  %s\n", line.data);
    }
    /* SA_RESETHAND: delivered when this handler returns, it ends the process, whoever sent it. */
    raise(SIGABRT);
}

/* ---- signals and limits ---- */

static void set_up_process(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0); /* Ctrl-C reaches the run only, which ends us in order */
    reaper_adopt();
    sigaction(SIGPIPE, &ignore, NULL); /* a peer that hangs up is an error code, not our end */
}

static void watch_abort(const struct trace *trace)
{
    struct sigaction action = {.sa_handler = on_abort, .sa_flags = (int)SA_RESETHAND};

    abort_trace = trace;
    sigaction(SIGABRT, &action, NULL);
}

static void on_term(evutil_socket_t fd, short what, void *arg)
{
    struct trial *trial = arg;

    trial->stopped = true;
}

static struct event *watch_term(struct trial *trial, int *fd_out)
{
    struct event *event;
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    *fd_out = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    event = event_new(trial->stage.loop.events, *fd_out, EV_READ, on_term, trial);
    event_add(event, NULL);
    return event;
}

static void on_limit(void *arg)
{
    struct trial *trial = arg;

    trial->overran = true;
}

static void arm_limit(struct trial *trial)
{
    double wall_us = (double)trial->options->timeout_us;

    clock_after(&trial->stage.clock, &trial->limit,
                (uint64_t)(wall_us * trial->options->time_scale), on_limit, trial);
}

static void interrupt_overrun(struct trial *trial)
{
    struct buf text = {0};
    double wall_s = (double)trial->options->timeout_us / 1e6;

    buf_printf(&text, "the scenario did not end within %g s of wall time (--timeout)", wall_s);
    engine_interrupt(trial->engine, OUTCOME_FAIL, text.data);
    buf_deinit(&text);
}

/* ---- the part of a sweep ---- */

static const struct trial_plan *plan_of(const struct trial *trial)
{
    return trial->item->plan;
}

static bool is_strike(const struct trial *trial)
{
    return plan_of(trial) && plan_of(trial)->mode == TRIAL_STRIKE;
}

static int on_modem_started(void *arg, struct modem *modem, struct buf *error_out)
{
    const struct trial *trial = arg;
    bool is_first = modem == engine_modem(trial->engine, 0);

    if (vtime_is_virtual(trial->vtime) && !modem_has_ptys(modem) &&
        !vtime_give_up(trial->vtime, "a port that is no pty of ours")) {
        buf_printf(error_out,
                   "the port of %s is no pty of ours, and only those are on virtual time; "
                   "use --time real",
                   modem->name);
        return -EINVAL;
    }
    return plan_of(trial) ? trial_plan_begin(plan_of(trial), modem, is_first, error_out) : 0;
}

/* A script that has gone on may have sent a signal to a host, or closed what it reads from. */
static void pump(struct trial *trial)
{
    uint64_t before = engine_acts(trial->engine);

    engine_pump(trial->engine);
    if (engine_acts(trial->engine) != before)
        vtime_disturb(trial->vtime);
}

static void look_for_strike(struct trial *trial)
{
    if (!is_strike(trial) || trial->has_struck || engine_done(trial->engine) ||
        !trial_has_fired(trial->engine))
        return;
    trial->has_struck = true;
    engine_end_body(trial->engine);
    pump(trial);
}

/* A failure with faults is compared with the run without them, if that does not take long. */
static bool is_worth_a_reference(const struct trial *trial)
{
    bool is_record = plan_of(trial) && plan_of(trial)->mode == TRIAL_RECORD;

    return !is_record && !trial->overran && trial_has_fired(trial->engine) &&
           trial->result.wall_us < REFERENCE_TRIAL_US;
}

/* Some more than the trial took: what waits in vain for the effect of a fault says nothing new. */
static uint64_t reference_limit_us(const struct trial *trial)
{
    uint64_t limit_us = trial->result.wall_us * 3 / 2 + REFERENCE_MIN_US;

    return limit_us < REFERENCE_MAX_US ? limit_us : REFERENCE_MAX_US;
}

/* A body that ended before any fault struck tells nothing. */
static void judge_strike(struct trial *trial)
{
    struct verdict *verdict = &trial->result.verdict;
    struct buf difference = {0};

    if (trial->has_struck)
        verdict->line = 0; /* the body is over: no line of the scenario says more */
    if (is_strike(trial) && verdict->outcome == OUTCOME_PASS && !trial->has_struck)
        verdict_set(verdict, OUTCOME_SKIP, NULL, 0, "not reached");
    if (verdict->outcome != OUTCOME_FAIL)
        return;
    if (plan_of(trial) && plan_of(trial)->mode == TRIAL_STRIKE)
        course_difference(trial->stage.bench.trace, plan_of(trial)->reference, &difference);
    else if (is_worth_a_reference(trial))
        reference_difference(&trial->calm, reference_limit_us(trial), trial->stage.bench.trace,
                             &difference);
    if (difference.len > 0)
        verdict_add_row(verdict, "first difference", difference.data);
    buf_deinit(&difference);
}

static void write_record(struct trial *trial)
{
    const struct trial_plan *plan = plan_of(trial);
    int r;

    if (!plan || plan->mode != TRIAL_RECORD ||
        (trial->result.verdict.outcome != OUTCOME_PASS && !plan->disarms))
        return;
    r = trial_plan_write_record(plan, trial->engine, trial->stage.bench.trace);
    if (r < 0)
        verdict_set(&trial->result.verdict, OUTCOME_ERROR, NULL, 0, strerror(-r));
}

/* ---- the scenario ---- */

/* Return: whether the scenario that the run has chosen is there, and started. */
static bool start(struct trial *trial, struct verdict *verdict)
{
    const struct trial_case *item = trial->item;

    if (engine_load(trial->engine, item->path, verdict) < 0)
        return false;
    if (item->index >= engine_scenario_count(trial->engine) ||
        strcmp(engine_scenario(trial->engine, item->index).title, item->title) != 0) {
        verdict_set(verdict, OUTCOME_INVALID, item->path, item->line,
                    "the file changed while it was run");
        return false;
    }
    engine_start(trial->engine, item->index);
    return true;
}

/* Time stands, and our descriptors are not looked at, while a host computes. */
static bool is_asked_to_end(void)
{
    sigset_t pending;

    sigpending(&pending);
    return sigismember(&pending, SIGTERM) == 1;
}

static void interrupt_stuck(struct trial *trial)
{
    enum outcome outcome = vtime_is_host_unfit(trial->vtime) ? OUTCOME_HOST_START : OUTCOME_FAIL;

    engine_interrupt(trial->engine, outcome, vtime_problem(trial->vtime));
}

static void turn(struct trial *trial)
{
    if (!vtime_is_virtual(trial->vtime)) {
        if (!timer_is_armed(&trial->limit)) /* real from now on */
            arm_limit(trial);
        loop_turn(&trial->stage.loop, true);
        return;
    }
    switch (vtime_turn(trial->vtime)) {
    case VTIME_TURNED:
        break;
    case VTIME_AT_WORK:
        trial->stopped = is_asked_to_end();
        break;
    case VTIME_STUCK:
        interrupt_stuck(trial);
        break;
    }
    if (clock_wall_us(&trial->stage.clock) > trial->options->timeout_us)
        trial->overran = true;
}

static struct modem *modem_at(void *engine, size_t index)
{
    return engine_modem(engine, index);
}

static void play(struct trial *trial)
{
    pump(trial);
    lines_follow(trial->lines);
    look_for_strike(trial);
    while (!engine_done(trial->engine) && !trial->stopped) {
        attach_follow(trial->stage.bench.trace, &trial->actors.attach_seq, modem_at, trial->engine);
        actors_follow_tty(&trial->actors);
        actors_follow_supply(&trial->actors);
        if (trial->actors.link_error)
            engine_interrupt(trial->engine, OUTCOME_ERROR, trial->actors.link_error);
        else if (trial->overran)
            interrupt_overrun(trial);
        else
            turn(trial);
        pump(trial);
        lines_follow(trial->lines);
        look_for_strike(trial);
    }
    clock_cancel(&trial->stage.clock, &trial->limit);
}

static void note_unhandled(struct trial *trial)
{
    struct modem *modem;

    for (size_t i = 0; (modem = engine_modem(trial->engine, i)); i++) {
        for (size_t j = 0; j < modem->unhandled_count; j++) {
            const struct modem_unhandled *unhandled = &modem->unhandled[j];
            struct buf text = {0};

            buf_printf(&text, "%s does not know %s", modem->name, unhandled->text);
            if (unhandled->count > 1)
                buf_printf(&text, " (%u times)", unhandled->count);
            names_add(&trial->result.notes, text.data);
            buf_deinit(&text);
        }
    }
}

/* How time went, and what is doubtful about it. */
static void note_time(struct trial *trial)
{
    const struct names *warnings = vtime_warnings(trial->vtime);
    struct buf text = {0};

    vtime_describe(trial->vtime, &text);
    trial->result.time = buf_take(&text);
    for (size_t i = 0; i < warnings->count; i++)
        names_add(&trial->result.notes, warnings->items[i]);
}

static void describe_hosts(struct trial *trial)
{
    struct buf text = {0};

    actors_describe(&trial->actors, &trial->result.verdict);
    vtime_describe_threads(trial->vtime, &text);
    if (text.len > 0)
        verdict_add_row(&trial->result.verdict, "threads", text.data);
    buf_deinit(&text);
}

static void note_unread(struct trial *trial)
{
    struct buf text = {0};

    engine_describe_unread(trial->engine, &text);
    if (text.len > 0)
        names_add(&trial->result.notes, text.data);
    buf_deinit(&text);
}

/* Take the verdict out of the engine, with the state that modems and hosts are in right now. */
static void take_result(struct trial *trial)
{
    struct verdict *verdict = engine_verdict(trial->engine);

    trial->result.verdict = *verdict;
    *verdict = (struct verdict){0};
    trial->result.wall_us = clock_wall_us(&trial->stage.clock);
    trial->result.modem_us = clock_now_us(&trial->stage.clock);
    note_time(trial);
    judge_strike(trial);
    write_record(trial);
    if (trial->result.verdict.outcome == OUTCOME_PASS) {
        note_unhandled(trial);
        note_unread(trial);
    }
    if (trial->result.verdict.outcome != OUTCOME_PASS &&
        trial->result.verdict.outcome != OUTCOME_SKIP)
        describe_hosts(trial);
}

static void note_digest(struct trial *trial)
{
    char digest[TRACE_DIGEST_MAX];

    trace_digest(trial->stage.bench.trace, trial->item->dir, digest);
    trial->result.digest = xstrdup(digest);
}

/* ---- what is left behind ---- */

typedef int (*write_fn)(struct trial *trial, FILE *file);

static int write_jsonl(struct trial *trial, FILE *file)
{
    return trace_write_jsonl(trial->stage.bench.trace, trial->item->title, file);
}

static int write_transcript(struct trial *trial, FILE *file)
{
    return trace_write_transcript(trial->stage.bench.trace, file);
}

static void write_file(struct trial *trial, const char *name, write_fn fn)
{
    char *path = xasprintf("%s/%s", trial->item->dir, name);
    FILE *file = fopen(path, "we");
    int r = file ? fn(trial, file) : -errno;

    if (file)
        fclose(file);
    if (r < 0)
        fprintf(stderr, "hayeswire: %s: %s\n", path, strerror(-r));
    free(path);
}

static void write_traces(struct trial *trial)
{
    enum outcome outcome = trial->result.verdict.outcome;
    bool good = outcome == OUTCOME_PASS || outcome == OUTCOME_SKIP;
    const struct run_options *options = trial->options;
    bool wanted = !good || options->keep || options->trace == TRACE_ON;

    if (options->trace == TRACE_OFF)
        wanted = false;
    if (!plan_of(trial) && report_choices_need_trace(&options->reports))
        wanted = true;
    if (wanted || options->transcript) /* the run prints it from there */
        write_file(trial, "transcript.txt", write_transcript);
    if (wanted)
        write_file(trial, "trace.jsonl", write_jsonl);
}

static void send_result(const struct trial_result *result, int fd)
{
    struct buf text = {0};
    size_t sent = 0;

    trial_result_encode(result, &text);
    while (sent < text.len) {
        ssize_t n = write(fd, text.data + sent, text.len - sent);

        if (n < 0 && errno != EINTR)
            break; /* the run is gone: nobody wants to know */
        if (n > 0)
            sent += (size_t)n;
    }
    buf_deinit(&text);
}

/* ---- all of it ---- */

static void run(struct trial *trial, int result_fd)
{
    int term_fd;
    struct event *term = watch_term(trial, &term_fd);
    struct verdict verdict = {0};

    if (trial->options->lines)
        trial->lines = lines_new(&trial->stage, trial->engine, trial->vtime);
    if (plan_of(trial) && plan_of(trial)->mode != TRIAL_BODY)
        trial->tty_link = xasprintf("%s/tty", trial->item->dir);
    trial->actors = (struct actors){
        .stage = &trial->stage,
        .engine = trial->engine,
        .dir = trial->item->dir,
        .tty_link = trial->tty_link ? trial->tty_link : trial->options->tty_link,
        .is_tty_linked = trial->tty_link != NULL,
        .plan = trial->item->plan,
        .command = trial->options->command,
        .seed = trial->item->seed,
        .time_scale = trial->options->time_scale,
        .vtime = trial->vtime,
        .lines = trial->lines,
    };
    bind_harness_to(trial->engine, &trial->actors);
    if (start(trial, &verdict)) {
        play(trial);
        if (!trial->stopped)
            take_result(trial);
    } else {
        trial->result.verdict = verdict;
    }
    actors_stop(&trial->actors);
    note_digest(trial);
    if (!trial->stopped)
        write_traces(trial);
    lines_free(trial->lines);
    engine_free(trial->engine);
    actors_deinit(&trial->actors);
    vtime_free(trial->vtime);
    reaper_kill_strays(NULL, NULL);
    event_free(term);
    close(term_fd);
    if (!trial->stopped)
        send_result(&trial->result, result_fd);
}

static void configure(struct trial *trial)
{
    struct engine_config config = {
        .bench = &trial->stage.bench,
        .time_scale = trial->options->time_scale,
        .dialect = trial->options->dialect,
        .port = trial->options->port,
        .strict = trial->options->strict,
        .is_lenient = is_strike(trial),
        .disarms = plan_of(trial) && plan_of(trial)->disarms,
        .is_last = true,
        .modem_started = on_modem_started,
        .arg = trial,
    };

    engine_configure(trial->engine, &config);
}

_Noreturn void trial_main(const struct run_options *options, const struct trial_case *item,
                          int result_fd)
{
    struct trial *trial = xcalloc(1, sizeof(*trial));
    struct stage_config config = {
        .time_scale = options->time_scale,
        .is_virtual = options->time != VTIME_WISH_REAL,
        .seed = item->seed,
        .allow_network = options->allow_network,
        .dir = item->dir,
    };
    struct buf error = {0};

    set_up_process();
    trial->options = options;
    trial->item = item;
    if ((!item->plan || item->plan->mode == TRIAL_BODY) && !options->skips_reference)
        reference_prepare(&trial->calm, options, item);
    if (stage_init(&trial->stage, &config, &error) < 0) {
        verdict_set(&trial->result.verdict, OUTCOME_ERROR, NULL, 0, error.data);
        send_result(&trial->result, result_fd);
        reference_dismiss(&trial->calm);
        exit(0);
    }
    watch_abort(trial->stage.bench.trace);
    trial->vtime = vtime_new(&(struct vtime_config){
        .clock = &trial->stage.clock,
        .loop = &trial->stage.loop,
        .trace = trial->stage.bench.trace,
        .wish = options->time,
        .seed = item->seed,
        .bystander = trial->calm.pid,
        .busy_us = options->timeout_us / 4 < VTIME_BUSY_MAX_US ? options->timeout_us / 4
                                                               : VTIME_BUSY_MAX_US,
        .lines = options->lines,
    });
    trial->engine = prepare_engine();
    configure(trial);
    run(trial, result_fd);
    signal(SIGABRT, SIG_DFL);
    reference_dismiss(&trial->calm);
    stage_deinit(&trial->stage);
    trial_result_deinit(&trial->result);
    free(trial->tty_link);
    free(trial);
    exit(0);
}
