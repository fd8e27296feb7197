/* Loading, lint, and what others add to the engine. SPDX-License-Identifier: MIT */
#include "tests/engine-fixture.h"

#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"

/* ---- loading ---- */

static void assert_load_fails(struct fixture *fixture, const char *source, int line,
                              const char *message)
{
    assert_true(fixture_load(fixture, source) < 0);
    assert_string_equal(fixture->loaded.file, fixture->path);
    assert_verdict(&fixture->loaded, OUTCOME_INVALID, line, message);
}

static void test_declares_scenarios_in_order(void **state)
{
    struct fixture *fixture = *state;
    struct scenario_decl decl;

    assert_int_equal(fixture_load(fixture, "scenario('one', function() end)\n\n"
                                           "scenario('two', {timeout='3s', tags={'x'}}, "
                                           "function() end)"),
                     0);
    assert_int_equal(engine_scenario_count(fixture->engine), 2);
    decl = engine_scenario(fixture->engine, 1);
    assert_string_equal(decl.title, "two");
    assert_string_equal(decl.file, fixture->path);
    assert_int_equal(decl.line, 3);
}

static void test_a_first_line_for_the_shell_is_skipped(void **state)
{
    assert_int_equal(fixture_load(*state, "#!/usr/bin/env hayeswire\nscenario('x', print)"), 0);
}

static void test_syntax_error_names_file_and_line(void **state)
{
    assert_load_fails(*state, "local a = 1\nlocal = 2\n", 2, "expected");
}

static void test_a_missing_file_is_invalid(void **state)
{
    struct fixture *fixture = *state;

    assert_true(engine_load(fixture->engine, "/nonexistent/x.lua", &fixture->loaded) < 0);
    assert_verdict(&fixture->loaded, OUTCOME_INVALID, 0, "No such file");
}

static void test_misspelt_global_is_named_at_load(void **state)
{
    assert_load_fails(*state, "\nscenaro('x', function() end)", 2,
                      "the name \"scenaro\" is not defined; did you mean \"scenario\"?");
}

static void test_writing_a_global_is_refused(void **state)
{
    assert_load_fails(*state, "count = 1", 1, "\"count\" is not defined; declare it local");
}

static void test_library_of_the_outside_is_not_there(void **state)
{
    assert_load_fails(*state, "os.execute('true')", 1, "os is not available");
}

static void test_binary_chunks_are_refused(void **state)
{
    assert_load_fails(*state, "\x1bLua", 0, "attempt to load");
}

static void test_title_is_mandatory_and_unique(void **state)
{
    struct fixture *fixture = *state;

    assert_load_fails(fixture, "scenario(function() end)", 1, "the title comes first");
    verdict_deinit(&fixture->loaded);
    assert_load_fails(fixture,
                      "scenario('x', function() end)\n"
                      "scenario('x', function() end)",
                      2, "line 1 declares a scenario with the same title");
    assert_int_equal(engine_scenario_count(fixture->engine), 0);
}

static void test_misspelt_scenario_option_is_named(void **state)
{
    assert_load_fails(*state, "scenario('x', {timout='1s'}, function() end)", 1,
                      "unknown option \"timout\"; did you mean \"timeout\"?");
}

static void test_a_file_without_scenarios_is_invalid(void **state)
{
    assert_load_fails(*state, "local a = 1", 0, "declares no scenario");
}

static void test_waiting_at_load_is_refused(void **state)
{
    assert_load_fails(*state, "local t\nscenario('x', function() end)\ncoroutine.yield()", 3,
                      "coroutine.yield()");
}

static void test_endless_loop_at_load_is_stopped(void **state)
{
    assert_load_fails(*state, "local x = 1\nwhile true do x = x + 1 end", 2, "endless");
}

static void test_modules_come_from_the_folder_and_lib(void **state)
{
    struct fixture *fixture = *state;

    fixture_write(fixture, "scenarios/lib/deep.lua", "return {value = 40}");
    fixture_write(fixture, "scenarios/bc26/near.lua",
                  "local deep = require 'deep'\nreturn {value = deep.value + 2}");
    fixture_write(fixture, "scenarios/bc26/s.lua",
                  "local near = require 'near'\nassert(near == require 'near')\n"
                  "scenario('x', function(t) t:equal(near.value, 42) end)");
    assert_int_equal(engine_load(fixture->engine, fixture->path, &fixture->loaded), 0);
    assert_verdict(fixture_run(fixture, 0, 10), OUTCOME_PASS, 0, NULL);
}

static void test_modules_from_elsewhere_are_refused(void **state)
{
    struct fixture *fixture = *state;

    assert_load_fails(fixture, "require '../x'", 1, "is not the name of a module");
    verdict_deinit(&fixture->loaded);
    assert_load_fails(fixture, "require 'nothing'", 1, "no module \"nothing\"; looked for");
    verdict_deinit(&fixture->loaded);
    fixture_write(fixture, "broken.lua", "local = 1");
    assert_load_fails(fixture, "require 'broken'", 1, "broken.lua:1: <name> expected");
    verdict_deinit(&fixture->loaded);
    fixture_write(fixture, "ring.lua", "require 'ring'");
    assert_true(fixture_load(fixture, "require 'ring'") < 0);
    assert_verdict(&fixture->loaded, OUTCOME_INVALID, 1, "requires itself");
}

/* ---- what the harness builds on ---- */

struct door {
    const char *name;
    bool open;
};

static int door_open(lua_State *L)
{
    struct door *door = engine_check(L, 1, "Door");

    door->open = true;
    return 0;
}

static int door_name(lua_State *L)
{
    lua_pushstring(L, ((struct door *)engine_check(L, 1, "Door"))->name);
    return 1;
}

static struct door front = {.name = "front"};

static int test_door(lua_State *L)
{
    engine_check(L, 1, "Test");
    engine_push(L, "Door", &front);
    return 1;
}

static int test_broken(lua_State *L)
{
    return engine_raise(L, OUTCOME_HOST_START, "no such host");
}

static int test_drop(lua_State *L)
{
    engine_forget(engine_of(L), engine_check(L, 2, "Door"));
    return 0;
}

static const struct engine_fn door_fns[] = {
    {"open", door_open, "", "", "Open it."},
};
static const struct engine_prop door_props[] = {
    {"name", door_name, "string", "its name"},
};
static const struct engine_class door_class = {
    .name = "Door",
    .fns = door_fns,
    .fn_count = ARRAY_LEN(door_fns),
    .props = door_props,
    .prop_count = ARRAY_LEN(door_props),
};
static const struct engine_fn more_fns[] = {
    {"door",   test_door,   "",           "Door", "The door."     },
    {"broken", test_broken, "",           "",     "Fail to start."},
    {"drop",   test_drop,   "door: Door", "",     "Forget it."    },
};
static const struct engine_class more_class = {
    .name = "Test",
    .fns = more_fns,
    .fn_count = ARRAY_LEN(more_fns),
};

static void extend(struct fixture *fixture, const char *source)
{
    struct buf error = {0};

    front.open = false;
    engine_register(fixture->engine, &door_class);
    engine_register(fixture->engine, &more_class);
    if (engine_extend(fixture->engine, "@extension.lua", source, strlen(source), &error) < 0)
        fail_msg("%s", buf_text(&error));
    buf_deinit(&error);
}

static void test_classes_can_be_added_and_extended(void **state)
{
    extend(*state, "local hw = ...\n"
                   "local Door = hw.class 'Door'\n"
                   "function Door:wait_open(opts)\n"
                   "  opts = hw.options(opts, {'within'}, 'door:wait_open')\n"
                   "  local st = hw.state(self, 'Door')\n"
                   "  st.waits = (st.waits or 0) + 1\n"
                   "  local open = hw.await(function() return self.name end,\n"
                   "                        hw.deadline(opts, '1s'))\n"
                   "  if not open then hw.fail{message = 'closed'} end\n"
                   "  return st.waits\n"
                   "end\n");
    assert_verdict(fixture_play(*state, "local door = t:door()\n"
                                        "t:check(door == t:door(), 'one handle per object')\n"
                                        "door:open()\n"
                                        "t:equal(door.name, 'front')\n"
                                        "t:equal(door:wait_open(), 1)\n"
                                        "t:equal(t:door():wait_open(), 2)\n"),
                   OUTCOME_PASS, 0, NULL);
    assert_true(front.open);
}

static void test_a_forgotten_object_is_an_error(void **state)
{
    extend(*state, "");
    assert_verdict(fixture_play(*state, "local door = t:door()\n"
                                        "t:drop(door)\n"
                                        "t:check(t:door() ~= door)\n"
                                        "t:door():open()\n"
                                        "door:open()"),
                   OUTCOME_INVALID, 6, "this Door was freed");
}

static void test_arguments_of_another_class_are_refused(void **state)
{
    extend(*state, "");
    assert_verdict(fixture_play(*state, "t:drop(t)"), OUTCOME_INVALID, 2, "a Door was expected");
}

static void test_other_outcomes_can_be_raised(void **state)
{
    extend(*state, "");
    assert_verdict(fixture_play(*state, "t:broken()"), OUTCOME_HOST_START, 2, "no such host");
}

static void test_a_failure_may_have_rows_and_a_reason(void **state)
{
    struct verdict *verdict;

    extend(*state, "local hw = ...\n"
                   "local Door = hw.class('Door')\n"
                   "function Door:slam()\n"
                   "  hw.fail{message = 'it slams', because = 'wind',\n"
                   "          rows = {{'door', self.name}, {'at', hw.clock(44180000)}}}\n"
                   "end\n"
                   "");
    verdict = fixture_play(*state, "t:door():slam()");
    assert_verdict(verdict, OUTCOME_FAIL, 2, NULL);
    assert_string_equal(verdict->message, "it slams  (wind)");
    assert_string_equal(row_of(verdict, "door"), "front");
    assert_string_equal(row_of(verdict, "at"), "+00:44.180");
}

static void test_a_bug_in_the_engines_lua_is_an_error_of_ours(void **state)
{
    extend(*state, "local hw = ...\n"
                   "local Door = hw.class('Door')\n"
                   "function Door:crash() return nil + 1 end\n");
    assert_verdict(fixture_play(*state, "t:door():crash()\nprint(1)"), OUTCOME_ERROR, 2,
                   "internal error: extension.lua:3:");
}

static void test_a_broken_extension_is_reported(void **state)
{
    struct fixture *fixture = *state;
    struct buf error = {0};

    assert_true(engine_extend(fixture->engine, "x.lua", "error('no')", 11, &error) < 0);
    assert_contains(buf_text(&error), "x.lua:1: no");
    buf_deinit(&error);
}

/* ---- lint ---- */

static int lint(struct fixture *fixture, const char *source)
{
    assert_int_equal(fixture_load(fixture, source), 0);
    return engine_lint(fixture->engine, fixture->path, &fixture->loaded);
}

static void test_lint_finds_methods_that_nothing_has(void **state)
{
    struct fixture *fixture = *state;

    assert_true(lint(fixture, "-- t:nonsense()\n"
                              "scenario('x', function(t)\n"
                              "  local modem = t:modem {}\n"
                              "  local text = [[ modem:nothing() ]] .. 'a:b()'\n"
                              "  modem:expct \"AT\"\n"
                              "\n"
                              "  modem:wait_urk('x')\n"
                              "end)") < 0);
    assert_verdict(&fixture->loaded, OUTCOME_INVALID, 5,
                   "nothing has a function \"expct\"; did you mean \"expect\"?");
    assert_int_equal(fixture->loaded.row_count, 1);
    assert_contains(fixture->loaded.rows[0].text, "line 7: nothing has a function \"wait_urk\"");
}

static void test_lint_accepts_what_the_file_defines(void **state)
{
    assert_int_equal(lint(*state, "local helper = { go = function() end }\n"
                                  "function helper:walk() end\n"
                                  "scenario('x', function(t)\n"
                                  "  helper:walk() helper:go {}\n"
                                  "  goto done\n"
                                  "  ::done::\n"
                                  "  local s = ('x'):rep(3):upper()\n"
                                  "end)"),
                     0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_declares_scenarios_in_order),
        TEST(test_a_first_line_for_the_shell_is_skipped),
        TEST(test_syntax_error_names_file_and_line),
        TEST(test_a_missing_file_is_invalid),
        TEST(test_misspelt_global_is_named_at_load),
        TEST(test_writing_a_global_is_refused),
        TEST(test_library_of_the_outside_is_not_there),
        TEST(test_binary_chunks_are_refused),
        TEST(test_title_is_mandatory_and_unique),
        TEST(test_misspelt_scenario_option_is_named),
        TEST(test_a_file_without_scenarios_is_invalid),
        TEST(test_waiting_at_load_is_refused),
        TEST(test_endless_loop_at_load_is_stopped),
        TEST(test_modules_come_from_the_folder_and_lib),
        TEST(test_modules_from_elsewhere_are_refused),
        TEST(test_classes_can_be_added_and_extended),
        TEST(test_a_forgotten_object_is_an_error),
        TEST(test_arguments_of_another_class_are_refused),
        TEST(test_other_outcomes_can_be_raised),
        TEST(test_a_failure_may_have_rows_and_a_reason),
        TEST(test_a_bug_in_the_engines_lua_is_an_error_of_ours),
        TEST(test_a_broken_extension_is_reported),
        TEST(test_lint_finds_methods_that_nothing_has),
        TEST(test_lint_accepts_what_the_file_defines),
    };

    return cmocka_run_group_tests_name("engine-load", tests, NULL, NULL);
}
