/* SPDX-License-Identifier: MIT */
#include "harness/vtime/vtime.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "harness/vtime/page.h"
#include "harness/vtime/vtime_private.h"
#include "sim/base/buf.h"
#include "sim/base/clock.h"
#include "sim/base/loop.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"
#include "sim/port/port.h"

#define AT_WORK_US       100000u /* wall time after which a turn lets its caller look up */
#define WORD_US          5000u /* wall time that a word is waited for; a short one costs a timer */
#define PAUSE_MIN_US     40u
#define PAUSE_MAX_US     1000u
#define IO_WAIT_US       2000u
#define JUMPS_PER_SECOND 200u      /* of modem time, on average: a host that polls */
#define JUMPS_WINDOW_US  60000000u /* of modem time */

/* ---- what back-ends ask ---- */

bool vtime_is_leader(const struct vtime *vtime, pid_t pid)
{
    for (size_t i = 0; i < vtime->leader_count; i++) {
        if (vtime->leaders[i] == pid)
            return true;
    }
    return false;
}

bool vtime_is_elsewhere(const struct vtime *vtime, const struct vtime_backend *backend, pid_t tgid)
{
    const struct vtime_backend *other = backend == vtime->shim ? vtime->ptrace : vtime->shim;

    if (tgid == vtime->config.bystander)
        return true;
    return other && vtime_tasks_has_process(&other->tasks, tgid);
}

void vtime_describe_threads(const struct vtime *vtime, struct buf *out)
{
    for (size_t i = 0; i < VTIME_BACKEND_MAX; i++) {
        struct vtime_backend *backend = vtime_backend_at(vtime, i);

        if (!backend)
            continue;
        vtime_tasks_look(&backend->tasks, true); /* hosts that spoke were not looked at lately */
        vtime_tasks_describe(&backend->tasks, out);
    }
}

void vtime_fail(struct vtime *vtime, bool is_host_unfit, const char *format, ...)
{
    struct buf text = {0};
    va_list args;

    if (vtime->problem)
        return;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    vtime->problem = buf_take(&text);
    vtime->is_host_unfit = is_host_unfit;
}

void vtime_warn(struct vtime *vtime, const char *format, ...)
{
    struct buf text = {0};
    va_list args;

    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    names_add(&vtime->warnings, text.data);
    buf_deinit(&text);
}

uint32_t vtime_seed(const struct vtime *vtime)
{
    return (uint32_t)(vtime->config.seed ^ (vtime->config.seed >> 32));
}

uint64_t vtime_wall_us(const struct vtime *vtime)
{
    return clock_wall_us(vtime->config.clock);
}

/* ---- are all asleep? ---- */

/*
 * A process that ends is a zombie some instants before its parent is woken. Both happen under the
 * kernel's lock of the task list, which this call has to take as well. The parent of an only one is
 * no host.
 */
static void let_ends_be_told(const struct vtime *vtime)
{
    size_t count = 0;

    for (size_t i = 0; i < VTIME_BACKEND_MAX; i++)
        count += vtime_backend_at(vtime, i) ? vtime_backend_at(vtime, i)->tasks.count : 0;
    if (count > 1)
        getpriority(PRIO_PGRP, 0);
}

/* Return: whether all threads of its hosts are asleep. */
static bool looks_quiet(struct vtime_backend *backend)
{
    const struct vtime *vtime = backend->vtime;
    bool is_alone = !vtime->shim || !vtime->ptrace; /* no other kind of hosts */
    enum vtime_look look = vtime_tasks_look(&backend->tasks, is_alone);

    if (look == VTIME_GONE)
        backend->ops->refresh(backend);
    return look == VTIME_ASLEEP;
}

static bool is_settled(struct vtime *vtime)
{
    bool is_settled = true;

    for (size_t i = 0; i < VTIME_BACKEND_MAX && is_settled; i++) {
        struct vtime_backend *backend = vtime_backend_at(vtime, i);

        is_settled = !backend || backend->ops->is_settled(backend);
    }
    return is_settled;
}

/* Whether they are seen asleep. */
static bool look_quiet(struct vtime *vtime)
{
    bool is_quiet = true;

    vtime->is_trusted = false;
    pty_sync(); /* whoever it wakes shows in the look */
    let_ends_be_told(vtime);
    for (size_t i = 0; i < VTIME_BACKEND_MAX && is_quiet; i++)
        is_quiet = !vtime_backend_at(vtime, i) || looks_quiet(vtime_backend_at(vtime, i));
    if (!is_quiet || !is_settled(vtime))
        return false;
    vtime->is_trusted = true;
    vtime->pty_changes = pty_changes();
    for (size_t i = 0; i < VTIME_BACKEND_MAX; i++) {
        struct vtime_backend *backend = vtime_backend_at(vtime, i);

        if (backend && backend->ops->hold_words)
            backend->ops->hold_words(backend);
    }
    return true;
}

/*
 * What the hosts say of themselves, if they may be believed: modem-control lines wake them without
 * a trace, and so may whatever happens to a tty beside bytes.
 */
static enum vtime_word word_of_hosts(const struct vtime *vtime)
{
    bool is_trusted = vtime->is_trusted && !vtime->config.lines &&
                      vtime->pty_changes == pty_changes();

    if (!is_trusted || !vtime->shim || vtime->ptrace)
        return VTIME_WORD_NONE;
    return vtime->shim->ops->word(vtime->shim);
}

/* Whether the hosts rest: by their own word, which costs the least, or seen asleep. */
static bool is_quiet(struct vtime *vtime)
{
    for (size_t i = 0; i < VTIME_BACKEND_MAX; i++) {
        if (vtime_backend_at(vtime, i))
            vtime_backend_at(vtime, i)->ops->pump(vtime_backend_at(vtime, i));
    }
    if (word_of_hosts(vtime) != VTIME_WORD_RESTS)
        return look_quiet(vtime);
    pty_synced();
    return is_settled(vtime);
}

static void let_hosts_run(struct vtime *vtime, unsigned looks)
{
    unsigned pause_us = PAUSE_MIN_US;

    for (unsigned i = 0; i < looks && pause_us < PAUSE_MAX_US; i++)
        pause_us += pause_us / 2;
    for (size_t i = 0; i < VTIME_BACKEND_MAX; i++) {
        struct vtime_backend *backend = vtime_backend_at(vtime, i);

        if (backend && backend->tasks.count > 0) {
            backend->ops->pause(backend, pause_us);
            return;
        }
    }
}

/* Return: whether all hosts sleep; else they were busy for all of limit_us. */
static bool await_quiet(struct vtime *vtime, uint64_t limit_us)
{
    uint64_t start_us = vtime_wall_us(vtime);

    if (word_of_hosts(vtime) == VTIME_WORD_AWAITED)
        vtime->shim->ops->await_word(vtime->shim, WORD_US);
    for (unsigned looks = 0; !is_quiet(vtime); looks++) {
        if (vtime->problem || vtime_wall_us(vtime) - start_us > limit_us)
            return false;
        let_hosts_run(vtime, looks);
    }
    vtime->has_sent = false;
    return true;
}

void vtime_pump(struct vtime *vtime)
{
    for (size_t i = 0; i < VTIME_BACKEND_MAX; i++) {
        if (!vtime_backend_at(vtime, i))
            continue;
        vtime_backend_at(vtime, i)->ops->pump(vtime_backend_at(vtime, i));
        vtime_backend_at(vtime, i)->ops->refresh(vtime_backend_at(vtime, i));
    }
}

void vtime_disturb(struct vtime *vtime)
{
    vtime->is_resting = vtime->is_trusted = false;
}

void vtime_settle(struct vtime *vtime, uint64_t limit_us)
{
    vtime_disturb(vtime);
    if (vtime_is_virtual(vtime) && !vtime->problem)
        await_quiet(vtime, limit_us < vtime->config.busy_us ? limit_us : vtime->config.busy_us);
}

/* ---- moving time ---- */

static void set_now(struct vtime *vtime, uint64_t now_us)
{
    for (size_t i = 0; i < VTIME_BACKEND_MAX; i++) {
        if (vtime_backend_at(vtime, i))
            vtime_backend_at(vtime, i)->ops->set_now(vtime_backend_at(vtime, i),
                                                     (int64_t)now_us * 1000);
    }
}

/* The back-end whose host is due first. */
static struct vtime_backend *first_backend(struct vtime *vtime, int64_t *due_ns_out)
{
    struct vtime_backend *first = NULL;

    *due_ns_out = VTIME_NEVER;
    for (size_t i = 0; i < VTIME_BACKEND_MAX; i++) {
        struct vtime_backend *backend = vtime_backend_at(vtime, i);
        int64_t due_ns = backend ? backend->ops->next_ns(backend) : VTIME_NEVER;

        if (due_ns < *due_ns_out) {
            *due_ns_out = due_ns;
            first = backend;
        }
    }
    return first;
}

static void warn_of_polling(struct vtime *vtime)
{
    struct buf text = {0};

    vtime->is_polling_told = true;
    vtime_describe_threads(vtime, &text);
    if (text.len > 0)
        text.data[strcspn(text.data, "\n")] = '\0'; /* the first one will do */
    vtime_warn(vtime,
               "the host waits for less than %u ms at a time and makes virtual time slow: %llu "
               "wake-ups in a minute of modem time; %s",
               1000 / JUMPS_PER_SECOND, (unsigned long long)vtime->window_jumps, buf_text(&text));
    buf_deinit(&text);
}

/* A host that looks every millisecond makes virtual time slow, and should be told. */
static void count_jump(struct vtime *vtime, uint64_t now_us)
{
    vtime->window_jumps++;
    if (now_us - vtime->window_us < JUMPS_WINDOW_US)
        return;
    if (vtime->window_jumps > JUMPS_PER_SECOND * (JUMPS_WINDOW_US / 1000000u) &&
        !vtime->is_polling_told) {
        warn_of_polling(vtime);
    }
    vtime->window_us = now_us;
    vtime->window_jumps = 0;
}

static enum vtime_turn jump(struct vtime *vtime)
{
    struct clock *clock = vtime->config.clock;
    uint64_t now_us = clock_now_us(clock), modem_us, host_us;
    int64_t host_ns;
    struct vtime_backend *backend = first_backend(vtime, &host_ns);
    bool has_modem = clock_next_due(clock, &modem_us);

    if (!has_modem && !backend) {
        vtime_fail(vtime, false,
                   "nobody waits for anything that time could bring: the modems have "
                   "nothing to do, and the hosts wait without a limit");
        return VTIME_STUCK;
    }
    host_us = backend && host_ns > 0 ? ((uint64_t)host_ns + 999) / 1000 : now_us;
    if (has_modem && (!backend || modem_us <= host_us)) {
        vtime->is_resting = true;
        vtime->rested_at = trace_next(vtime->config.trace);
        set_now(vtime, modem_us > now_us ? modem_us : now_us);
        clock_step(clock);
        return VTIME_TURNED;
    }
    if (host_us > now_us) {
        clock_advance(clock, host_us - now_us);
        set_now(vtime, host_us);
    }
    vtime->is_resting = false;
    count_jump(vtime, clock_now_us(clock));
    backend->ops->fire(backend);
    return VTIME_TURNED;
}

/* Whether time has to stand because a real answer is on its way. */
static bool is_held(struct vtime *vtime)
{
    struct loop *loop = vtime->config.loop;
    uint64_t now_us = vtime_wall_us(vtime);

    if (loop->awaited < vtime->given_up)
        vtime->given_up = loop->awaited > 0 ? loop->awaited : 0;
    if (loop->awaited <= vtime->given_up) {
        vtime->silent_since_us = 0;
        return false;
    }
    if (vtime->silent_since_us == 0)
        vtime->silent_since_us = now_us + 1;
    if (now_us < vtime->silent_since_us + VTIME_SILENCE_US)
        return true;
    vtime_warn(vtime, "a real server was silent for %u s of wall time; modem time went on",
               VTIME_SILENCE_US / 1000000u);
    vtime->given_up = loop->awaited;
    return false;
}

static enum vtime_turn report_busy(struct vtime *vtime)
{
    for (size_t i = 0; i < VTIME_BACKEND_MAX; i++) {
        struct vtime_backend *backend = vtime_backend_at(vtime, i);

        for (size_t j = 0; backend && j < backend->tasks.count; j++) {
            struct buf text = {0};

            if (backend->tasks.items[j]->state != 'R')
                continue;
            vtime_task_describe(backend->tasks.items[j], &text);
            vtime_fail(vtime, false,
                       "the host computed for %g s of wall time without waiting for anything, so "
                       "that virtual time stood still: %s",
                       (double)vtime->config.busy_us / 1e6, text.data);
            buf_deinit(&text);
            return VTIME_STUCK;
        }
    }
    vtime_fail(vtime, false, "the hosts did not come to rest within %g s of wall time",
               (double)vtime->config.busy_us / 1e6);
    return VTIME_STUCK;
}

/* Hosts were busy for a while: whose turn is it? */
static enum vtime_turn at_work(struct vtime *vtime)
{
    uint64_t now_us = vtime_wall_us(vtime);

    if (vtime->problem)
        return VTIME_STUCK;
    if (vtime->busy_since_us == 0)
        vtime->busy_since_us = now_us;
    return now_us - vtime->busy_since_us > vtime->config.busy_us ? report_busy(vtime)
                                                                 : VTIME_AT_WORK;
}

/*
 * Whether the hosts sleep without anybody looking: they did before a modem's timer ran, and
 * whatever it did, it wrote nothing to a host and left nothing in the trace, where all is told that
 * a modem can do to a host; and nobody else has disturbed them. Modem-control lines change
 * silently.
 */
static bool still_rests(struct vtime *vtime)
{
    return vtime->is_resting && !vtime->has_sent && !vtime->config.lines &&
           trace_next(vtime->config.trace) == vtime->rested_at;
}

/* Let the hosts come to rest, and take in what they did. Return: whether the turn ends so. */
static bool serve_hosts(struct vtime *vtime, enum vtime_turn *turn_out)
{
    vtime->is_resting = false;
    if (!await_quiet(vtime, AT_WORK_US)) {
        *turn_out = at_work(vtime);
        return true;
    }
    vtime->busy_since_us = 0;
    *turn_out = vtime->problem ? VTIME_STUCK : VTIME_TURNED;
    if (!vtime->problem && !pty_serve())
        return false;
    vtime->silent_since_us = 0;
    return true;
}

enum vtime_turn vtime_turn(struct vtime *vtime)
{
    struct loop *loop = vtime->config.loop;
    enum vtime_turn turn;

    assert(vtime_is_virtual(vtime));
    if (vtime->problem)
        return VTIME_STUCK;
    if (!still_rests(vtime) && serve_hosts(vtime, &turn))
        return turn;
    if (loop_serve(loop, 0)) {
        vtime_disturb(vtime);
        vtime->silent_since_us = 0;
        return VTIME_TURNED;
    }
    if (is_held(vtime)) {
        vtime_disturb(vtime);
        loop_serve(loop, IO_WAIT_US);
        return VTIME_TURNED;
    }
    return jump(vtime);
}

/* ---- telling ---- */

bool vtime_is_virtual(const struct vtime *vtime)
{
    return vtime->config.wish != VTIME_WISH_REAL && !vtime->reality;
}

const char *vtime_problem(const struct vtime *vtime)
{
    return vtime->problem;
}

bool vtime_is_host_unfit(const struct vtime *vtime)
{
    return vtime->is_host_unfit;
}

/* Said at the end, with the whole number of times. */
static void warn_of_spins(struct vtime *vtime)
{
    for (size_t i = 0; i < VTIME_BACKEND_MAX; i++) {
        struct vtime_backend *backend = vtime_backend_at(vtime, i);

        if (backend && backend->spins > 0)
            vtime_warn(vtime,
                       "thread %d of the host looked at the clock over and over without waiting: "
                       "%u times it was made to wait for a millisecond of modem time",
                       (int)backend->spin_tid, backend->spins);
        if (backend)
            backend->spins = 0;
    }
}

const struct names *vtime_warnings(struct vtime *vtime)
{
    warn_of_spins(vtime);
    return &vtime->warnings;
}

void vtime_describe(const struct vtime *vtime, struct buf *out)
{
    if (vtime->reality)
        buf_printf(out, "real: %s", vtime->reality);
    else if (vtime->config.wish == VTIME_WISH_REAL)
        buf_add_text(out, "real");
    else if (vtime->shim_hosts && vtime->ptrace_hosts)
        buf_add_text(out, "virtual (shim and ptrace)");
    else if (vtime->shim_hosts)
        buf_add_text(out, "virtual (shim)");
    else if (vtime->ptrace_hosts)
        buf_add_text(out, "virtual (ptrace)");
    else
        buf_add_text(out, "virtual");
}

struct vtime_page *vtime_lines_page(struct vtime *vtime)
{
    return vtime->shim && vtime->config.lines ? vtime_shim_page(vtime->shim) : NULL;
}

/* ---- all of it ---- */

/* Whatever else reaches hosts comes by the loop, by scripts or as a signal: vtime_disturb(). */
static void on_send(void *arg, bool is_sent, size_t len)
{
    struct vtime *vtime = arg;

    vtime->has_sent = true;
    if (vtime->shim && is_sent)
        vtime->shim->ops->sent(vtime->shim, len);
    else if (vtime->shim)
        vtime->shim->ops->sending(vtime->shim);
}

struct vtime *vtime_new(const struct vtime_config *config)
{
    struct vtime *vtime = xcalloc(1, sizeof(*vtime));

    vtime->config = *config;
    pty_tell_sends(on_send, vtime);
    return vtime;
}

void vtime_free(struct vtime *vtime)
{
    if (!vtime)
        return;
    pty_tell_sends(NULL, NULL);
    for (size_t i = 0; i < VTIME_BACKEND_MAX; i++) {
        if (vtime_backend_at(vtime, i))
            vtime_backend_at(vtime, i)->ops->free(vtime_backend_at(vtime, i));
    }
    free(vtime->problem);
    free(vtime->reality);
    names_deinit(&vtime->warnings);
    free(vtime);
}
