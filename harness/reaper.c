/* SPDX-License-Identifier: MIT */
#include "harness/reaper.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* A fork bomb gets away after this many rounds: better than never ending ourselves. */
#define ROUND_MAX 64

void reaper_adopt(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* Return: how many were killed. */
static unsigned kill_round(bool (*is_known)(void *arg, pid_t pid), void *arg)
{
    unsigned killed = 0;
    char path[64];
    FILE *file;
    int pid;

    snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    file = fopen(path, "re");
    if (!file)
        return 0; /* a kernel without CONFIG_PROC_CHILDREN: process groups have to do */
    while (fscanf(file, "%d", &pid) == 1) {
        if (is_known && is_known(arg, pid))
            continue;
        kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
        killed++;
    }
    fclose(file);
    return killed;
}

void reaper_kill_strays(bool (*is_known)(void *arg, pid_t pid), void *arg)
{
    for (unsigned round = 0; round < ROUND_MAX && kill_round(is_known, arg) > 0; round++)
        ;
}
