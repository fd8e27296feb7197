/* SPDX-License-Identifier: MIT */
#include "harness/program.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/names.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"

/* Return: 0, -ENOENT for no such file, -EACCES for one that is not a program. */
static int look_at(const char *path)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return -ENOENT;
    return S_ISREG(st.st_mode) && access(path, X_OK) == 0 ? 0 : -EACCES;
}

static bool is_program(const char *dir, const char *name)
{
    char *path = xasprintf("%s/%s", dir, name);
    int r = look_at(path);

    free(path);
    return r == 0;
}

/* The folders in which a bare name is looked for, in order. */
static void search_folders(struct names *folders)
{
    char self[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    const char *path = getenv("PATH");

    if (len > 0) {
        char *slash, *hosts;

        self[len] = '\0';
        slash = strrchr(self, '/');
        if (slash)
            *slash = '\0';
        names_add(folders, self);
        hosts = xasprintf("%s/../tests/hosts", self);
        names_add(folders, hosts);
        free(hosts);
    }
    while (path && *path) {
        size_t part = strcspn(path, ":");
        char *folder = xstrndup(path, part);

        names_add(folders, part ? folder : ".");
        free(folder);
        path += part + (path[part] == ':');
    }
}

static int find_path(const char *name, char **path_out, struct buf *error_out)
{
    int r = look_at(name);
    struct names near = {0};
    const char *base = strrchr(name, '/') + 1;
    char *dir = xstrndup(name, (size_t)(base - name));

    if (r == 0) {
        *path_out = xstrdup(name);
    } else if (r == -EACCES) {
        struct stat st;
        bool is_dir = stat(name, &st) == 0 && S_ISDIR(st.st_mode);

        buf_printf(error_out, "%s: %s", name,
                   is_dir ? "a folder, not a program" : "not executable (chmod +x?)");
    } else {
        buf_printf(error_out, "%s: no such program", name);
        names_add_folder(&near, dir, is_program);
        names_suggest(&near, base, dir, error_out);
    }
    names_deinit(&near);
    free(dir);
    return r;
}

int program_find(const char *name, char **path_out, struct buf *error_out)
{
    struct names folders = {0}, near = {0};
    int r = -ENOENT;

    if (strchr(name, '/'))
        return find_path(name, path_out, error_out);
    search_folders(&folders);
    for (size_t i = 0; i < folders.count && r < 0 && *name; i++) {
        if (is_program(folders.items[i], name)) {
            *path_out = xasprintf("%s/%s", folders.items[i], name);
            r = 0;
        }
    }
    if (r < 0) {
        buf_printf(error_out, "%s: no such program beside hayeswire or in PATH", name);
        for (size_t i = 0; i < folders.count; i++)
            names_add_folder(&near, folders.items[i], is_program);
        names_suggest(&near, name, "", error_out);
    }
    names_deinit(&near);
    names_deinit(&folders);
    return r;
}
