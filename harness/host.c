/* SPDX-License-Identifier: MIT */
#include "harness/host.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/host_output.h"
#include "sim/base/buf.h"
#include "sim/base/clock.h"
#include "sim/base/loop.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/base/trace.h"

extern char **environ;

struct host {
    struct loop *loop;
    struct clock *clock;
    struct trace *trace;
    const struct host_minder *minder;
    char who[HOST_WHO_MAX + 1];
    pid_t pid;
    int pidfd;
    struct event *exited;
    struct timer kill_timer;
    struct host_output out, err;
    bool running;
    int status;      /* exit status, -1 when killed */
    int killed_by;   /* signal, 0 when it exited */
    uint64_t end_us; /* modem time of the exit */
};

/* ---- the end of the process ---- */

static void note_exit(struct host *host, const siginfo_t *info)
{
    host->running = false;
    host->end_us = clock_now_us(host->clock);
    clock_cancel(host->clock, &host->kill_timer);
    if (info->si_code == CLD_EXITED) {
        host->status = info->si_status;
        trace_addf(host->trace, TRACE_HOST, host->who, "exited with %d", host->status);
        return;
    }
    host->status = -1;
    host->killed_by = info->si_status;
    trace_addf(host->trace, TRACE_HOST, host->who, "killed by SIG%s%s",
               sigabbrev_np(host->killed_by) ? sigabbrev_np(host->killed_by) : "?",
               info->si_code == CLD_DUMPED ? " (core dumped)" : "");
}

static void on_exited(evutil_socket_t fd, short what, void *arg)
{
    struct host *host = arg;
    siginfo_t info = {0};

    if (waitid(P_PIDFD, (id_t)host->pidfd, &info, WEXITED | WNOWAIT | WNOHANG) < 0 || !info.si_pid)
        return;
    event_del(host->exited);
    /*
     * Its last words belong before its end. What a child of it still holding the pipes says comes
     * later through the loop; the end of the pipes is not waited for.
     */
    host_output_drain(&host->err);
    host_output_drain(&host->out);
    note_exit(host, &info);
}

static void on_kill_timer(void *arg)
{
    struct host *host = arg;

    trace_addf(host->trace, TRACE_HOST, host->who, "still there after SIGTERM: SIGKILL");
    host_signal(host, SIGKILL);
}

void host_signal(struct host *host, int signal)
{
    if (!host->running)
        return;
    if (host->minder)
        host->minder->signalling(host->minder);
    kill(-host->pid, signal);
}

void host_stop(struct host *host)
{
    uint64_t wait_us = (uint64_t)((double)HOST_STOP_WALL_US * host->clock->scale);

    if (!host->running)
        return;
    trace_addf(host->trace, TRACE_HOST, host->who, "asked to end: SIGTERM");
    host_signal(host, SIGTERM);
    host_signal(host, SIGCONT); /* a stopped process would not hear it */
    clock_after(host->clock, &host->kill_timer, wait_us, on_kill_timer, host);
}

void host_free(struct host *host)
{
    if (!host)
        return;
    /* The zombie keeps the group's number ours, so this reaches its children and nobody else. */
    kill(-host->pid, SIGKILL);
    if (host->minder)
        host->minder->gone(host->minder, host->pid);
    while (waitpid(host->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    clock_cancel(host->clock, &host->kill_timer);
    if (host->exited)
        event_free(host->exited);
    if (host->pidfd >= 0)
        close(host->pidfd);
    host_output_deinit(&host->out);
    host_output_deinit(&host->err);
    free(host);
}

/* ---- the start ---- */

/* Our environment, with `added` in front of what it replaces. The caller frees the array only. */
static char **merge_environment(const char *const *added)
{
    size_t ours = 0, more = 0, count = 0;
    char **merged;

    while (environ[ours])
        ours++;
    while (added && added[more])
        more++;
    merged = xcalloc(ours + more + 1, sizeof(*merged));
    for (size_t i = 0; i < more; i++)
        merged[count++] = (char *)added[i];
    for (size_t i = 0; i < ours; i++) {
        size_t name_len = strcspn(environ[i], "=") + 1;
        bool replaced = false;

        for (size_t j = 0; j < more && !replaced; j++)
            replaced = strncmp(environ[i], added[j], name_len) == 0;
        if (!replaced)
            merged[count++] = environ[i];
    }
    return merged;
}

struct start_pipes {
    int out[2], err[2], failed[2];
    int go[2]; /* a child that is taken in before its exec starts when it reads from here */
};

static void pipes_close(struct start_pipes *pipes)
{
    for (size_t i = 0; i < 2; i++) {
        if (pipes->out[i] >= 0)
            close(pipes->out[i]);
        if (pipes->err[i] >= 0)
            close(pipes->err[i]);
        if (pipes->failed[i] >= 0)
            close(pipes->failed[i]);
        if (pipes->go[i] >= 0)
            close(pipes->go[i]);
    }
}

static bool awaits_word(const struct host_config *config)
{
    return config->minder && config->minder->in_child;
}

static void await_word(const struct host_config *config, const struct start_pipes *pipes)
{
    char word;

    if (!awaits_word(config))
        return;
    close(pipes->go[1]);
    if (read(pipes->go[0], &word, 1) != 1)
        _exit(127); /* we were not taken in */
    config->minder->in_child(config->minder);
}

/*
 * In the child, which may share our memory, with all signals blocked: only async-signal-safe calls
 * from here to the exec, and no signal before our handlers are gone.
 */
static _Noreturn void become(const struct host_config *config, char **env,
                             const struct start_pipes *pipes, pid_t parent)
{
    struct sigaction plain = {.sa_handler = SIG_DFL};
    sigset_t none;
    int null_fd = open("/dev/null", O_RDONLY), error;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127); /* the parent died before the request above */
    /* All of them: a CI job in the background, for one, has SIGINT ignored, and passes it on. */
    for (int i = 1; i < NSIG; i++)
        sigaction(i, &plain, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (null_fd >= 0 && dup2(null_fd, 0) >= 0 && dup2(pipes->out[1], 1) >= 0 &&
        dup2(pipes->err[1], 2) >= 0) {
        if (null_fd > 2)
            close(null_fd);
        await_word(config, pipes);
        execve(config->program, (char *const *)config->argv, env);
    }
    error = errno;
    if (write(pipes->failed[1], &error, sizeof(error)) < 0)
        _exit(126);
    _exit(127);
}

/*
 * A copy of our memory is made only for a child that has to wait for a word of ours before its
 * exec; else it would be made in vain, and cost more than all the rest of the start.
 * Return: the child's pid, or -1 with errno.
 */
static pid_t begin(const struct host_config *config, char **env, const struct start_pipes *pipes)
{
    sigset_t all, before;
    pid_t parent = getpid(), pid;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid = awaits_word(config) ? fork() : vfork();
    if (pid == 0)
        become(config, env, pipes, parent);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return pid;
}

static void explain_exec(const char *program, int error, struct buf *error_out)
{
    const char *why = strerror(error);

    if (error == ENOENT && access(program, F_OK) == 0)
        why = "the interpreter that it asks for does not exist";
    else if (error == ENOEXEC)
        why = "neither a program for this machine nor a script with a #! line";
    else if (error == EACCES)
        why = "not executable";
    buf_printf(error_out, "%s: %s", program, why);
}

static void note_start(struct host *host, const struct host_config *config)
{
    struct buf text = {0};

    buf_printf(&text, "started pid %d:", (int)host->pid);
    for (size_t i = 0; config->argv[i]; i++)
        buf_printf(&text, " %s", config->argv[i]);
    trace_add(host->trace, TRACE_HOST, host->who, text.data, text.len);
    buf_deinit(&text);
}

static struct host *adopt(const struct host_config *config, pid_t pid, struct start_pipes *pipes)
{
    struct host *host = xcalloc(1, sizeof(*host));

    assert(strlen(config->who) <= HOST_WHO_MAX);
    host->loop = config->loop;
    host->clock = config->clock;
    host->trace = config->trace;
    host->minder = config->minder;
    snprintf(host->who, sizeof(host->who), "%s", config->who);
    host->pid = pid;
    host->running = true;
    note_start(host, config);
    host_output_init(&host->out, config, TRACE_STDOUT, pipes->out[0]);
    host_output_init(&host->err, config, TRACE_STDERR, pipes->err[0]);
    pipes->out[0] = pipes->err[0] = -1;
    host->pidfd = pidfd_open(pid, 0);
    if (host->pidfd < 0)
        return host;
    host->exited = event_new(host->loop->events, host->pidfd, EV_READ | EV_PERSIST, on_exited,
                             host);
    assert(host->exited);
    event_priority_set(host->exited, LOOP_RANK_EXIT);
    event_add(host->exited, NULL);
    return host;
}

/* Return: 0, or -errno with a message, and the child is reaped. */
static int introduce(const struct host_config *config, pid_t pid, struct start_pipes *pipes,
                     struct buf *error_out)
{
    int r;

    if (!config->minder)
        return 0;
    r = config->minder->born(config->minder, pid, error_out);
    if (r == 0 && (!awaits_word(config) || write(pipes->go[1], "", 1) == 1))
        return 0;
    kill(-pid, SIGKILL); /* it may be the program already, with children of its own */
    config->minder->gone(config->minder, pid);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return r < 0 ? r : -EPIPE;
}

/* Return: 0 once the child has become the program; else its errno, and it is reaped. */
static int await_exec(const struct host_config *config, pid_t pid, struct start_pipes *pipes)
{
    int error = 0;
    ssize_t n;

    close(pipes->failed[1]);
    pipes->failed[1] = -1;
    do {
        n = read(pipes->failed[0], &error, sizeof(error));
    } while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof(error))
        return 0;
    if (config->minder)
        config->minder->gone(config->minder, pid);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return error;
}

int host_start(const struct host_config *config, struct host **host_out, struct buf *error_out)
{
    struct start_pipes pipes = {
        {-1, -1},
        {-1, -1},
        {-1, -1},
        {-1, -1}
    };
    char **env = NULL;
    pid_t pid;
    int r = 0;

    if (pipe2(pipes.out, O_CLOEXEC) < 0 || pipe2(pipes.err, O_CLOEXEC) < 0 ||
        pipe2(pipes.failed, O_CLOEXEC) < 0 ||
        (awaits_word(config) && pipe2(pipes.go, O_CLOEXEC) < 0)) {
        r = -errno;
        buf_printf(error_out, "no pipe for the host: %s", strerror(-r));
        goto out;
    }
    env = merge_environment(config->env);
    pid = begin(config, env, &pipes);
    if (pid < 0) {
        r = -errno;
        buf_printf(error_out, "no process for the host: %s", strerror(-r));
        goto out;
    }
    setpgid(pid, pid); /* whichever of the two comes first */
    r = introduce(config, pid, &pipes, error_out);
    if (r < 0)
        goto out;
    r = -await_exec(config, pid, &pipes);
    if (r < 0) {
        explain_exec(config->program, -r, error_out);
        goto out;
    }
    *host_out = adopt(config, pid, &pipes);
    if ((*host_out)->pidfd < 0) {
        r = -errno;
        buf_printf(error_out, "the kernel gives no pidfd: %s", strerror(-r));
        host_free(*host_out);
        *host_out = NULL;
    }
out:
    pipes_close(&pipes);
    free(env);
    return r;
}

/* ---- questions ---- */

pid_t host_pid(const struct host *host)
{
    return host->pid;
}

bool host_is_running(const struct host *host)
{
    return host->running;
}

bool host_is_silent(const struct host *host)
{
    return !host->running && host->out.fd < 0 && host->err.fd < 0;
}

int host_exit_status(const struct host *host, int *signal_out)
{
    assert(!host->running);
    *signal_out = host->killed_by;
    return host->status;
}

void host_describe(const struct host *host, struct buf *out)
{
    const char *last = host->err.last ? host->err.last : host->out.last;
    const char *name = sigabbrev_np(host->killed_by);

    if (host->running)
        buf_printf(out, "pid %d running", (int)host->pid);
    else if (host->killed_by)
        buf_printf(out, "killed by SIG%s", name ? name : "?");
    else
        buf_printf(out, "exited with %d", host->status);
    if (!host->running) {
        buf_add_text(out, " at +");
        text_format_clock(out, host->end_us);
    }
    if (!last) {
        buf_add_text(out, "; it printed nothing");
        return;
    }
    buf_printf(out, "; last %s: \"", host->err.last ? "stderr" : "stdout");
    text_add_visible(out, last, strlen(last));
    buf_add_char(out, '"');
}

int host_signal_parse(const char *name, int *signal_out, struct buf *error_out)
{
    const char *names[NSIG];
    size_t count = 0;
    const char *bare = strncasecmp(name, "SIG", 3) == 0 ? name + 3 : name, *near;

    for (int i = 1; i < NSIG; i++) {
        const char *known = sigabbrev_np(i);

        if (!known)
            continue;
        if (strcasecmp(known, bare) == 0) {
            *signal_out = i;
            return 0;
        }
        names[count++] = known;
    }
    near = text_nearest(bare, names, count);
    buf_printf(error_out, "no signal \"%s\"", name);
    if (near)
        buf_printf(error_out, "; did you mean \"%s\"?", near);
    return -ENOENT;
}
