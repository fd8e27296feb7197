/* SPDX-License-Identifier: MIT */
#include "harness/vtime/tasks.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/vtime/page.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"

#define LINE_MAX_BYTES 512
#define PF_EXITING     0x4 /* of the kernel's flags of a thread, field 9 of stat */
#define SEEN_ENDED     1   /* as what a zombie has run: no thread ever gets away with so little */

/* ---- the list ---- */

static int open_of(pid_t tgid, pid_t tid, const char *name)
{
    char path[80];

    snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", (int)tgid, (int)tid, name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

/* Return: whether there is a text. */
static bool read_line(int fd, char text[LINE_MAX_BYTES])
{
    ssize_t len = pread(fd, text, LINE_MAX_BYTES - 1, 0);

    text[len > 0 ? len : 0] = '\0';
    return len > 0;
}

/* Return: what follows the name in "stat", " S 1 ..."; NULL when the thread has gone. */
static const char *read_stat(const struct vtime_task *task, char text[LINE_MAX_BYTES])
{
    const char *name_end = read_line(task->stat_fd, text) ? strrchr(text, ')') : NULL;

    return name_end && name_end[1] != '\0' ? name_end + 1 : NULL;
}

/* The files of a thread that ends belong to root already: that says nothing about the others. */
static bool is_ending(const struct vtime_task *task)
{
    char text[LINE_MAX_BYTES];
    const char *rest = read_stat(task, text);
    unsigned long flags;

    return !rest || sscanf(rest, " %*c %*d %*d %*d %*d %*d %lu", &flags) != 1 ||
           (flags & PF_EXITING);
}

static void task_free(struct vtime_task *task)
{
    if (task->syscall_fd >= 0)
        close(task->syscall_fd);
    if (task->stat_fd >= 0)
        close(task->stat_fd);
    if (task->schedstat_fd >= 0)
        close(task->schedstat_fd);
    free(task);
}

void vtime_tasks_deinit(struct vtime_tasks *tasks)
{
    for (size_t i = 0; i < tasks->count; i++)
        task_free(tasks->items[i]);
    free(tasks->items);
    *tasks = (struct vtime_tasks){0};
}

struct vtime_task *vtime_tasks_find(const struct vtime_tasks *tasks, pid_t tid)
{
    for (size_t i = 0; i < tasks->count; i++) {
        if (tasks->items[i]->tid == tid)
            return tasks->items[i];
    }
    return NULL;
}

bool vtime_tasks_has_process(const struct vtime_tasks *tasks, pid_t tgid)
{
    for (size_t i = 0; i < tasks->count; i++) {
        if (tasks->items[i]->tgid == tgid)
            return true;
    }
    return false;
}

struct vtime_task *vtime_tasks_add(struct vtime_tasks *tasks, pid_t tgid, pid_t tid)
{
    struct vtime_task *task = vtime_tasks_find(tasks, tid);
    int r;

    if (task)
        return task;
    task = xcalloc(1, sizeof(*task));
    task->tgid = tgid;
    task->tid = tid;
    task->stat_fd = open_of(tgid, tid, "stat");
    task->syscall_fd = open_of(tgid, tid, "syscall");
    r = task->syscall_fd < 0 ? -errno : 0;
    if (r < 0 && r != -ENOENT && r != -ESRCH && !is_ending(task))
        tasks->error = r;
    task->schedstat_fd = open_of(tgid, tid, "schedstat");
    if (task->schedstat_fd < 0 && task->syscall_fd >= 0 && errno == ENOENT && task->stat_fd >= 0 &&
        access("/proc/self/schedstat", F_OK) < 0)
        tasks->error = -ENOSYS;
    if (task->stat_fd < 0) {
        task_free(task);
        return NULL;
    }
    if (tasks->count == tasks->cap) {
        tasks->cap = tasks->cap ? tasks->cap * 2 : 16;
        tasks->items = xrealloc(tasks->items, tasks->cap * sizeof(*tasks->items));
    }
    tasks->items[tasks->count++] = task;
    return task;
}

void vtime_tasks_remove(struct vtime_tasks *tasks, struct vtime_task *task)
{
    for (size_t i = 0; i < tasks->count; i++) {
        if (tasks->items[i] != task)
            continue;
        memmove(tasks->items + i, tasks->items + i + 1,
                (tasks->count - i - 1) * sizeof(*tasks->items));
        tasks->count--;
        task_free(task);
        return;
    }
}

/* ---- looking ---- */

/* "232 0x7 0x7ffc 0x20 ...", "-1 0x... 0x..." outside any call, or "running". */
static void parse_call(struct vtime_task *task, const char *text)
{
    char *end;

    task->call = (int)strtol(text, &end, 10);
    for (size_t i = 0; i < 6; i++)
        task->args[i] = task->call >= 0 ? strtoul(end, &end, 16) : 0;
}

static enum vtime_look look_at_state(struct vtime_task *task)
{
    char text[LINE_MAX_BYTES];
    const char *rest = read_stat(task, text);

    if (!rest)
        return VTIME_GONE;
    task->state = rest[1];
    task->image = vtime_image(rest);
    return task->state == 'X' || task->state == 'x' ? VTIME_GONE : VTIME_ASLEEP;
}

static bool is_running(struct vtime_task *task, char text[LINE_MAX_BYTES])
{
    if (!read_line(task->syscall_fd, text) || text[0] != 'r')
        return false;
    task->state = 'R';
    return true;
}

/* Nanoseconds on a CPU, nanoseconds waiting for one, number of runs. */
static bool read_ran(struct vtime_task *task, uint64_t *ran_out)
{
    char text[LINE_MAX_BYTES];
    uint64_t time, wait, runs;

    if (!read_line(task->schedstat_fd, text) ||
        sscanf(text, "%" SCNu64 " %" SCNu64 " %" SCNu64, &time, &wait, &runs) != 3)
        return false;
    *ran_out = time * 1000003u + runs;
    return true;
}

static enum vtime_look look_at(struct vtime_task *task)
{
    char text[LINE_MAX_BYTES];
    uint64_t ran, before = task->ran;

    task->ran = 0; /* until it is seen asleep */
    if (is_running(task, text))
        return VTIME_BUSY;
    if (look_at_state(task) == VTIME_GONE)
        return VTIME_GONE;
    if (task->state == 'Z' || (task->state == 't' && task->is_parked)) {
        task->ran = SEEN_ENDED;
        return before == SEEN_ENDED ? VTIME_ASLEEP : VTIME_BUSY;
    }
    if (task->state != 'S' && task->state != 'T')
        return VTIME_BUSY;
    if (text[0] == '\0' || !read_ran(task, &ran))
        return VTIME_GONE;
    /*
     * It may have been woken from another CPU after "syscall" was read: "stat" has excluded that
     * up to its own reading, and what has happened since shows in the next look.
     */
    task->ran = ran;
    parse_call(task, text);
    return ran == before ? VTIME_ASLEEP : VTIME_BUSY;
}

/*
 * With one thread there is nobody but us to wake it, and we stand still: one look is enough, if it
 * has not run from the first question to the last, so that all answers speak of the same sleep.
 */
static enum vtime_look look_at_only_one(struct vtime_task *task)
{
    uint64_t ran, ran_then;
    char text[LINE_MAX_BYTES];

    if (!read_ran(task, &ran) || look_at_state(task) == VTIME_GONE)
        return VTIME_GONE;
    if (task->state == 'R' || task->state == 'D')
        return VTIME_BUSY;
    if (task->state != 'S')
        return look_at(task);
    if (ran != task->slept_at) { /* else it is the sleep that it was found in before */
        if (is_running(task, text))
            return VTIME_BUSY;
        parse_call(task, text);
    }
    if (!read_ran(task, &ran_then) || ran_then != ran)
        return VTIME_BUSY;
    task->slept_at = ran;
    return VTIME_ASLEEP;
}

enum vtime_look vtime_tasks_look(struct vtime_tasks *tasks, bool is_alone)
{
    if (is_alone && tasks->count == 1)
        return look_at_only_one(tasks->items[0]);
    for (size_t i = 0; i < tasks->count; i++) {
        enum vtime_look look = look_at(tasks->items[i]);

        if (look != VTIME_ASLEEP)
            return look;
    }
    return VTIME_ASLEEP;
}

/* ---- telling ---- */

struct call_name {
    int number;
    const char *name;
};

/* The calls that programs sleep in. */
static const struct call_name call_names[] = {
    {SYS_read,            "read"           },
    {SYS_readv,           "readv"          },
    {SYS_write,           "write"          },
    {SYS_ppoll,           "ppoll"          },
    {SYS_pselect6,        "pselect6"       },
    {SYS_epoll_pwait,     "epoll_pwait"    },
    {SYS_epoll_pwait2,    "epoll_pwait2"   },
    {SYS_nanosleep,       "nanosleep"      },
    {SYS_clock_nanosleep, "clock_nanosleep"},
    {SYS_futex,           "futex"          },
    {SYS_wait4,           "wait4"          },
    {SYS_waitid,          "waitid"         },
    {SYS_rt_sigtimedwait, "rt_sigtimedwait"},
    {SYS_rt_sigsuspend,   "rt_sigsuspend"  },
    {SYS_accept4,         "accept4"        },
    {SYS_connect,         "connect"        },
    {SYS_recvfrom,        "recvfrom"       },
    {SYS_recvmsg,         "recvmsg"        },
    {SYS_sendto,          "sendto"         },
    {SYS_openat,          "openat"         },
    {SYS_fcntl,           "fcntl"          },
    {SYS_flock,           "flock"          },
    {SYS_ioctl,           "ioctl"          },
#ifdef SYS_poll
    {SYS_poll,            "poll"           },
    {SYS_select,          "select"         },
    {SYS_epoll_wait,      "epoll_wait"     },
    {SYS_pause,           "pause"          },
#endif
};

static const char *name_of_call(int number)
{
    for (size_t i = 0; i < ARRAY_LEN(call_names); i++) {
        if (call_names[i].number == number)
            return call_names[i].name;
    }
    return NULL;
}

static bool takes_descriptor(int number)
{
    return number == SYS_read || number == SYS_readv || number == SYS_write ||
           number == SYS_recvfrom || number == SYS_recvmsg || number == SYS_accept4 ||
           number == SYS_connect || number == SYS_ioctl || number == SYS_fcntl;
}

static void add_program(pid_t tgid, struct buf *out)
{
    char path[64], text[LINE_MAX_BYTES] = "";
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/comm", (int)tgid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (read_line(fd, text)) {
        text[strcspn(text, "\n")] = '\0';
        buf_printf(out, " (%s)", text);
    }
    close(fd);
}

void vtime_task_describe(const struct vtime_task *task, struct buf *out)
{
    const char *name = name_of_call(task->call);

    buf_printf(out, "thread %d of pid %d", (int)task->tid, (int)task->tgid);
    add_program(task->tgid, out);
    if (task->state == 'Z')
        buf_add_text(out, " has ended");
    else if (task->state == 'T' || task->state == 't')
        buf_add_text(out, " is stopped by a signal");
    else if (task->state == 'R')
        buf_add_text(out, " is running");
    else if (task->call < 0)
        buf_add_text(out, " waits outside any call");
    else if (!name)
        buf_printf(out, " waits in system call %d", task->call);
    else if (takes_descriptor(task->call))
        buf_printf(out, " waits in %s(%lu)", name, task->args[0]);
    else
        buf_printf(out, " waits in %s", name);
}

void vtime_tasks_describe(const struct vtime_tasks *tasks, struct buf *out)
{
    for (size_t i = 0; i < tasks->count; i++) {
        if (out->len > 0)
            buf_add_char(out, '\n');
        vtime_task_describe(tasks->items[i], out);
    }
}

bool vtime_task_has_limit(const struct vtime_task *task)
{
    switch (task->call) {
    case SYS_nanosleep:
    case SYS_clock_nanosleep:
        return true;
    case SYS_futex:
        return task->args[3] != 0 && ((task->args[1] & FUTEX_CMD_MASK) == FUTEX_WAIT ||
                                      (task->args[1] & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET);
    case SYS_ppoll:
    case SYS_rt_sigtimedwait:
        return task->args[2] != 0;
    case SYS_pselect6:
        return task->args[4] != 0;
    case SYS_epoll_pwait:
        return (int)task->args[3] > 0;
#ifdef SYS_poll
    case SYS_poll:
        return (int)task->args[2] > 0;
    case SYS_select:
        return task->args[4] != 0;
    case SYS_epoll_wait:
        return (int)task->args[3] > 0;
#endif
    default:
        return false;
    }
}

bool vtime_task_parents(pid_t tid, pid_t *tgid_out, pid_t *ppid_out)
{
    char path[64], text[4096];
    const char *tgid, *ppid;
    ssize_t len = -1;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)tid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        len = read(fd, text, sizeof(text) - 1);
        close(fd);
    }
    text[len > 0 ? len : 0] = '\0';
    tgid = strstr(text, "\nTgid:");
    ppid = strstr(text, "\nPPid:");
    if (!tgid || !ppid)
        return false;
    *tgid_out = (pid_t)strtol(tgid + 6, NULL, 10);
    *ppid_out = (pid_t)strtol(ppid + 6, NULL, 10);
    return true;
}
