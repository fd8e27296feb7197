/*
 * Are all threads of the hosts asleep? Judged by three files in /proc for each thread.
 *
 * State S in "stat" is no proof of sleep: the kernel sets it before its last look at what the
 * thread waits for, while the thread is still on the CPU. "syscall" is exact, since the kernel
 * answers it only when the thread is off the CPU, and says "running" otherwise; but for the moment
 * in which another CPU has to be told of a wake-up, where only "stat" says R. "schedstat" counts
 * runs: unchanged from one look to the next, the thread did not run in between.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buf;

struct vtime_task {
    pid_t tgid, tid;
    int syscall_fd, stat_fd, schedstat_fd;
    char state;        /* of the last look: as in stat; 'R' = on a CPU or ready for one */
    uint64_t image;    /* see vtime_image() */
    uint64_t ran;      /* a number that changes when the thread runs; 0 = not seen asleep */
    uint64_t slept_at; /* that number in a proven sleep; 0 = never */
    int call;          /* number of the system call that it sleeps in; -1 = none */
    unsigned long args[6];
    bool is_told;   /* its wait was warned of */
    bool is_parked; /* a stopped one that its tracer leaves so: as good as asleep */
};

struct vtime_tasks {
    struct vtime_task **items;
    size_t count, cap;
    int error; /* why /proc could not be read, as a negative errno; 0 = it could */
};

enum vtime_look {
    VTIME_ASLEEP,
    VTIME_BUSY,
    VTIME_GONE, /* at least one thread has ended: look who is left */
};

void vtime_tasks_deinit(struct vtime_tasks *tasks);
struct vtime_task *vtime_tasks_find(const struct vtime_tasks *tasks, pid_t tid);
bool vtime_tasks_has_process(const struct vtime_tasks *tasks, pid_t tgid);
/* Watch a thread; known ones stay as they are. Return: it, or NULL when it has gone already. */
struct vtime_task *vtime_tasks_add(struct vtime_tasks *tasks, pid_t tgid, pid_t tid);
void vtime_tasks_remove(struct vtime_tasks *tasks, struct vtime_task *task);

/*
 * Whether all are asleep, and none has run since the look before. So neither the first look at a
 * thread nor the first after it ran says so. It stops at the first thread that is busy or gone.
 * is_alone = there are no hosts but those of this list: of a single thread one look is enough.
 */
enum vtime_look vtime_tasks_look(struct vtime_tasks *tasks, bool is_alone);

/* "thread 12 of pid 11 (sh) waits in read(3)", a line for each. */
void vtime_tasks_describe(const struct vtime_tasks *tasks, struct buf *out);
void vtime_task_describe(const struct vtime_task *task, struct buf *out);
/* Whether the thread sleeps in a call that ends by itself, by the kernel's clock. */
bool vtime_task_has_limit(const struct vtime_task *task);
/* Tgid and PPid of /proc/TID/status. Return: whether the thread is there. */
bool vtime_task_parents(pid_t tid, pid_t *tgid_out, pid_t *ppid_out);
