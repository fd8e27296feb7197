/* SPDX-License-Identifier: MIT */
#include "harness/tty_link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"

int tty_link_check(const char *path, struct buf *error_out)
{
    struct stat st;

    if (lstat(path, &st) == 0 && !S_ISLNK(st.st_mode)) {
        buf_printf(error_out, "%s: exists and is not a symlink; it is not replaced", path);
        return -EEXIST;
    }
    return 0;
}

int tty_link_set(const char *path, const char *target, struct buf *error_out)
{
    char *fresh;
    int r = tty_link_check(path, error_out);

    if (r < 0)
        return r;
    fresh = xasprintf("%s.%d", path, (int)getpid());
    unlink(fresh);
    if (symlink(target, fresh) < 0 || rename(fresh, path) < 0) {
        r = -errno;
        buf_printf(error_out, "%s: %s", path, strerror(-r));
        unlink(fresh);
    }
    free(fresh);
    return r;
}

void tty_link_remove(const char *path)
{
    struct stat st;

    if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
        unlink(path);
}
