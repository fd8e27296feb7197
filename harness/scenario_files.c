/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/opts.h"
#include "harness/selection.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"

#define FOLDER_DEPTH_MAX 16 /* a symlink that points upwards ends here */

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_scenario(const char *name)
{
    size_t len = strlen(name);

    return len > 4 && strcmp(name + len - 4, ".lua") == 0;
}

static void add_below(const char *dir, unsigned depth, struct names *files)
{
    struct names entries = {0};
    size_t len = strlen(dir);

    while (len > 1 && dir[len - 1] == '/')
        len--;
    names_add_folder(&entries, dir, NULL);
    names_sort(&entries);
    for (size_t i = 0; i < entries.count; i++) {
        char *path = xasprintf("%.*s/%s", (int)len, dir, entries.items[i]);

        if (is_folder(path)) {
            if (depth < FOLDER_DEPTH_MAX && strcmp(entries.items[i], "lib") != 0)
                add_below(path, depth + 1, files);
        } else if (is_scenario(path)) {
            names_add(files, path);
        }
        free(path);
    }
    names_deinit(&entries);
}

static bool scenario_or_folder(const char *dir, const char *name)
{
    char *path = xasprintf("%s/%s", dir, name);
    bool wanted = is_scenario(name) || is_folder(path);

    free(path);
    return wanted;
}

/* The first part of the path that does not exist, against what is in its folder. */
static int no_such_file(const char *verb, const char *path)
{
    struct buf text = {0};
    struct names near = {0};
    char *copy = xstrdup(path);
    size_t begin = 0, end = strcspn(copy, "/");

    while (copy[end]) {
        char kept = copy[end];

        copy[end] = '\0';
        if (end > 0 && !is_folder(copy))
            break;
        copy[end] = kept;
        begin = end + 1;
        end = begin + strcspn(copy + begin, "/");
    }
    buf_printf(&text, "%s: no such file", path);
    if (begin < strlen(copy)) {
        char *dir = begin ? xstrndup(copy, begin) : xstrdup("");

        names_add_folder(&near, begin ? dir : ".", scenario_or_folder);
        names_suggest(&near, copy + begin, dir, &text);
        free(dir);
    }
    usage_error(verb, "%s", text.data);
    names_deinit(&near);
    buf_deinit(&text);
    free(copy);
    return -2;
}

int scenario_files(const char *verb, const char *path, struct names *files)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return no_such_file(verb, path);
    if (S_ISDIR(st.st_mode))
        add_below(path, 0, files);
    else
        names_add(files, path);
    return 0;
}
