/*
 * The program under test: one process group, its stdout and stderr line by line in the trace, its
 * exit seen through a pidfd.
 *
 * The leader is left a zombie until host_free(), so that neither its pid nor its process group can
 * be given to somebody else while we may still send signals to them.
 * Ownership: host_free() kills whatever of the group is alive, and reaps. Errors: negative errno
 * with one line of text. Single thread.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buf;
struct clock;
struct host;
struct loop;
struct trace;

#define HOST_LINE_MAX     8192u       /* bytes of one line of output; the rest is cut and noted */
#define HOST_FILE_MAX     (16u << 20) /* bytes kept in each of NAME.out and NAME.err */
#define HOST_STOP_WALL_US 500000u     /* between SIGTERM and SIGKILL */
#define HOST_WHO_MAX      31          /* bytes of a host's name */

/* Who looks after a host's process beside us: virtual time. */
struct host_minder {
    /* In the child right before its exec: async-signal-safe calls only. NULL = nothing to do. */
    void (*in_child)(const struct host_minder *minder);
    /*
     * The child is there; with in_child it waits for our word before its exec, else it may be the
     * program already. Return: 0, or -errno with a message: it ends.
     */
    int (*born)(const struct host_minder *minder, pid_t pid, struct buf *error_out);
    /* Its group is about to be sent a signal. */
    void (*signalling)(const struct host_minder *minder);
    /* Its group was killed, and its leader will be reaped next. */
    void (*gone)(const struct host_minder *minder, pid_t pid);
    void *arg;
};

struct host_config {
    struct loop *loop;
    struct clock *clock;
    struct trace *trace;
    const char *who;         /* "host" in the trace; host.out and host.err are named after it */
    const char *dir;         /* where its raw output is appended; NULL = nowhere */
    const char *program;     /* the file to execute */
    const char *const *argv; /* NULL-terminated */
    const char *const
        *env; /* "NAME=value" to add to or replace in ours; NULL-terminated, or NULL */
    const struct host_minder *minder; /* borrowed for the host's life; NULL = nobody */
};

/* All of config but loop, clock and trace is copied or used up by the call. */
int host_start(const struct host_config *config, struct host **host_out, struct buf *error_out);
/* Safe on NULL. */
void host_free(struct host *host);

pid_t host_pid(const struct host *host);
bool host_is_running(const struct host *host);
/* The leader is gone and both its pipes are closed: no more output can come. */
bool host_is_silent(const struct host *host);
/* Once it is not running: Return: the exit status, or -1 and the signal that killed it. */
int host_exit_status(const struct host *host, int *signal_out);
/* Send a signal to the whole group, as a terminal would. Nothing happens once it is not running. */
void host_signal(struct host *host, int signal);
/* SIGTERM now, SIGKILL after HOST_STOP_WALL_US. Returns at once. */
void host_stop(struct host *host);
/* "pid 4711 running; last stderr: ..." for the report of a failure. */
void host_describe(const struct host *host, struct buf *out);

/* "TERM", "SIGTERM" or "sigterm" to its number. Return: 0, or -ENOENT with the nearest name. */
int host_signal_parse(const char *name, int *signal_out, struct buf *error_out);
