/*
 * The run is a loop over its children's pipes and pidfds. A child that dies without a result, or
 * that overstays its limit, is Hayeswire's own failure (ERROR), never the host's.
 *
 * SIGINT and SIGTERM stay blocked from here on, in the children too, and are read from a signalfd:
 * no handler runs anywhere, and a child cannot be caught between fork and its own set-up.
 * SPDX-License-Identifier: MIT
 */
#include "harness/runner.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/case_page.h"
#include "harness/cpu.h"
#include "harness/prepare.h"
#include "harness/reaper.h"
#include "harness/run_dir.h"
#include "harness/run_options.h"
#include "harness/scratch.h"
#include "harness/selection.h"
#include "harness/trial.h"
#include "harness/trial_plan.h"
#include "harness/tty_link.h"
#include "sim/base/buf.h"
#include "sim/base/clock.h"
#include "sim/base/loop.h"
#include "sim/base/mem.h"

#define RESULT_MAX        (4u << 20) /* bytes of one result */
#define MANY_MIN          4          /* scenarios; for fewer no preparation pays */
#define INTERRUPT_WAIT_US 2000000u   /* for children to end their hosts, then they are killed */

struct runner;

struct child {
    struct runner *runner;
    struct trial_case *item; /* NULL = this place is free */
    pid_t pid;
    int pidfd, fd;
    struct event *exited, *readable;
    struct buf result;
    struct timer watchdog;
    uint64_t start_us;
    bool overran;
};

struct runner {
    const struct run_options *options;
    struct selection *selection;
    const char *dir;
    struct scratch scratch;
    FILE *results; /* results.jsonl */
    struct clock clock;
    struct loop loop;
    struct child *children; /* options->jobs places */
    size_t running, next;
    size_t failures;
    int interrupted_by;
    struct timer impatience, budget;
    bool is_budget_spent;
    size_t told; /* cases so far */
    struct report_set reports;
    struct run_summary summary;
};

/* Asked to stop, or out of time: nothing more is started. */
static bool is_stopping(const struct runner *runner)
{
    return runner->interrupted_by || runner->is_budget_spent;
}

/* ---- telling ---- */

/* A trial's folder has the course of the fault-free run too, as that of a scenario has. */
static void keep_course(const struct trial_case *item)
{
    char *path = xasprintf("%s/" FAULT_FREE_FILE, item->dir);

    if (item->plan && item->plan->mode == TRIAL_STRIKE && item->plan->reference &&
        link(item->plan->reference, path) < 0 && errno != EEXIST)
        fprintf(stderr, "hayeswire: %s: %s\n", path, strerror(errno));
    free(path);
}

static void bring_home(struct runner *runner, const struct trial_case *item)
{
    int r = scratch_bring_home(&runner->scratch, item->dir);

    if (r < 0)
        fprintf(stderr, "hayeswire: %s: %s\n", item->dir, strerror(-r));
}

/* A failure has its page beside its trace, for people who get the folder only. */
static void write_page(struct runner *runner, const struct trial_case *item)
{
    if (report_is_good(item) || !item->is_kept || !item->dir ||
        runner->options->trace == TRACE_OFF || runner->reports.count == 0)
        return;
    bring_home(runner, item);
    keep_course(item);
    case_page_write_kept(&runner->reports.items[0], item);
}

/* What is not kept costs no disk. */
static void settle_folder(struct runner *runner, const struct trial_case *item)
{
    if (item->dir && item->is_kept)
        bring_home(runner, item);
    else if (item->dir)
        scratch_drop(&runner->scratch, item->dir);
}

static void tell(struct runner *runner, struct trial_case *item)
{
    bool is_trial = item->plan && item->plan->mode == TRIAL_STRIKE;
    struct buf line = {0};

    for (size_t i = 0; item->plan && i < item->plan->faults.count; i++)
        names_add(&item->faults, item->plan->faults.items[i]);
    failure_set_again(runner->options, item);
    report_count(&runner->summary, item);
    runner->told++;
    if (!is_trial)
        write_page(runner, item);
    report_set_tell(&runner->reports, item);
    if (is_trial) /* by now it is known whether it is the first of its cause */
        write_page(runner, item);
    trial_case_encode(item, &line);
    fwrite(line.data, 1, line.len, runner->results);
    fflush(runner->results);
    buf_deinit(&line);
    settle_folder(runner, item);
}

/* All that is next in order. What is done out of order waits, so that output never changes. */
static void tell_done(struct runner *runner)
{
    struct selection *selection = runner->selection;

    while (runner->told < selection->count && selection->cases[runner->told].is_done)
        tell(runner, &selection->cases[runner->told]);
}

static void tell_rest(struct runner *runner)
{
    struct selection *selection = runner->selection;

    while (runner->told < selection->count) {
        struct trial_case *item = &selection->cases[runner->told];

        if (item->is_done) {
            tell(runner, item);
            continue;
        }
        runner->summary.not_run++;
        runner->told++;
        report_set_tell_not_run(&runner->reports, item);
        settle_folder(runner, item);
    }
}

/* ---- the end of a child ---- */

static bool is_ours(void *arg, pid_t pid)
{
    const struct runner *runner = arg;

    for (unsigned i = 0; i < runner->options->jobs; i++) {
        if (runner->children[i].item && runner->children[i].pid == pid)
            return true;
    }
    return false;
}

static void read_result(struct child *child)
{
    char chunk[65536];
    ssize_t n;

    while ((n = read(child->fd, chunk, sizeof(chunk))) > 0) {
        if (child->result.len + (size_t)n <= RESULT_MAX)
            buf_add(&child->result, chunk, (size_t)n);
    }
    if (n == 0 || (errno != EAGAIN && errno != EINTR))
        event_del(child->readable);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    read_result(arg);
}

/* What is wrong with how it ended; nothing is appended when all is well. */
static void judge_end(const struct child *child, int status, struct buf *out)
{
    double grace_s = TRIAL_GRACE_US / 1e6;
    const char *name;

    if (child->overran) {
        buf_printf(out,
                   "the scenario's process was still there %g s after its limit (--timeout), "
                   "and was killed",
                   grace_s);
    } else if (WIFSIGNALED(status)) {
        name = sigabbrev_np(WTERMSIG(status));
        buf_printf(out, "the scenario's process was killed by SIG%s", name ? name : "?");
    } else if (WEXITSTATUS(status) != 0) {
        buf_printf(out, "the scenario's process ended with status %d", WEXITSTATUS(status));
    }
}

static void set_error(struct child *child, const char *message)
{
    struct trial_case *item = child->item;

    trial_result_deinit(&item->result);
    item->result = (struct trial_result){0};
    verdict_set(&item->result.verdict, OUTCOME_ERROR, item->path, item->line, message);
    item->result.wall_us = clock_wall_us(&child->runner->clock) - child->start_us;
}

static void conclude(struct child *child, int status)
{
    struct runner *runner = child->runner;
    const struct run_options *options = runner->options;
    struct trial_case *item = child->item;
    struct buf problem = {0};
    bool decoded = trial_result_decode(buf_text(&child->result), child->result.len,
                                       &item->result) == 0;

    judge_end(child, status, &problem);
    if (!decoded && problem.len == 0)
        buf_add_text(&problem, "the scenario's process ended without a result");
    if (problem.len > 0)
        set_error(child, problem.data);
    item->is_done = true;
    item->is_kept = !report_is_good(item) || options->keep || options->trace == TRACE_ON;
    if (!report_is_good(item))
        runner->failures++;
    report_set_progress(&runner->reports, item);
    buf_deinit(&problem);
}

static void child_deinit(struct child *child)
{
    clock_cancel(&child->runner->clock, &child->watchdog);
    event_free(child->readable);
    event_free(child->exited);
    close(child->fd);
    close(child->pidfd);
    buf_deinit(&child->result);
    child->item = NULL;
    child->runner->running--;
}

static void on_exited(evutil_socket_t fd, short what, void *arg)
{
    struct child *child = arg;
    struct runner *runner = child->runner;
    int status;

    if (waitpid(child->pid, &status, WNOHANG) != child->pid)
        return;
    read_result(child);
    /* An interrupted child has no result, and that is not its fault. */
    if (!is_stopping(runner) || child->result.len > 0)
        conclude(child, status);
    child_deinit(child);
    if (!WIFEXITED(status)) {
        /* It could not clean up behind itself. */
        reaper_kill_strays(is_ours, runner);
        if (runner->options->tty_link)
            tty_link_remove(runner->options->tty_link);
    }
    tell_done(runner);
}

static void on_watchdog(void *arg)
{
    struct child *child = arg;

    child->overran = true;
    kill(child->pid, SIGKILL);
}

/* ---- the start of a child ---- */

static struct child *free_place(struct runner *runner)
{
    for (unsigned i = 0; i < runner->options->jobs; i++) {
        if (!runner->children[i].item)
            return &runner->children[i];
    }
    return NULL;
}

static void watch(struct runner *runner, struct child *child)
{
    uint64_t limit_us = runner->options->timeout_us + TRIAL_GRACE_US;

    child->pidfd = pidfd_open(child->pid, 0);
    fcntl(child->fd, F_SETFL, O_NONBLOCK);
    child->exited = event_new(runner->loop.events, child->pidfd, EV_READ | EV_PERSIST, on_exited,
                              child);
    child->readable = event_new(runner->loop.events, child->fd, EV_READ | EV_PERSIST, on_readable,
                                child);
    assert(child->pidfd >= 0 && child->exited && child->readable);
    event_add(child->exited, NULL);
    event_add(child->readable, NULL);
    clock_after(&runner->clock, &child->watchdog, limit_us, on_watchdog, child);
}

/* In real time a host waits for its modem while others run: it may go where there is room. */
static bool runs_on_one_cpu(const struct run_options *options)
{
    return (options->one_cpu || options->fills_cpus) && options->time != VTIME_WISH_REAL;
}

/* Return: 0, or -errno. */
static int start(struct runner *runner, struct trial_case *item)
{
    struct child *child = free_place(runner);
    int fds[2] = {-1, -1};
    pid_t pid = -1;
    int r;

    item->dir = xasprintf("%s/%s", runner->dir, item->slug);
    r = scratch_make(&runner->scratch, item->dir);
    if (r == 0 && pipe2(fds, O_CLOEXEC) < 0)
        r = -errno;
    fflush(NULL); /* or the child would print again what waits in our buffers */
    if (r == 0)
        pid = fork();
    if (r == 0 && pid < 0)
        r = -errno;
    if (r < 0)
        goto fail;
    if (pid == 0) {
        close(fds[0]);
        if (runs_on_one_cpu(runner->options))
            cpu_keep_one((unsigned)(child - runner->children));
        trial_main(runner->options, item, fds[1]);
    }
    close(fds[1]);
    *child = (struct child){
        .runner = runner,
        .item = item,
        .pid = pid,
        .fd = fds[0],
        .start_us = clock_wall_us(&runner->clock),
    };
    runner->running++;
    watch(runner, child);
    return 0;
fail:
    fprintf(stderr, "hayeswire: %s: %s\n", item->dir, strerror(-r));
    if (fds[0] >= 0) {
        close(fds[0]);
        close(fds[1]);
    }
    return -EIO;
}

/* Return: 0, or -errno: nothing more is started then. */
static int start_more(struct runner *runner)
{
    const struct run_options *options = runner->options;
    struct selection *selection = runner->selection;

    while (runner->running < options->jobs && runner->next < selection->count &&
           !is_stopping(runner) &&
           (options->fail_max == 0 || runner->failures < options->fail_max)) {
        struct trial_case *item = &selection->cases[runner->next++];

        if (item->is_done) {
            runner->failures += !report_is_good(item);
        } else {
            int r = start(runner, item);

            if (r < 0)
                return r;
        }
    }
    return 0;
}

/* ---- interruption ---- */

static void signal_children(struct runner *runner, int number)
{
    for (unsigned i = 0; i < runner->options->jobs; i++) {
        if (runner->children[i].item)
            kill(runner->children[i].pid, number);
    }
}

static void on_impatience(void *arg)
{
    signal_children(arg, SIGKILL);
}

static void on_budget(void *arg)
{
    struct runner *runner = arg;

    runner->is_budget_spent = true;
    signal_children(runner, SIGTERM);
    clock_after(&runner->clock, &runner->impatience, INTERRUPT_WAIT_US, on_impatience, runner);
}

static void on_signal(evutil_socket_t fd, short what, void *arg)
{
    struct runner *runner = arg;
    struct signalfd_siginfo info;

    if (read(fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
        return;
    if (runner->interrupted_by) { /* asked twice */
        signal_children(runner, SIGKILL);
        return;
    }
    runner->interrupted_by = (int)info.ssi_signo;
    /* The reader of our stdout is mostly interrupted too; the other reports are written all the
     * same. */
    signal(SIGPIPE, SIG_IGN);
    signal_children(runner, SIGTERM);
    clock_after(&runner->clock, &runner->impatience, INTERRUPT_WAIT_US, on_impatience, runner);
}

static struct event *watch_signals(struct runner *runner, int *fd_out)
{
    struct event *event;
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    *fd_out = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    event = event_new(runner->loop.events, *fd_out, EV_READ | EV_PERSIST, on_signal, runner);
    assert(*fd_out >= 0 && event);
    event_add(event, NULL);
    return event;
}

/* ---- all of it ---- */

static int open_results(struct runner *runner)
{
    char *path = xasprintf("%s/results.jsonl", runner->dir);

    runner->results = fopen(path, "we");
    if (!runner->results)
        fprintf(stderr, "hayeswire: %s: %s\n", path, strerror(errno));
    free(path);
    return runner->results ? 0 : -EIO;
}

static int run_all(struct runner *runner)
{
    int signal_fd, r;
    struct event *signals = watch_signals(runner, &signal_fd);

    if (runner->options->budget_us > 0)
        clock_after(&runner->clock, &runner->budget, runner->options->budget_us, on_budget, runner);
    report_set_begin(&runner->reports);
    r = start_more(runner);
    tell_done(runner);
    while (runner->running > 0) {
        loop_turn(&runner->loop, true);
        if (r == 0)
            r = start_more(runner);
        tell_done(runner);
    }
    tell_rest(runner);
    clock_cancel(&runner->clock, &runner->impatience);
    clock_cancel(&runner->clock, &runner->budget);
    event_free(signals);
    close(signal_fd);
    return r;
}

static int run_and_report(struct runner *runner)
{
    int r = run_all(runner), closed;

    runner->summary.wall_us = clock_wall_us(&runner->clock);
    runner->summary.interrupted_by = runner->interrupted_by;
    runner->summary.is_budget_spent = runner->is_budget_spent;
    runner->summary.dir = runner->dir;
    report_set_end(&runner->reports, &runner->summary);
    closed = report_set_close(&runner->reports);
    /* Whoever was interrupted knows that not all is there. */
    return r < 0 || runner->interrupted_by ? r : closed;
}

int runner_run(const struct run_options *options, struct selection *selection, const char *dir,
               struct run_summary *summary_out)
{
    struct runner runner = {.options = options, .selection = selection, .dir = dir};
    struct report base = {
        .options = options, .selection = selection, .dir = dir, .arg = options->reporter_arg};
    int r = report_set_open(&runner.reports, &base);

    if (r < 0)
        return r;
    r = open_results(&runner);
    if (r < 0) {
        report_set_close(&runner.reports);
        return r;
    }
    reaper_adopt();
    if (selection->count > MANY_MIN) {
        prepare_for_many();
        scratch_open(&runner.scratch, dir);
    }
    clock_init(&runner.clock, CLOCK_REAL, 1);
    r = loop_init(&runner.loop, &runner.clock);
    if (r == 0) {
        runner.children = xcalloc(options->jobs, sizeof(*runner.children));
        r = run_and_report(&runner);
        loop_deinit(&runner.loop);
    } else {
        report_set_close(&runner.reports);
    }
    fclose(runner.results);
    scratch_close(&runner.scratch);
    free(runner.children);
    clock_deinit(&runner.clock);
    *summary_out = runner.summary;
    return r;
}
