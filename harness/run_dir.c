/* SPDX-License-Identifier: MIT */
#include "harness/run_dir.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness/names.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"

#define SAME_SECOND_MAX 1000 /* runs that may begin in one second */
#define OPEN_FOLDERS    8    /* descriptors that nftw may hold */

int path_make(const char *path)
{
    char *copy = xstrdup(path);
    int r = 0;

    for (char *slash = strchr(copy + 1, '/'); slash && r == 0; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(copy, 0777) < 0 && errno != EEXIST)
            r = -errno;
        *slash = '/';
    }
    if (r == 0 && mkdir(copy, 0777) < 0 && errno != EEXIST)
        r = -errno;
    free(copy);
    return r;
}

/* OUT/latest -> name, in one step. Somebody's own file of that name is left alone. */
static void point_latest(const char *out, const char *name)
{
    char *link = xasprintf("%s/latest", out), *fresh = xasprintf("%s/.latest.%s", out, name);
    struct stat st;

    if (lstat(link, &st) == 0 && !S_ISLNK(st.st_mode))
        fprintf(stderr, "hayeswire: %s is not a symlink; it is left as it is\n", link);
    else if (symlink(name, fresh) < 0 || rename(fresh, link) < 0)
        unlink(fresh);
    free(fresh);
    free(link);
}

int run_dir_make(const char *out, char **dir_out, struct buf *error_out)
{
    time_t now = time(NULL); /* a name for people; nothing is measured with it */
    char stamp[32], name[48];
    struct tm tm;
    int r = path_make(out);

    localtime_r(&now, &tm);
    strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &tm);
    snprintf(name, sizeof(name), "%s", stamp);
    for (unsigned n = 2; r == 0 && n < SAME_SECOND_MAX; n++) {
        *dir_out = xasprintf("%s/%s", out, name);
        if (mkdir(*dir_out, 0777) == 0) {
            point_latest(out, name);
            return 0;
        }
        r = errno == EEXIST ? 0 : -errno;
        free(*dir_out);
        snprintf(name, sizeof(name), "%s-%u", stamp, n);
    }
    *dir_out = NULL;
    if (r == 0)
        r = -EEXIST;
    buf_printf(error_out, "%s: no folder for the run: %s", out, strerror(-r));
    return r;
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    return remove(path);
}

const char *folder_runtime(void)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR"), *temporary = getenv("TMPDIR");

    if (runtime && access(runtime, W_OK) == 0)
        return runtime;
    return temporary && temporary[0] ? temporary : "/tmp";
}

int folder_make_private(const char *name, char **dir_out, struct buf *error_out)
{
    char *dir = xasprintf("%s/hayeswire-%s-XXXXXX", folder_runtime(), name);
    int r = 0;

    if (!mkdtemp(dir)) {
        r = -errno;
        buf_printf(error_out, "%s: %s", dir, strerror(-r));
        free(dir);
        return r;
    }
    *dir_out = dir;
    return r;
}

void folder_remove(const char *dir)
{
    nftw(dir, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}

static bool holds_something(const char *dir, const char *name)
{
    char *path = xasprintf("%s/%s", dir, name);
    struct stat st;
    bool wanted = stat(path, &st) == 0 && (S_ISDIR(st.st_mode) || st.st_size > 0);

    free(path);
    return wanted;
}

void folder_list(const char *dir, struct names *names_out)
{
    static const char *const first[] = {"transcript.txt", "trace.jsonl", "host.err", "host.out",
                                        "report.html"};
    struct names found = {0};

    names_add_folder(&found, dir, holds_something);
    names_sort(&found);
    for (size_t i = 0; i < ARRAY_LEN(first); i++) {
        for (size_t j = 0; j < found.count; j++) {
            if (strcmp(found.items[j], first[i]) == 0) {
                names_add(names_out, first[i]);
                found.items[j][0] = '\0';
            }
        }
    }
    for (size_t j = 0; j < found.count; j++) {
        if (found.items[j][0])
            names_add(names_out, found.items[j]);
    }
    names_deinit(&found);
}
