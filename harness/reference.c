/* SPDX-License-Identifier: MIT */
#include "harness/reference.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/run_dir.h"
#include "harness/run_options.h"
#include "harness/trial.h"
#include "harness/trial_case.h"
#include "harness/trial_plan.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"

/* The scenario as if it had armed nothing. */
static _Noreturn void run(const struct run_options *options, const struct trial_case *item,
                          const char *dir, uint64_t limit_us)
{
    struct run_options calm = *options;
    struct trial_case again = *item;
    struct trial_plan plan = {
        .mode = TRIAL_RECORD,
        .disarms = true,
        .points = xasprintf("%s/points.jsonl", dir),
        .reference = xasprintf("%s/course.txt", dir),
    };

    mkdir(dir, 0777);
    calm.timeout_us = limit_us;
    calm.tty_link = NULL;
    calm.trace = TRACE_OFF;
    calm.transcript = false;
    again.dir = xstrdup(dir);
    again.plan = &plan;
    again.result = (struct trial_result){0};
    trial_main(&calm, &again, open("/dev/null", O_WRONLY | O_CLOEXEC));
}

static _Noreturn void wait_and_run(const struct run_options *options, const struct trial_case *item,
                                   const char *dir, int fd)
{
    uint64_t limit_us;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (read(fd, &limit_us, sizeof(limit_us)) != (ssize_t)sizeof(limit_us))
        _exit(0);
    run(options, item, dir, limit_us);
}

void reference_prepare(struct reference *reference, const struct run_options *options,
                       const struct trial_case *item)
{
    int fds[2];
    pid_t pid;

    *reference = (struct reference){0};
    if (pipe2(fds, O_CLOEXEC) < 0)
        return;
    reference->dir = xasprintf("%s/fault-free", item->dir);
    fflush(NULL); /* or it would print again what waits in our buffers */
    pid = fork();
    if (pid == 0) {
        close(fds[1]);
        wait_and_run(options, item, reference->dir, fds[0]);
    }
    close(fds[0]);
    reference->fd = fds[1];
    reference->pid = pid > 0 ? pid : 0;
}

void reference_dismiss(struct reference *reference)
{
    if (!reference->dir)
        return;
    close(reference->fd);
    if (reference->pid > 0)
        waitpid(reference->pid, NULL, 0);
    folder_remove(reference->dir);
    free(reference->dir);
    *reference = (struct reference){0};
}

void reference_difference(struct reference *reference, uint64_t limit_us, const struct trace *trace,
                          struct buf *out)
{
    char *course, *kept;

    if (reference->pid == 0 ||
        write(reference->fd, &limit_us, sizeof(limit_us)) != (ssize_t)sizeof(limit_us))
        return;
    course = xasprintf("%s/course.txt", reference->dir);
    kept = xasprintf("%s.txt", reference->dir);
    if (waitpid(reference->pid, NULL, 0) == reference->pid)
        course_difference(trace, course, out);
    rename(course, kept); /* for the page; when there is none, there is no comparison there */
    reference->pid = 0;
    free(course);
    free(kept);
}
