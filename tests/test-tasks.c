/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/vtime/tasks.h"

#define NOBODY 65534

/* What a process that has just ended looks like. Return: 0 when all is well. */
static int watch_one_that_ended(void)
{
    struct vtime_tasks tasks = {0};
    siginfo_t info;
    pid_t pid = fork();
    int status = 0;

    if (pid == 0)
        _exit(0);
    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0)
        status = 1;
    else if (!vtime_tasks_add(&tasks, pid, pid) || tasks.error != 0)
        status = 2;
    else if (vtime_tasks_look(&tasks, false) != VTIME_BUSY)
        status = 3; /* it may have woken others in the end: never at once */
    else if (vtime_tasks_look(&tasks, false) != VTIME_ASLEEP)
        status = 4;
    vtime_tasks_deinit(&tasks);
    return status;
}

/*
 * A host may have ended before it is looked at for the first time. Most of its files in /proc
 * belong to root by then: for anybody else that must not look like a kernel that forbids looking at
 * all.
 */
static void test_a_host_may_have_ended_already(void **state)
{
    pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        if (getuid() == 0 && (setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0))
            _exit(5);
        _exit(watch_one_that_ended());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_host_may_have_ended_already),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
