/* SPDX-License-Identifier: MIT */
#include "harness/scratch.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "harness/run_dir.h"
#include "sim/base/mem.h"

#define MEMORY         "/dev/shm"
#define PREFIX         "hayeswire-"
#define ROOM_MIN_BYTES (32u << 20) /* for one trial: packages, both slots of a module, traces */
#define OPEN_FOLDERS   16          /* while walking a tree */

/* ---- the scratch folder of a run ---- */

static bool is_in_memory(const char *path)
{
    struct statfs fs;

    return statfs(path, &fs) == 0 && fs.f_type == TMPFS_MAGIC;
}

static bool has_room(void)
{
    struct statvfs fs;

    return statvfs(MEMORY, &fs) == 0 && (uint64_t)fs.f_bavail * fs.f_frsize >= ROOM_MIN_BYTES;
}

/* A lock goes with the last process that holds it, whatever that process died of. */
static void remove_if_dead(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;

    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && flock(fd, LOCK_EX | LOCK_NB) == 0)
        folder_remove(path);
    close(fd);
}

static void remove_dead(void)
{
    DIR *memory = opendir(MEMORY);
    struct dirent *entry;

    while (memory && (entry = readdir(memory)) != NULL) {
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0) {
            char *path = xasprintf(MEMORY "/%s", entry->d_name);

            remove_if_dead(path);
            free(path);
        }
    }
    if (memory)
        closedir(memory);
}

void scratch_open(struct scratch *scratch, const char *run_dir)
{
    char path[] = MEMORY "/" PREFIX "XXXXXX";

    *scratch = (struct scratch){.lock = -1};
    if (!is_in_memory(MEMORY) || is_in_memory(run_dir) || !has_room())
        return;
    remove_dead();
    if (!mkdtemp(path))
        return;
    scratch->lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (scratch->lock >= 0 && flock(scratch->lock, LOCK_EX | LOCK_NB) == 0)
        scratch->dir = xstrdup(path);
    else
        folder_remove(path); /* somebody else's clean-up was faster than our lock */
}

void scratch_close(struct scratch *scratch)
{
    if (scratch->dir) {
        folder_remove(scratch->dir);
        close(scratch->lock);
    }
    free(scratch->dir);
    *scratch = (struct scratch){.lock = -1};
}

/* ---- the folder of a trial ---- */

static char *place_of(const struct scratch *scratch, const char *dir)
{
    const char *slash = strrchr(dir, '/');

    assert(scratch->dir);
    return xasprintf("%s/%s", scratch->dir, slash ? slash + 1 : dir);
}

static bool is_symlink(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

int scratch_make(const struct scratch *scratch, const char *dir)
{
    char *place;
    int r;

    if (!scratch->dir || !has_room())
        return mkdir(dir, 0777) < 0 ? -errno : 0;
    place = place_of(scratch, dir);
    r = mkdir(place, 0777) < 0 || symlink(place, dir) < 0 ? -errno : 0;
    if (r < 0)
        rmdir(place);
    free(place);
    return r;
}

void scratch_drop(const struct scratch *scratch, const char *dir)
{
    if (scratch->dir && is_symlink(dir)) {
        char *place = place_of(scratch, dir);

        unlink(dir);
        folder_remove(place);
        free(place);
    } else {
        folder_remove(dir);
    }
}

/* ---- bringing one home ---- */

/* nftw() hands nothing through. */
static const char *home;
static size_t place_len;
static int first_error; /* of entries that could not be brought: the others are */

/* Holes stay holes: a module's flash is mostly empty. Return: 0 or -errno. */
static int copy_bytes(int from, int to, off_t size)
{
    off_t at = 0;

    while (at < size) {
        off_t data = lseek(from, at, SEEK_DATA), end;

        if (data < 0)
            break; /* only a hole is left */
        end = lseek(from, data, SEEK_HOLE);
        at = data;
        if (end < 0 || lseek(to, data, SEEK_SET) < 0)
            return -errno;
        while (at < end) {
            if (sendfile(to, from, &at, (size_t)(end - at)) <= 0)
                return -errno;
        }
    }
    return ftruncate(to, size) < 0 ? -errno : 0;
}

static int copy_file(const char *from_path, const char *to_path, const struct stat *st)
{
    int from = open(from_path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    int to = open(to_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, st->st_mode & 0777);
    int r = from < 0 || to < 0 ? -errno : copy_bytes(from, to, st->st_size);

    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    return r;
}

static int copy_link(const char *from_path, const char *to_path)
{
    char target[PATH_MAX];
    ssize_t len = readlink(from_path, target, sizeof(target) - 1);

    if (len < 0)
        return -errno;
    target[len] = '\0';
    return symlink(target, to_path) < 0 ? -errno : 0;
}

static int copy_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    char *to_path = xasprintf("%s%s", home, path + place_len);
    int r = 0;

    if (kind == FTW_D)
        r = mkdir(to_path, 0777) < 0 ? -errno : 0;
    else if (kind == FTW_SL)
        r = copy_link(path, to_path);
    else if (kind == FTW_F && S_ISREG(st->st_mode)) /* a host's sockets and pipes stay behind */
        r = copy_file(path, to_path, st);
    free(to_path);
    if (first_error == 0)
        first_error = r;
    return 0;
}

int scratch_bring_home(const struct scratch *scratch, const char *dir)
{
    char *place;
    int r;

    if (!scratch->dir || !is_symlink(dir))
        return 0;
    place = place_of(scratch, dir);
    home = dir;
    place_len = strlen(place);
    first_error = 0;
    r = unlink(dir) < 0 ? -errno : nftw(place, copy_entry, OPEN_FOLDERS, FTW_PHYS);
    folder_remove(place);
    free(place);
    return r < 0 ? r : first_error;
}
