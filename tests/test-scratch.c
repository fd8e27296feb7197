/* SPDX-License-Identifier: MIT */
/* What a run keeps in memory while it does not know whether anybody wants it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/run_dir.h"
#include "harness/scratch.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "tests/test.h"

#define HOLE_BYTES (4 << 20)

struct bench {
    struct scratch scratch;
    char *run_dir, *dir; /* of the run, and of one trial */
};

static char *below(const char *dir, const char *name)
{
    return xasprintf("%s/%s", dir, name);
}

static void write_at(const char *dir, const char *name, off_t at, const char *text)
{
    char *path = below(dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, text, strlen(text), at), strlen(text));
    close(fd);
    free(path);
}

static bool is_link(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

static int setup(void **state)
{
    struct bench *bench = xcalloc(1, sizeof(*bench));
    char path[] = "scratch-XXXXXX"; /* in the build folder, which is on a disk */

    assert_non_null(mkdtemp(path));
    bench->run_dir = xstrdup(path);
    bench->dir = below(bench->run_dir, "trial");
    scratch_open(&bench->scratch, bench->run_dir);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    scratch_close(&bench->scratch);
    folder_remove(bench->run_dir);
    free(bench->run_dir);
    free(bench->dir);
    free(bench);
    return 0;
}

static void need_memory(const struct bench *bench)
{
    if (!bench->scratch.dir)
        skip(); /* no /dev/shm with room, or the build folder is in memory itself */
}

static void test_what_is_kept_comes_home_as_it_was(void **state)
{
    struct bench *bench = *state;
    char *inner = below(bench->dir, "host"), *flash = below(bench->dir, "bc26.flash");
    char *link;
    struct buf text = {0};
    struct stat st;

    need_memory(bench);
    assert_int_equal(scratch_make(&bench->scratch, bench->dir), 0);
    assert_true(is_link(bench->dir));
    assert_int_equal(mkdir(inner, 0700), 0);
    write_at(bench->dir, "empty", 0, "");
    write_at(inner, "state", 0, "seen");
    write_at(bench->dir, "bc26.flash", HOLE_BYTES, "image");
    link = below(bench->dir, "tty");
    assert_int_equal(symlink("/dev/pts/7", link), 0);

    assert_int_equal(scratch_bring_home(&bench->scratch, bench->dir), 0);
    assert_false(is_link(bench->dir));
    assert_true(is_link(link));
    free(link);
    assert_int_equal(stat(flash, &st), 0);
    assert_int_equal(st.st_size, HOLE_BYTES + 5);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_true(st.st_blocks * 512 < HOLE_BYTES / 2);
    free(flash);
    flash = below(inner, "state");
    assert_int_equal(text_read_file(flash, 16, &text), 0);
    assert_string_equal(buf_text(&text), "seen");
    buf_deinit(&text);
    free(flash);
    flash = below(bench->scratch.dir, "trial");
    assert_int_equal(access(flash, F_OK), -1);
    free(flash);
    free(inner);
}

/* Something too large for the disk costs none of the rest. */
static void test_what_cannot_be_brought_home_does_not_stop_the_rest(void **state)
{
    struct bench *bench = *state;
    struct rlimit before, small = {.rlim_cur = 4096};
    char *first = below(bench->dir, "first"), *last = below(bench->dir, "last");
    char *large = xcalloc(1, 8193);

    need_memory(bench);
    memset(large, 'x', 8192);
    assert_int_equal(scratch_make(&bench->scratch, bench->dir), 0);
    write_at(bench->dir, "first", 0, "transcript");
    write_at(bench->dir, "large", 0, large);
    write_at(bench->dir, "last", 0, "trace");
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    setrlimit(RLIMIT_FSIZE, &small);
    assert_int_equal(scratch_bring_home(&bench->scratch, bench->dir), -EFBIG);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(access(first, F_OK), 0);
    assert_int_equal(access(last, F_OK), 0);
    free(large);
    free(first);
    free(last);
}

static void test_what_is_dropped_is_gone_on_both_sides(void **state)
{
    struct bench *bench = *state;
    char *place;

    need_memory(bench);
    assert_int_equal(scratch_make(&bench->scratch, bench->dir), 0);
    write_at(bench->dir, "host.err", 0, "words");
    place = below(bench->scratch.dir, "trial");
    assert_int_equal(access(place, F_OK), 0);
    scratch_drop(&bench->scratch, bench->dir);
    assert_int_equal(access(place, F_OK), -1);
    assert_false(is_link(bench->dir));
    free(place);
}

/* Without scratch, or without room in it, a folder is made where it stays. */
static void test_without_scratch_a_folder_is_a_folder(void **state)
{
    struct bench *bench = *state;
    struct scratch none = {0};

    assert_int_equal(scratch_make(&none, bench->dir), 0);
    assert_false(is_link(bench->dir));
    assert_int_equal(scratch_make(&none, bench->dir), -EEXIST);
    assert_int_equal(scratch_bring_home(&none, bench->dir), 0);
    assert_int_equal(access(bench->dir, F_OK), 0);
    scratch_drop(&none, bench->dir);
    assert_int_equal(access(bench->dir, F_OK), -1);
}

static void test_what_a_dead_run_left_is_removed_and_a_live_one_is_not(void **state)
{
    struct bench *bench = *state;
    char dead[] = "/dev/shm/hayeswire-XXXXXX";
    struct scratch second;

    need_memory(bench);
    assert_non_null(mkdtemp(dead)); /* nobody holds its lock */
    write_at(dead, "left", 0, "over");
    scratch_open(&second, bench->run_dir);
    assert_non_null(second.dir);
    assert_int_equal(access(dead, F_OK), -1);
    assert_int_equal(access(bench->scratch.dir, F_OK), 0);
    scratch_close(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_kept_comes_home_as_it_was, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_brought_home_does_not_stop_the_rest,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_dropped_is_gone_on_both_sides, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_without_scratch_a_folder_is_a_folder, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_a_dead_run_left_is_removed_and_a_live_one_is_not,
                                        setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
