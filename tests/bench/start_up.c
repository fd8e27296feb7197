/*
 * From the start of a process to the first OK of the modem in it, beside what an empty program
 * costs on this machine.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/base/mem.h"
#include "tests/bench/measure.h"

#define GOAL_MS  3.0
#define SCENARIO "one-modem.lua"

/* Return: milliseconds from the start of a modem's process to its first OK. */
static double run_to_ok(const struct bench_plan *plan, const char *dialect)
{
    char *argv[] = {(char *)plan->self, (char *)"serve-one", (char *)dialect, NULL};
    uint64_t start_ns = now_ns();
    char tty[64];
    int pipe_fds[2], fd;
    double ms;
    pid_t pid;

    if (pipe2(pipe_fds, O_CLOEXEC) < 0)
        die("no pipe: %s", strerror(errno));
    pid = process_spawn(argv, pipe_fds[1]);
    close(pipe_fds[1]);
    if (read(pipe_fds[0], tty, sizeof(tty)) <= 0)
        die("a modem did not start");
    fd = client_open(tty);
    client_exchange(fd, "AT\r", 3, 1);
    ms = (double)(now_ns() - start_ns) / 1e6;
    close(fd);
    close(pipe_fds[0]);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return ms;
}

static void print_start(const char *dialect, double ms, double empty_ms)
{
    char what[64];

    snprintf(what, sizeof(what), "start to first OK, %s / empty program", dialect);
    print_row(&(struct row){.what = what,
                            .figure = ms,
                            .unit = "ms",
                            .reference = empty_ms,
                            .goal = "within 3 ms of exec",
                            .has_verdict = true,
                            .is_met = ms <= GOAL_MS});
}

/* In a folder of its own, a scenario with one modem and no host. Return: the folder, to be freed.
 */
static char *write_scenario(void)
{
    static const char text[] = "scenario(\"A modem is switched on\", function(t)\n"
                               "  local modem = t:modem { dialect = \"gpp\" }\n"
                               "  modem:wait_power(\"on\", { within = \"10s\" })\n"
                               "end)\n";
    char *dir = tree_make(), *path;
    FILE *file;

    path = xasprintf("%s/" SCENARIO, dir);
    file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        die("%s: %s", path, strerror(errno));
    free(path);
    return dir;
}

static void measure_run(const struct bench_plan *plan, double empty_ms)
{
    size_t count = plan->quick ? 1 : 20;
    struct samples run = {0};
    char *dir, *scenario, *out;

    if (access(plan->hayeswire, X_OK) < 0)
        die("%s is not built", plan->hayeswire);
    dir = write_scenario();
    scenario = xasprintf("%s/" SCENARIO, dir);
    out = xasprintf("%s/out", dir);
    for (size_t i = 0; i < count; i++) {
        char *argv[] = {
            (char *)plan->hayeswire, (char *)"run", (char *)"--out", out, scenario, NULL};

        samples_add(&run, process_run(argv));
    }
    tree_remove(dir);
    free(out);
    free(scenario);
    free(dir);
    print_row(&(struct row){.what = "hayeswire run of a trivial scenario / empty program",
                            .figure = samples_median(&run),
                            .unit = "ms",
                            .reference = empty_ms});
    samples_deinit(&run);
}

void measure_start_up(const struct bench_plan *plan)
{
    static const char *const dialects[] = {"gpp", "bc26"};
    char *empty_argv[] = {(char *)"/bin/true", NULL};
    struct samples empty = {0}, modems[ARRAY_LEN(dialects)] = {0};
    size_t count = plan->quick ? 2 : 50;
    double empty_ms;

    for (size_t i = 0; i < count; i++) {
        samples_add(&empty, process_run(empty_argv));
        for (size_t k = 0; k < ARRAY_LEN(dialects); k++)
            samples_add(&modems[k], run_to_ok(plan, dialects[k]));
    }
    empty_ms = samples_median(&empty);
    for (size_t k = 0; k < ARRAY_LEN(dialects); k++) {
        print_start(dialects[k], samples_median(&modems[k]), empty_ms);
        samples_deinit(&modems[k]);
    }
    samples_deinit(&empty);
    measure_run(plan, empty_ms);
}
