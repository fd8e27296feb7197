/* SPDX-License-Identifier: MIT */
/*
 * When a host's word that it rests may be believed. Most of these moments lie microseconds apart
 * and hardly ever come about with real hosts: here the host's side of the page is played by the
 * test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "harness/vtime/shim_private.h"
#include "sim/base/mem.h"

#define IMAGE 7u

struct bench {
    struct shim_backend shim;
    struct vtime_task task, other;
    struct vtime_task *items[2];
    struct vtime_slot *slot;
};

static int setup(void **state)
{
    struct bench *bench = xcalloc(1, sizeof(*bench));

    bench->shim.page = xcalloc(1, sizeof(*bench->shim.page));
    atomic_store(&bench->shim.page->slot_count, 1);
    bench->slot = &bench->shim.page->slots[0];
    atomic_store(&bench->slot->used, 1);
    atomic_store(&bench->slot->tid, 1000);
    atomic_store(&bench->slot->image, IMAGE);
    bench->task = (struct vtime_task){.tgid = 1000, .tid = 1000, .state = 'S', .image = IMAGE};
    bench->other = (struct vtime_task){.tgid = 1000, .tid = 1001, .state = 'S', .image = IMAGE};
    bench->items[0] = &bench->task;
    bench->items[1] = &bench->other;
    bench->shim.base.tasks.items = bench->items;
    bench->shim.base.tasks.count = 1;
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    free(bench->shim.page);
    free(bench);
    return 0;
}

/* ---- the host's side ---- */

static uint32_t look(struct bench *bench)
{
    atomic_store(&bench->slot->word, 0);
    return atomic_fetch_add(&bench->slot->look, 1) + 1;
}

static void wait(struct bench *bench, uint32_t look)
{
    atomic_fetch_add(&bench->slot->seq, 1);
    atomic_store(&bench->slot->state, VTIME_WAIT);
    atomic_store(&bench->slot->word, look);
}

static void wake(struct bench *bench)
{
    atomic_store(&bench->slot->word, 0);
    atomic_store(&bench->slot->state, VTIME_RUN);
}

/* ---- the driver's side ---- */

static enum vtime_word word(struct bench *bench)
{
    return shim_word(&bench->shim.base);
}

static void send(struct bench *bench, size_t len)
{
    shim_sending(&bench->shim.base);
    shim_sent(&bench->shim.base, len);
}

static void test_a_wait_after_a_look_is_a_word(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(word(bench), VTIME_WORD_NONE);
    wait(bench, look(bench));
    assert_int_equal(word(bench), VTIME_WORD_RESTS);
    wake(bench);
    assert_int_equal(word(bench), VTIME_WORD_NONE);
    wait(bench, 0); /* a sleep, with nothing to look at */
    assert_int_equal(word(bench), VTIME_WORD_NONE);
}

static void test_after_bytes_the_next_look_counts(void **state)
{
    struct bench *bench = *state;

    wait(bench, look(bench));
    send(bench, 10);
    assert_int_equal(word(bench), VTIME_WORD_AWAITED);
    send(bench, 10); /* the host has not stirred yet */
    assert_int_equal(word(bench), VTIME_WORD_AWAITED);
    wake(bench);
    assert_int_equal(word(bench), VTIME_WORD_AWAITED);
    wait(bench, look(bench));
    assert_int_equal(word(bench), VTIME_WORD_RESTS);
}

/* On one CPU the host often runs before our write has returned. */
static void test_a_resting_host_may_answer_within_the_write(void **state)
{
    struct bench *bench = *state;

    wait(bench, look(bench));
    shim_sending(&bench->shim.base);
    wake(bench);
    wait(bench, look(bench));
    shim_sent(&bench->shim.base, 10);
    assert_int_equal(word(bench), VTIME_WORD_RESTS);
}

static void test_of_many_bytes_it_may_have_seen_some_only(void **state)
{
    struct bench *bench = *state;

    wait(bench, look(bench));
    shim_sending(&bench->shim.base);
    wake(bench);
    wait(bench, look(bench));
    shim_sent(&bench->shim.base, 5000);
    assert_int_equal(word(bench), VTIME_WORD_NONE);
}

static void test_a_look_that_may_have_been_before_the_bytes_is_void(void **state)
{
    struct bench *bench = *state;
    uint32_t early;

    wait(bench, look(bench));
    send(bench, 10);
    wake(bench);
    shim_sending(&bench->shim.base);
    early = look(bench);
    shim_sent(&bench->shim.base, 10);
    wait(bench, early);
    assert_int_equal(word(bench), VTIME_WORD_NONE);
    wake(bench);
    wait(bench, look(bench));
    assert_int_equal(word(bench), VTIME_WORD_RESTS);
}

static void test_a_look_under_way_is_void(void **state)
{
    struct bench *bench = *state;
    uint32_t early;

    wake(bench);
    early = look(bench);
    send(bench, 10);
    wait(bench, early);
    assert_int_equal(word(bench), VTIME_WORD_NONE);
    shim_hold_words(&bench->shim.base); /* it was seen asleep */
    assert_int_equal(word(bench), VTIME_WORD_RESTS);
}

static void test_a_released_wait_is_no_rest(void **state)
{
    struct bench *bench = *state;

    wait(bench, look(bench));
    shim_void_words(&bench->shim);
    atomic_store(&bench->slot->granted, atomic_load(&bench->slot->seq));
    assert_int_equal(word(bench), VTIME_WORD_AWAITED);
    wake(bench);
    wait(bench, look(bench));
    assert_int_equal(word(bench), VTIME_WORD_RESTS);
}

static void test_who_sleeps_through_bytes_is_not_waited_for_again(void **state)
{
    struct bench *bench = *state;

    wait(bench, look(bench));
    send(bench, 10);
    assert_int_equal(word(bench), VTIME_WORD_AWAITED);
    shim_hold_words(&bench->shim.base);
    assert_int_equal(word(bench), VTIME_WORD_RESTS);
    send(bench, 10);
    assert_int_equal(word(bench), VTIME_WORD_NONE);
}

static void test_a_stopped_host_is_not_waited_for(void **state)
{
    struct bench *bench = *state;

    wait(bench, look(bench));
    bench->task.state = 'T';
    send(bench, 10);
    assert_int_equal(word(bench), VTIME_WORD_NONE);
}

static void test_only_an_only_thread_of_the_known_program_has_a_word(void **state)
{
    struct bench *bench = *state;

    wait(bench, look(bench));
    bench->shim.base.tasks.count = 2;
    assert_int_equal(word(bench), VTIME_WORD_NONE);
    bench->shim.base.tasks.count = 1;
    assert_int_equal(word(bench), VTIME_WORD_RESTS);
    bench->task.image = IMAGE + 1;
    assert_int_equal(word(bench), VTIME_WORD_NONE);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_wait_after_a_look_is_a_word),
        TEST(test_after_bytes_the_next_look_counts),
        TEST(test_a_resting_host_may_answer_within_the_write),
        TEST(test_of_many_bytes_it_may_have_seen_some_only),
        TEST(test_a_look_that_may_have_been_before_the_bytes_is_void),
        TEST(test_a_look_under_way_is_void),
        TEST(test_a_released_wait_is_no_rest),
        TEST(test_who_sleeps_through_bytes_is_not_waited_for_again),
        TEST(test_a_stopped_host_is_not_waited_for),
        TEST(test_only_an_only_thread_of_the_known_program_has_a_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
