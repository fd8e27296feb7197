/* Programs that are measured, and the folders that they work in. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/base/mem.h"
#include "tests/bench/measure.h"

#define FTW_FDS 16

extern char **environ;

pid_t process_spawn(char *const *argv, int stdout_fd)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int r;

    posix_spawn_file_actions_init(&actions);
    if (stdout_fd >= 0)
        posix_spawn_file_actions_adddup2(&actions, stdout_fd, STDOUT_FILENO);
    else
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    r = posix_spawn(&pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (r != 0)
        die("%s: %s", argv[0], strerror(r));
    return pid;
}

static double ms_since(uint64_t start_ns)
{
    return (double)(now_ns() - start_ns) / 1e6;
}

double process_run(char *const *argv)
{
    uint64_t start_ns = now_ns();
    pid_t pid = process_spawn(argv, -1);
    int status;

    if (waitpid(pid, &status, 0) != pid)
        die("%s: %s", argv[0], strerror(errno));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        die("%s did not succeed", argv[0]);
    return ms_since(start_ns);
}

char *tree_make(void)
{
    const char *tmp = getenv("TMPDIR");
    char *dir = xasprintf("%s/hayeswire-bench-XXXXXX", tmp && *tmp ? tmp : "/tmp");

    if (!mkdtemp(dir))
        die("%s: %s", dir, strerror(errno));
    return dir;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *place)
{
    return remove(path);
}

void tree_remove(const char *dir)
{
    nftw(dir, remove_entry, FTW_FDS, FTW_DEPTH | FTW_PHYS);
}
