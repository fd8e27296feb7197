/*
 * The driver's side of the preload shim: the shared page, who has come and gone, and wake-ups.
 *
 * New processes and threads are found by their numbers, which the kernel gives out in sequence: it
 * names the last one in /proc/loadavg. That is looked at only while every known thread is asleep,
 * so that no fork can be half done, and catches whatever way a program has to make a process.
 * SPDX-License-Identifier: MIT
 */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/names.h"
#include "harness/vtime/backend.h"
#include "harness/vtime/choose.h"
#include "harness/vtime/page.h"
#include "harness/vtime/shim_private.h"
#include "harness/vtime/vtime.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"

/* With more new numbers than this it is cheaper to walk all of /proc. */
#define NEW_PID_MAX 256
/* A process has this long in wall time, while it sleeps, to show that it has loaded the shim. */
#define STRANGER_US 5000000u

/* ---- who is there ---- */

/* The number that was given out last, in this pid namespace. */
static pid_t read_last_pid(struct shim_backend *shim)
{
    char text[128];
    ssize_t len = pread(shim->loadavg_fd, text, sizeof(text) - 1, 0);
    const char *last;

    text[len > 0 ? len : 0] = '\0';
    last = strrchr(text, ' ');
    return last ? (pid_t)strtol(last + 1, NULL, 10) : -1;
}

static bool consider(struct shim_backend *shim, pid_t tid)
{
    struct vtime_tasks *tasks = &shim->base.tasks;
    pid_t tgid, ppid;

    if (vtime_tasks_find(tasks, tid) || !vtime_task_parents(tid, &tgid, &ppid))
        return false;
    if (ppid != getpid() && !vtime_tasks_has_process(tasks, ppid) &&
        !vtime_tasks_has_process(tasks, tgid))
        return false;
    if (vtime_is_elsewhere(shim->base.vtime, &shim->base, tgid))
        return false;
    return vtime_tasks_add(tasks, tgid, tid) != NULL;
}

static bool add_threads(struct shim_backend *shim, pid_t pid)
{
    char path[64];
    struct dirent *entry;
    bool any = false;
    DIR *dir;

    snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
    dir = opendir(path);
    while (dir && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.')
            any |= consider(shim, (pid_t)strtol(entry->d_name, NULL, 10));
    }
    if (dir)
        closedir(dir);
    return any;
}

/* In no useful order, so again and again until nobody new is found. */
static void walk_all(struct shim_backend *shim)
{
    bool more = true;

    while (more) {
        struct dirent *entry;
        DIR *dir = opendir("/proc");

        more = false;
        while (dir && (entry = readdir(dir)) != NULL) {
            if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
                more |= add_threads(shim, (pid_t)strtol(entry->d_name, NULL, 10));
        }
        if (dir)
            closedir(dir);
    }
}

/*
 * Return: whether any number was given out since the last call. Then the looks have to be repeated,
 * even if nobody is found: who came may have gone already, and have woken others on the way.
 */
static bool find_newcomers(struct shim_backend *shim)
{
    pid_t before = shim->last_pid, now = read_last_pid(shim);

    shim->last_pid = now;
    if (now < before || now - before > NEW_PID_MAX) {
        walk_all(shim);
        return true;
    }
    for (pid_t pid = before + 1; pid <= now; pid++)
        consider(shim, pid);
    return now != before;
}

static bool is_alive(pid_t pid)
{
    return kill(pid, 0) == 0 || errno != ESRCH;
}

static void free_slots(struct shim_backend *shim)
{
    struct vtime_tasks *tasks = &shim->base.tasks;

    for (size_t i = 0; i < atomic_load(&shim->page->slot_count); i++) {
        struct vtime_slot *slot = &shim->page->slots[i];
        pid_t tid = atomic_load(&slot->tid);

        if (!atomic_load(&slot->used) || tid == 0 || vtime_tasks_find(tasks, tid) || is_alive(tid))
            continue;
        atomic_store(&slot->state, VTIME_RUN);
        atomic_store(&slot->tid, 0);
        atomic_store(&slot->used, 0);
    }
    for (size_t i = 0; i < VTIME_TIMER_MAX; i++) {
        struct vtime_timer *timer = &shim->page->timers[i];

        if (atomic_load(&timer->used) && !is_alive(atomic_load(&timer->pid)))
            atomic_store(&timer->used, 0);
    }
}

static void refresh(struct vtime_backend *backend)
{
    struct vtime_tasks *tasks = &backend->tasks;
    char text[64];

    for (size_t i = tasks->count; i > 0; i--) {
        struct vtime_task *task = tasks->items[i - 1];

        if (pread(task->stat_fd, text, sizeof(text), 0) <= 0)
            vtime_tasks_remove(tasks, task);
    }
    free_slots(shim_of(backend));
}

/* Orphans become our children; nobody else would reap them. */
static void pump(struct vtime_backend *backend)
{
    struct vtime_tasks *tasks = &backend->tasks;

    for (size_t i = tasks->count; i > 0; i--) {
        struct vtime_task *task = tasks->items[i - 1];

        if (task->state == 'Z' && task->tid == task->tgid &&
            !vtime_is_leader(backend->vtime, task->tid) &&
            waitpid(task->tid, NULL, WNOHANG) == task->tid)
            vtime_tasks_remove(tasks, task);
    }
}

static int born(struct vtime_backend *backend, pid_t pid, struct buf *error_out)
{
    struct shim_backend *shim = shim_of(backend);

    if (backend->tasks.count == 0)
        shim->last_pid = pid; /* whatever it has started by now has a later number */
    vtime_tasks_add(&backend->tasks, pid, pid);
    if (backend->tasks.error == 0)
        return 0;
    buf_printf(error_out,
               "virtual time needs /proc/%d/syscall and schedstat, and the kernel says: %s",
               (int)pid, strerror(-backend->tasks.error));
    return backend->tasks.error;
}

static void gone(struct vtime_backend *backend, pid_t pid)
{
    struct vtime_task *leader = vtime_tasks_find(&backend->tasks, pid);

    if (leader)
        vtime_tasks_remove(&backend->tasks, leader);
    refresh(backend);
}

/* ---- who is not on our clock ---- */

struct vtime_slot *shim_slot_of(const struct shim_backend *shim, pid_t tid)
{
    for (size_t i = 0; i < atomic_load(&shim->page->slot_count); i++) {
        struct vtime_slot *slot = &shim->page->slots[i];

        if (atomic_load(&slot->used) && atomic_load(&slot->tid) == tid)
            return slot;
    }
    return NULL;
}

static bool is_on_our_clock(const struct shim_backend *shim, const struct vtime_task *task)
{
    const struct vtime_slot *slot = shim_slot_of(shim, task->tid);

    return slot && atomic_load(&slot->image) == task->image;
}

static const struct vtime_task *find_stranger(const struct shim_backend *shim)
{
    const struct vtime_tasks *tasks = &shim->base.tasks;

    for (size_t i = 0; i < tasks->count; i++) {
        const struct vtime_task *task = tasks->items[i];

        if (task->tid == task->tgid && task->state == 'S' && !is_on_our_clock(shim, task))
            return task;
    }
    return NULL;
}

static void read_exe(const char *pid, char *exe_out, size_t size_bytes)
{
    char path[64];
    ssize_t len;

    snprintf(path, sizeof(path), "/proc/%s/exe", pid);
    len = readlink(path, exe_out, size_bytes - 1);
    exe_out[len > 0 ? len : 0] = '\0';
}

/* A child of ours that has not come to its exec() yet: on a busy machine that may take seconds. */
static bool is_before_exec(const char *exe)
{
    char own[1024];

    read_exe("self", own, sizeof(own));
    return strcmp(exe, own) == 0;
}

/* Return: whether all are known to be on our clock; otherwise time has to stand still. */
static bool has_no_stranger(struct shim_backend *shim)
{
    const struct vtime_task *stranger = find_stranger(shim);
    uint64_t now_us = vtime_wall_us(shim->base.vtime);
    char pid[16], exe[1024];

    if (!stranger) {
        shim->stranger = 0;
        return true;
    }
    if (shim->stranger != stranger->tgid) {
        shim->stranger = stranger->tgid;
        shim->stranger_since_us = now_us;
    }
    if (now_us - shim->stranger_since_us < STRANGER_US)
        return false;
    snprintf(pid, sizeof(pid), "%d", (int)stranger->tgid);
    read_exe(pid, exe, sizeof(exe));
    if (is_before_exec(exe))
        return false;
    vtime_fail(shim->base.vtime, true,
               "pid %d of the host (%s) has not loaded the shim of virtual time: it is static, or "
               "setuid, or its environment was cleared; use --time virtual:ptrace or --time real",
               (int)stranger->tgid, exe);
    return true;
}

/* A wait with a limit that the shim has not seen goes by the wall clock: the result is doubtful. */
static void warn_of_own_limits(struct shim_backend *shim)
{
    struct vtime_tasks *tasks = &shim->base.tasks;

    for (size_t i = 0; i < tasks->count; i++) {
        struct vtime_task *task = tasks->items[i];
        struct buf text = {0};

        if (task->is_told || task->state != 'S' || !vtime_task_has_limit(task))
            continue;
        task->is_told = true;
        vtime_task_describe(task, &text);
        vtime_warn(shim->base.vtime,
                   "%s with a limit of its own, which follows the wall clock; "
                   "--time virtual:ptrace sees such waits",
                   text.data);
        buf_deinit(&text);
    }
}

/* ---- waking ---- */

static void wake(const struct vtime_slot *slot)
{
    syscall(SYS_tgkill, atomic_load(&slot->pid), atomic_load(&slot->wake_tid), VTIME_WAKE_SIGNAL);
}

/* The signal may have come between the thread's last look and its sleep. */
static bool wake_again(struct shim_backend *shim)
{
    bool any = false;

    for (size_t i = 0; i < atomic_load(&shim->page->slot_count); i++) {
        struct vtime_slot *slot = &shim->page->slots[i];
        const struct vtime_task *task;

        if (!atomic_load(&slot->used) || atomic_load(&slot->state) != VTIME_WAIT ||
            atomic_load(&slot->granted) != atomic_load(&slot->seq))
            continue;
        task = vtime_tasks_find(&shim->base.tasks, atomic_load(&slot->tid));
        if (!task || task->state != 'S')
            continue;
        wake(slot);
        any = true;
    }
    return any;
}

static bool is_settled(struct vtime_backend *backend)
{
    struct shim_backend *shim = shim_of(backend);

    backend->spins = atomic_load(&shim->page->spins);
    backend->spin_tid = atomic_load(&shim->page->spin_tid);
    if (find_newcomers(shim) || !has_no_stranger(shim) || wake_again(shim))
        return false;
    warn_of_own_limits(shim);
    return true;
}

/* ---- deadlines ---- */

/* The waiter to be released first: by deadline, then by arrival. A stopped one cannot be. */
static struct vtime_slot *first_waiter(const struct shim_backend *shim)
{
    struct vtime_slot *first = NULL;

    for (size_t i = 0; i < atomic_load(&shim->page->slot_count); i++) {
        struct vtime_slot *slot = &shim->page->slots[i];
        const struct vtime_task *task;
        int64_t deadline_ns = atomic_load(&slot->deadline_ns);

        if (!shim_is_waiting(slot) || deadline_ns == VTIME_NEVER)
            continue;
        if (first && (deadline_ns > atomic_load(&first->deadline_ns) ||
                      (deadline_ns == atomic_load(&first->deadline_ns) &&
                       atomic_load(&slot->order) > atomic_load(&first->order))))
            continue;
        task = vtime_tasks_find(&shim->base.tasks, atomic_load(&slot->tid));
        if (task && task->state != 'T' && task->state != 'Z')
            first = slot;
    }
    return first;
}

static struct vtime_timer *first_timer(const struct shim_backend *shim)
{
    struct vtime_timer *first = NULL;

    for (size_t i = 0; i < VTIME_TIMER_MAX; i++) {
        struct vtime_timer *timer = &shim->page->timers[i];

        if (atomic_load(&timer->used) && atomic_load(&timer->deadline_ns) != VTIME_NEVER &&
            (!first || atomic_load(&timer->deadline_ns) < atomic_load(&first->deadline_ns)))
            first = timer;
    }
    return first;
}

static int64_t next_ns(struct vtime_backend *backend)
{
    const struct vtime_slot *slot = first_waiter(shim_of(backend));
    const struct vtime_timer *timer = first_timer(shim_of(backend));
    int64_t slot_ns = slot ? atomic_load(&slot->deadline_ns) : VTIME_NEVER;
    int64_t timer_ns = timer ? atomic_load(&timer->deadline_ns) : VTIME_NEVER;

    return slot_ns < timer_ns ? slot_ns : timer_ns;
}

static void send_signal(struct vtime_timer *timer)
{
    siginfo_t info = {0};
    pid_t pid = atomic_load(&timer->pid), tid = atomic_load(&timer->tid);
    int number = atomic_load(&timer->signal);

    if (number == 0)
        return;
    info.si_signo = number;
    info.si_code = SI_TIMER;
    info.si_value.sival_ptr = (void *)(uintptr_t)atomic_load(&timer->value);
    if (atomic_load(&timer->is_itimer))
        kill(pid, number);
    else if (tid)
        syscall(SYS_rt_tgsigqueueinfo, pid, tid, number, &info);
    else
        syscall(SYS_rt_sigqueueinfo, pid, number, &info);
}

static void fire(struct vtime_backend *backend)
{
    struct vtime_slot *slot = first_waiter(shim_of(backend));
    struct vtime_timer *timer = first_timer(shim_of(backend));

    if (timer && atomic_load(&timer->deadline_ns) <= backend->now_ns) {
        int64_t interval_ns = atomic_load(&timer->interval_ns);

        atomic_store(&timer->deadline_ns,
                     interval_ns ? atomic_load(&timer->deadline_ns) + interval_ns : VTIME_NEVER);
        send_signal(timer);
        vtime_disturb(backend->vtime);
    } else if (slot && atomic_load(&slot->deadline_ns) <= backend->now_ns) {
        shim_void_words(shim_of(backend));
        atomic_store(&slot->granted, atomic_load(&slot->seq));
        wake(slot);
    }
}

static void set_now(struct vtime_backend *backend, int64_t now_ns)
{
    backend->now_ns = now_ns;
    atomic_store(&shim_of(backend)->page->now_ns, now_ns);
}

static void pause_for(struct vtime_backend *backend, unsigned pause_us)
{
    shim_listen(shim_of(backend), pause_us, false);
}

static void await_word(struct vtime_backend *backend, unsigned limit_us)
{
    shim_listen(shim_of(backend), limit_us, true);
}

/* ---- the page ---- */

static int make_page(struct shim_backend *shim)
{
    shim->page_fd = memfd_create("hayeswire-vtime", MFD_CLOEXEC);
    if (shim->page_fd < 0 || ftruncate(shim->page_fd, sizeof(*shim->page)) < 0)
        return -errno;
    shim->page = mmap(NULL, sizeof(*shim->page), PROT_READ | PROT_WRITE, MAP_SHARED, shim->page_fd,
                      0);
    if (shim->page == MAP_FAILED) {
        shim->page = NULL;
        return -errno;
    }
    shim->page->magic = VTIME_MAGIC;
    shim->page->abi = VTIME_ABI;
    shim->page->size_bytes = sizeof(*shim->page);
    shim->page->seed = vtime_seed(shim->base.vtime);
    return 0;
}

static void backend_free(struct vtime_backend *backend)
{
    struct shim_backend *shim = shim_of(backend);

    vtime_tasks_deinit(&backend->tasks);
    if (shim->page)
        munmap(shim->page, sizeof(*shim->page));
    if (shim->page_fd >= 0)
        close(shim->page_fd);
    if (shim->loadavg_fd >= 0)
        close(shim->loadavg_fd);
    free(shim->library);
    free(shim->page_path);
    free(shim);
}

void vtime_shim_environment(struct vtime_backend *backend, const char *asan, struct names *env)
{
    struct shim_backend *shim = shim_of(backend);
    const char *others = getenv("LD_PRELOAD");
    char *preload;

    /* The sanitizer insists on being the first; its wrappers then call ours. */
    preload = xasprintf("LD_PRELOAD=%s%s%s%s%s", asan, *asan ? ":" : "", shim->library,
                        others && *others ? ":" : "", others ? others : "");
    names_add(env, preload);
    free(preload);
    preload = xasprintf("%s=%s", VTIME_PAGE_VARIABLE, shim->page_path);
    names_add(env, preload);
    free(preload);
}

struct vtime_page *vtime_shim_page(struct vtime_backend *backend)
{
    return shim_of(backend)->page;
}

static const struct vtime_backend_ops shim_ops = {
    .name = "shim",
    .born = born,
    .gone = gone,
    .pump = pump,
    .is_settled = is_settled,
    .word = shim_word,
    .await_word = await_word,
    .sending = shim_sending,
    .sent = shim_sent,
    .hold_words = shim_hold_words,
    .refresh = refresh,
    .next_ns = next_ns,
    .fire = fire,
    .set_now = set_now,
    .pause = pause_for,
    .free = backend_free,
};

struct vtime_backend *vtime_shim_new(struct vtime *vtime, struct buf *error_out)
{
    struct shim_backend *shim = xcalloc(1, sizeof(*shim));
    int r;

    shim->base = (struct vtime_backend){.ops = &shim_ops, .vtime = vtime};
    shim->page_fd = -1;
    shim->loadavg_fd = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
    shim->library = vtime_shim_library();
    r = shim->loadavg_fd < 0 ? -errno : shim->library ? make_page(shim) : -ENOENT;
    if (r == 0) {
        shim->page_path = xasprintf("/proc/%d/fd/%d", (int)getpid(), shim->page_fd);
        return &shim->base;
    }
    buf_printf(error_out, "the preload shim of virtual time: %s",
               shim->library ? strerror(-r) : "libhayeswire-vtime.so is not beside hayeswire");
    backend_free(&shim->base);
    return NULL;
}
