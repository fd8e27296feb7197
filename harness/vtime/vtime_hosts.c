/*
 * How a host is put on modem time, or why it cannot be.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#include "harness/vtime/choose.h"
#include "harness/vtime/page.h"
#include "harness/vtime/vtime_private.h"
#include "sim/base/buf.h"
#include "sim/base/clock.h"
#include "sim/base/mem.h"

#define SIGNAL_WAIT_US 1000000u /* wall time that a signal waits for its host to sleep */

static void minder_in_child(const struct host_minder *minder)
{
    struct vtime_backend *backend = minder->arg;

    backend->ops->in_child(backend);
}

static int minder_born(const struct host_minder *minder, pid_t pid, struct buf *error_out)
{
    struct vtime_backend *backend = minder->arg;
    struct vtime *vtime = backend->vtime;

    if (vtime->leader_count == VTIME_LEADER_MAX) {
        buf_printf(error_out, "more than %d hosts at a time", VTIME_LEADER_MAX);
        return -EINVAL;
    }
    vtime->leaders[vtime->leader_count++] = pid;
    return backend->ops->born(backend, pid, error_out);
}

/* What the host still does about what it has got comes before what the signal makes it do. */
static void minder_signalling(const struct host_minder *minder)
{
    struct vtime_backend *backend = minder->arg;

    vtime_settle(backend->vtime, SIGNAL_WAIT_US);
    vtime_disturb(backend->vtime);
}

static void minder_gone(const struct host_minder *minder, pid_t pid)
{
    struct vtime_backend *backend = minder->arg;
    struct vtime *vtime = backend->vtime;

    backend->ops->gone(backend, pid);
    for (size_t i = 0; i < vtime->leader_count; i++) {
        if (vtime->leaders[i] == pid)
            vtime->leaders[i--] = vtime->leaders[--vtime->leader_count];
    }
}

static void make_minder(struct vtime *vtime, size_t index)
{
    vtime->minders[index] = (struct host_minder){
        .in_child = vtime_backend_at(vtime, index)->ops->in_child ? minder_in_child : NULL,
        .born = minder_born,
        .signalling = minder_signalling,
        .gone = minder_gone,
        .arg = vtime_backend_at(vtime, index),
    };
    vtime_backend_at(vtime, index)
        ->ops->set_now(vtime_backend_at(vtime, index),
                       (int64_t)clock_now_us(vtime->config.clock) * 1000);
}

static int need_shim(struct vtime *vtime, struct buf *error_out)
{
    struct vtime_page *page;

    if (vtime->shim)
        return 0;
    vtime->shim = vtime_shim_new(vtime, error_out);
    if (!vtime->shim)
        return -ENOTSUP;
    page = vtime_shim_page(vtime->shim);
    page->has_time = vtime_is_virtual(vtime);
    page->has_lines = vtime->config.lines;
    make_minder(vtime, 0);
    return 0;
}

static int need_ptrace(struct vtime *vtime, struct buf *error_out)
{
    const char *obstacle = vtime_ptrace_obstacle();

    if (obstacle) {
        buf_add_text(error_out, obstacle);
        return -ENOTSUP;
    }
    if (vtime->ptrace)
        return 0;
    vtime->ptrace = vtime_ptrace_new(vtime, error_out);
    if (!vtime->ptrace)
        return -ENOTSUP;
    make_minder(vtime, 1);
    return 0;
}

bool vtime_give_up(struct vtime *vtime, const char *reason)
{
    if (vtime->config.wish != VTIME_WISH_AUTO || vtime->shim_hosts + vtime->ptrace_hosts > 0 ||
        !vtime_is_virtual(vtime))
        return false;
    xstrset(&vtime->reality, reason);
    clock_follow_wall(vtime->config.clock);
    return true;
}

/* Which way a host goes. Return: VTIME_WAY_NONE with the reason in error_out when it has none. */
static struct vtime_choice decide(struct vtime *vtime, const char *program, struct buf *error_out)
{
    struct buf reason = {0};
    struct vtime_choice choice = vtime_choose(program, &reason);
    bool wants_shim = vtime->config.wish == VTIME_WISH_SHIM;

    if (choice.way == VTIME_WAY_NONE || (wants_shim && choice.way != VTIME_WAY_SHIM)) {
        buf_printf(error_out, "%s cannot run in virtual time: %s%s", program, reason.data,
                   choice.way == VTIME_WAY_NONE ? "; use --time real"
                                                : "; use --time virtual:ptrace");
        choice.way = VTIME_WAY_NONE;
    } else if (vtime->config.wish == VTIME_WISH_PTRACE) {
        choice.way = VTIME_WAY_PTRACE;
    }
    buf_deinit(&reason);
    return choice;
}

static int refuse(struct vtime *vtime, const struct buf *reason, struct buf *error_out)
{
    if (vtime_give_up(vtime, buf_text(reason)))
        return 0;
    buf_add_text(error_out, buf_text(reason));
    return -ENOTSUP;
}

/* The leak checker wants to trace the program itself, which only one can. */
static void spare_leak_check(const char *asan, struct names *env)
{
    const char *options = getenv("ASAN_OPTIONS");
    char *text;

    if (!*asan)
        return;
    text = xasprintf("ASAN_OPTIONS=%s%sdetect_leaks=0", options ? options : "",
                     options && *options ? ":" : "");
    names_add(env, text);
    free(text);
}

static int adopt_real(struct vtime *vtime, const char *program, struct names *env,
                      struct buf *error_out)
{
    struct buf reason = {0};
    struct vtime_choice choice;

    if (!vtime->config.lines)
        return 0;
    choice = vtime_choose(program, &reason);
    if (choice.way == VTIME_WAY_SHIM && need_shim(vtime, error_out) == 0)
        vtime_shim_environment(vtime->shim, choice.asan, env);
    else
        vtime_warn(vtime, "--lines needs the preload shim, which %s cannot load: %s", program,
                   buf_text(&reason));
    buf_deinit(&reason);
    return 0;
}

int vtime_adopt(struct vtime *vtime, const char *program, struct names *env,
                const struct host_minder **minder_out, struct buf *error_out)
{
    struct vtime_choice choice;
    struct buf reason = {0};
    int r;

    *minder_out = NULL;
    if (!vtime_is_virtual(vtime))
        return adopt_real(vtime, program, env, error_out);
    choice = decide(vtime, program, &reason);
    if (choice.way == VTIME_WAY_SHIM)
        r = need_shim(vtime, &reason);
    else
        r = choice.way == VTIME_WAY_PTRACE ? need_ptrace(vtime, &reason) : -ENOTSUP;
    if (r < 0) {
        r = refuse(vtime, &reason, error_out);
    } else if (choice.way == VTIME_WAY_SHIM) {
        vtime_shim_environment(vtime->shim, choice.asan, env);
        *minder_out = &vtime->minders[0];
        vtime->shim_hosts++;
    } else {
        spare_leak_check(choice.asan, env);
        if (vtime->config.lines)
            vtime_warn(vtime, "--lines needs the preload shim; %s runs under ptrace", program);
        if (choice.is_go)
            vtime_ptrace_expect_go(vtime->ptrace);
        *minder_out = &vtime->minders[1];
        vtime->ptrace_hosts++;
    }
    buf_deinit(&reason);
    return r;
}
