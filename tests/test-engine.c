/* Tasks, time and errors. SPDX-License-Identifier: MIT */
#include "tests/engine-fixture.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- errors of the scenario ---- */

static void test_an_empty_body_passes(void **state)
{
    struct verdict *verdict = fixture_play(*state, "");

    assert_verdict(verdict, OUTCOME_PASS, 1, NULL);
    assert_null(verdict->message);
}

static void test_lua_error_is_invalid_with_its_line(void **state)
{
    struct verdict *verdict = fixture_play(*state, "local x\nx.y = 1");

    assert_verdict(verdict, OUTCOME_INVALID, 3, NULL);
    assert_string_equal(verdict->message, "attempt to index a nil value (local 'x')");
}

static void test_error_in_a_helper_names_its_callers(void **state)
{
    struct verdict *verdict = fixture_play(*state, "local function helper()\n"
                                                   "  error('boom')\n"
                                                   "end\n"
                                                   "helper()\n");

    assert_verdict(verdict, OUTCOME_INVALID, 3, NULL);
    assert_string_equal(verdict->message, "boom");
    assert_contains(row_of(verdict, "called from"), "scenario.lua:5");
}

static void test_error_values_of_any_type_are_told(void **state)
{
    assert_verdict(fixture_play(*state, "error({})"), OUTCOME_INVALID, 0,
                   "error() was called with a table value");
}

static void test_misspelt_method_names_the_nearest(void **state)
{
    assert_verdict(fixture_play(*state, "t:modm{}"), OUTCOME_INVALID, 2,
                   "Test has no \"modm\"; did you mean \"modem\"?");
}

static void test_a_dot_for_a_colon_is_explained(void **state)
{
    assert_verdict(fixture_play(*state, "t.note('x')"), OUTCOME_INVALID, 2, "with a colon");
}

static void test_stack_overflow_is_invalid(void **state)
{
    assert_verdict(fixture_play(*state, "local function f() return 1 + f() end\nf()"),
                   OUTCOME_INVALID, 2, "stack overflow");
}

static void test_endless_loop_names_its_line(void **state)
{
    assert_verdict(fixture_play(*state, "local x = 0\n\nwhile true do x = x + 1 end"),
                   OUTCOME_INVALID, 4, "endless");
}

static void test_endless_loop_can_not_hide_in_pcall(void **state)
{
    assert_verdict(fixture_play(*state, "while true do\n"
                                        "  pcall(string.gsub, 'a', 'a', function()\n"
                                        "    while true do end\n"
                                        "  end)\n"
                                        "end"),
                   OUTCOME_INVALID, 0, "endless");
}

static void test_endless_loop_in_a_coroutine_of_the_script_stops(void **state)
{
    assert_verdict(fixture_play(*state,
                                "while true do\n"
                                "  pcall(coroutine.wrap(function() while true do end end))\n"
                                "end"),
                   OUTCOME_INVALID, 0, "endless");
}

static void test_memory_is_bounded(void **state)
{
    assert_verdict(fixture_play(*state, "local x = {}\n"
                                        "for i = 1, 2000 do x[i] = ('x'):rep(1048576) .. i end"),
                   OUTCOME_INVALID, 3, "not enough memory");
}

static void test_waits_only_where_the_engine_can_resume(void **state)
{
    struct fixture *fixture = *state;
    struct verdict *verdict = fixture_play(
        fixture, "local ok, e = pcall(coroutine.wrap(function() t:let_pass('1s') end))\n"
                 "t:check(not ok and tostring(e):find('coroutine of your own'), tostring(e))\n"
                 "ok, e = pcall(string.gsub, 'a', 'a', function() t:let_pass('1s') end)\n"
                 "t:check(not ok and tostring(e):find('callback of gsub'), tostring(e))\n"
                 "t:check(pcall(t.let_pass, t, '1s'))\n"
                 "t:equal(t:now(), 1000000)");

    assert_verdict(verdict, OUTCOME_PASS, 0, NULL);
}

static void test_a_yield_of_the_scripts_own_is_explained(void **state)
{
    assert_verdict(fixture_play(*state, "coroutine.yield()"), OUTCOME_INVALID, 2,
                   "coroutine.yield() outside");
}

static void test_closers_run_and_may_not_wait(void **state)
{
    struct fixture *fixture = *state;
    struct verdict *verdict = fixture_play(
        fixture, "local c <close> = setmetatable({}, {__close = function()\n"
                 "  print('closed')\n"
                 "end})\n"
                 "t:spawn(function()\n"
                 "  local d <close> = setmetatable({}, {__close = function()\n"
                 "    print('actor closed')\n"
                 "    t:let_pass('1h')\n"
                 "  end})\n"
                 "  t:let_pass('1h')\n"
                 "end)\n"
                 "t:let_pass('1s')\n"
                 "error('x')");
    char *transcript = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&transcript, &size);

    assert_verdict(verdict, OUTCOME_INVALID, 13, "x");
    trace_write_transcript(fixture->trace, file);
    fclose(file);
    assert_contains(transcript, "scenario note: closed");
    assert_contains(transcript, "scenario note: actor closed");
    free(transcript);
}

/* ---- tasks and time ---- */

static void test_error_in_a_spawned_task_fails_the_scenario(void **state)
{
    assert_verdict(fixture_play(*state, "t:spawn(function()\n"
                                        "  t:let_pass('2s')\n"
                                        "  t:check(false, 'actor')\n"
                                        "end)\n"
                                        "t:let_pass('1h')"),
                   OUTCOME_FAIL, 4, "actor");
}

static void test_tasks_are_bounded(void **state)
{
    assert_verdict(fixture_play(*state, "for i = 1, 300 do\n"
                                        "  t:spawn(function() t:let_pass('1h') end)\n"
                                        "end"),
                   OUTCOME_INVALID, 3, "more than 256 tasks");
}

static void test_ended_tasks_make_room(void **state)
{
    assert_verdict(fixture_play(*state, "for i = 1, 1000 do\n"
                                        "  local job = t:spawn(function() t:let_pass('1ms') end)\n"
                                        "  job:wait()\n"
                                        "end"),
                   OUTCOME_PASS, 0, NULL);
}

static void test_barrier_lets_tasks_meet(void **state)
{
    assert_verdict(fixture_play(*state, "local order = {}\n"
                                        "t:spawn(function()\n"
                                        "  t:let_pass('5s')\n"
                                        "  order[#order + 1] = 'actor'\n"
                                        "  t:barrier('b', 2)\n"
                                        "end)\n"
                                        "t:barrier('b', 2)\n"
                                        "order[#order + 1] = 'body'\n"
                                        "t:equal(order, {'actor', 'body'})\n"
                                        "t:equal(t:now(), 5000000)"),
                   OUTCOME_PASS, 0, NULL);
}

static void test_lonely_barrier_fails_with_its_name(void **state)
{
    assert_verdict(fixture_play(*state, "t:barrier('b', 2, {within = '3s'})"), OUTCOME_FAIL, 2,
                   "1 of 2 tasks came to the barrier \"b\" within 3 s of modem time");
}

static void test_scenario_has_a_limit(void **state)
{
    struct fixture *fixture = *state;
    struct verdict *verdict;

    assert_int_equal(fixture_load(fixture, "scenario('x', {timeout='90s'}, function(t)\n"
                                           "  t:spawn(function()\n"
                                           "    t:let_pass('1h')\n"
                                           "  end)\n"
                                           "  t:let_pass('1h')\n"
                                           "end)"),
                     0);
    verdict = fixture_run(fixture, 0, 1000);
    assert_verdict(verdict, OUTCOME_FAIL, 5, "the scenario did not end within 90 s of modem time");
    assert_int_equal(clock_now_us(&fixture->clock), 90000000);
    assert_contains(row_of(verdict, "waiting at"), "scenario.lua:3 (spawned)");
}

static void test_a_limit_of_the_configuration_holds(void **state)
{
    struct fixture *fixture = *state;

    fixture_configure(fixture, (struct engine_config){.limit_us = 2000000});
    assert_verdict(fixture_play(fixture, "t:let_pass('1h')"), OUTCOME_FAIL, 2, "within 2 s");
}

static void test_interrupt_gives_the_verdict_and_the_place(void **state)
{
    struct fixture *fixture = *state;
    struct verdict *verdict;

    assert_int_equal(fixture_load(fixture, "scenario('x', function(t)\n\nt:let_pass('1h')\nend)"),
                     0);
    engine_start(fixture->engine, 0);
    engine_pump(fixture->engine);
    engine_interrupt(fixture->engine, OUTCOME_ERROR, "out of budget");
    assert_true(engine_done(fixture->engine));
    verdict = engine_verdict(fixture->engine);
    assert_verdict(verdict, OUTCOME_ERROR, 3, "out of budget");
    engine_pump(fixture->engine);
    engine_wake(fixture->engine);
}

static void test_a_busy_loop_of_waits_lets_the_loop_turn(void **state)
{
    struct fixture *fixture = *state;
    uint64_t due_us;

    assert_int_equal(fixture_load(fixture, "scenario('x', function(t)\n"
                                           "while true do t:let_pass('0ms') end\nend)"),
                     0);
    engine_start(fixture->engine, 0);
    engine_pump(fixture->engine);
    assert_false(engine_done(fixture->engine));
    assert_true(clock_next_due(&fixture->clock, &due_us));
    assert_int_equal(due_us, 0);
}

/* At x50 a limit of 1 s leaves the host 1 s of wall time, which is 50 s of modem time. */
static void test_limits_are_stretched_in_scaled_time(void **state)
{
    struct fixture *fixture = *state;

    fixture_configure(fixture, (struct engine_config){.dialect = "gpp", .time_scale = 50});
    assert_verdict(fixture_play(fixture, "local modem = t:modem{}\n"
                                         "t:let_pass('1s')\n"
                                         "t:equal(t:now(), 1000000)\n"
                                         "pcall(modem.expect, modem, 'AT', {within='1s'})\n"
                                         "t:equal(t:now(), 51000000)\n"
                                         "pcall(modem.expect, modem, 'AT', {within='30s'})\n"
                                         "t:equal(t:now(), 151000000)\n"
                                         "pcall(modem.expect, modem, 'AT', {within='10m'})\n"
                                         "t:equal(t:now(), 751000000)"),
                   OUTCOME_PASS, 0, NULL);
}

/* The pump may come late: what the record holds by then is judged by its own time. */
static void test_a_command_after_the_limit_is_late(void **state)
{
    struct fixture *fixture = *state;

    fixture_send(fixture, 5001, "AT+CSQ\r");
    assert_int_equal(fixture_load(fixture, "scenario('x', function(t)\n"
                                           "t:modem{}:expect('AT+CSQ', {within='5s'})\nend)"),
                     0);
    engine_start(fixture->engine, 0);
    engine_pump(fixture->engine);
    clock_advance(&fixture->clock, 10000000);
    engine_pump(fixture->engine);
    assert_true(engine_done(fixture->engine));
    assert_verdict(engine_verdict(fixture->engine), OUTCOME_FAIL, 2, "within 5 s of modem time");
}

static void test_random_numbers_follow_the_seed(void **state)
{
    struct fixture *fixture = *state;
    const char *body = "local a = {}\n"
                       "for i = 1, 5 do a[i] = math.random(-3, 1000) end\n"
                       "for _, v in ipairs(a) do t:check(v >= -3 and v <= 1000) end\n"
                       "t:check(math.random() < 1)\n"
                       "t:note(table.concat(a, ' '))\n"
                       "t:equal(t.seed, 42)";

    assert_verdict(fixture_play(fixture, body), OUTCOME_PASS, 0, NULL);
    fixture_configure(fixture, (struct engine_config){0});
    assert_verdict(fixture_play(fixture, body), OUTCOME_PASS, 0, NULL);
    assert_int_equal(trace_next(fixture->trace), 2);
    assert_string_equal(trace_get(fixture->trace, 0)->data, trace_get(fixture->trace, 1)->data);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_an_empty_body_passes),
        TEST(test_lua_error_is_invalid_with_its_line),
        TEST(test_error_in_a_helper_names_its_callers),
        TEST(test_error_values_of_any_type_are_told),
        TEST(test_misspelt_method_names_the_nearest),
        TEST(test_a_dot_for_a_colon_is_explained),
        TEST(test_stack_overflow_is_invalid),
        TEST(test_endless_loop_names_its_line),
        TEST(test_endless_loop_can_not_hide_in_pcall),
        TEST(test_endless_loop_in_a_coroutine_of_the_script_stops),
        TEST(test_memory_is_bounded),
        TEST(test_waits_only_where_the_engine_can_resume),
        TEST(test_a_yield_of_the_scripts_own_is_explained),
        TEST(test_closers_run_and_may_not_wait),
        TEST(test_error_in_a_spawned_task_fails_the_scenario),
        TEST(test_tasks_are_bounded),
        TEST(test_ended_tasks_make_room),
        TEST(test_barrier_lets_tasks_meet),
        TEST(test_lonely_barrier_fails_with_its_name),
        TEST(test_scenario_has_a_limit),
        TEST(test_a_limit_of_the_configuration_holds),
        TEST(test_interrupt_gives_the_verdict_and_the_place),
        TEST(test_a_busy_loop_of_waits_lets_the_loop_turn),
        TEST(test_limits_are_stretched_in_scaled_time),
        TEST(test_a_command_after_the_limit_is_late),
        TEST(test_random_numbers_follow_the_seed),
    };

    return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
