/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "harness/names.h"
#include "harness/opts.h"
#include "harness/report.h"
#include "harness/run_dir.h"
#include "harness/run_options.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

static const struct reporter *const reporters[] = {
    &reporter_pretty, &reporter_dot,    &reporter_tap,  &reporter_tap13,  &reporter_junit,
    &reporter_jsonl,  &reporter_github, &reporter_html, &reporter_pcapng, &reporter_asciicast,
};

const struct reporter *reporter_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(reporters); i++) {
        if (strcmp(reporters[i]->name, name) == 0)
            return reporters[i];
    }
    return NULL;
}

const char *reporter_name(size_t index)
{
    return index < ARRAY_LEN(reporters) ? reporters[index]->name : NULL;
}

/* ---- the choice ---- */

/* The reporter of that name, or NULL; the name of each that there is, for a message. */
static const struct reporter *find_known(const struct report_choices *choices, const char *name,
                                         struct names *known_out)
{
    const struct reporter *const *known = choices->known ? choices->known : reporters;
    size_t count = choices->known ? choices->known_count : ARRAY_LEN(reporters);
    const struct reporter *found = NULL;

    for (size_t i = 0; i < count; i++) {
        names_add(known_out, known[i]->name);
        if (strcmp(known[i]->name, name) == 0)
            found = known[i];
    }
    return found;
}

static int unknown(const char *verb, const char *name, const struct names *known)
{
    const char *near = names_nearest(known, name);
    struct buf all = {0};
    int r;

    for (size_t i = 0; i < known->count; i++)
        buf_printf(&all, "%s%s", i ? ", " : "", known->items[i]);
    if (near)
        r = usage_error(verb, "--reporter %s: did you mean %s?", name, near);
    else
        r = usage_error(verb, "--reporter %s: there are %s", name, all.data);
    buf_deinit(&all);
    return r;
}

static bool has_stdout(const struct report_choice *choice)
{
    return choice->reporter->target != REPORT_TO_TALK &&
           (!choice->target || strcmp(choice->target, "-") == 0);
}

static int add_choice(const char *verb, struct report_choices *choices, char *word)
{
    char *target = strchr(word, '=');
    struct report_choice choice;
    struct names known = {0};
    int status = 0;

    if (target)
        *target++ = '\0';
    choice = (struct report_choice){find_known(choices, word, &known), target};
    if (!choice.reporter)
        status = unknown(verb, word, &known);
    names_deinit(&known);
    if (status != 0)
        return status;
    if (target && !*target)
        return usage_error(verb, "--reporter %s=: a name is expected after =", word);
    if (!target && choice.reporter->target == REPORT_TO_FILE)
        return usage_error(verb, "--reporter %s wants a file, as in %s=FILE (- is stdout)", word,
                           word);
    if (!target && choice.reporter->target == REPORT_TO_FOLDER)
        return usage_error(verb, "--reporter %s wants a folder, as in %s=DIR", word, word);
    for (size_t i = 0; i < choices->count; i++) {
        if (has_stdout(&choice) && has_stdout(&choices->items[i]))
            return usage_error(verb, "--reporter: %s and %s both want stdout",
                               choices->items[i].reporter->name, word);
    }
    if (choices->count == REPORT_CHOICE_MAX)
        return usage_error(verb, "--reporter: at most %d at once", REPORT_CHOICE_MAX);
    choices->items[choices->count++] = choice;
    return 0;
}

int report_choices_add(const char *verb, struct report_choices *choices, char *list)
{
    int status = 0;

    while (list && status == 0) {
        char *comma = strchr(list, ',');

        if (comma)
            *comma++ = '\0';
        status = add_choice(verb, choices, list);
        list = comma;
    }
    return status;
}

void report_choices_default(struct report_choices *choices)
{
    const char *actions = getenv("GITHUB_ACTIONS");

    if (choices->count > 0)
        return;
    if (actions && strcmp(actions, "true") == 0) {
        choices->items[choices->count++] = (struct report_choice){&reporter_dot, NULL};
        choices->items[choices->count++] = (struct report_choice){&reporter_github, NULL};
    } else {
        choices->items[choices->count++] = (struct report_choice){&reporter_pretty, NULL};
    }
}

bool report_choices_need_trace(const struct report_choices *choices)
{
    for (size_t i = 0; i < choices->count; i++) {
        if (choices->items[i].reporter->needs_trace)
            return true;
    }
    return false;
}

bool report_choices_have_stdout(const struct report_choices *choices)
{
    for (size_t i = 0; i < choices->count; i++) {
        if (has_stdout(&choices->items[i]) || choices->items[i].reporter->target == REPORT_TO_TALK)
            return true;
    }
    return false;
}

bool report_choices_have_tap(const struct report_choices *choices)
{
    for (size_t i = 0; i < choices->count; i++) {
        if (choices->items[i].reporter->tell == reporter_tap.tell && has_stdout(&choices->items[i]))
            return true;
    }
    return false;
}

bool reporter_is_for_people(const struct reporter *reporter)
{
    return reporter == &reporter_pretty || reporter == &reporter_dot;
}

/* ---- all at once ---- */

/* Only one may have stdout for itself; what is talk goes to stderr then. */
static FILE *talk_file(const struct report_choices *choices)
{
    for (size_t i = 0; i < choices->count; i++) {
        if (has_stdout(&choices->items[i]) && !reporter_is_for_people(choices->items[i].reporter))
            return stderr;
    }
    return stdout;
}

/* ---- files that end .gz: written as they are, packed at the end ---- */

static bool is_packed(const char *path)
{
    size_t len = path ? strlen(path) : 0;

    return len > 3 && strcmp(path + len - 3, ".gz") == 0;
}

static char *part_path(const char *path)
{
    return xasprintf("%s.part", path);
}

static FILE *open_file(const char *path)
{
    char *part;
    FILE *file;

    if (!is_packed(path))
        return fopen(path, "we");
    part = part_path(path);
    file = fopen(part, "w+e");
    free(part);
    return file;
}

/* Return: 0 or -EIO. The part goes only when the whole is there. */
static int pack(FILE *file, const char *path)
{
    static char chunk[65536];
    gzFile packed = gzopen(path, "wbe");
    char *part = part_path(path);
    size_t got;
    bool is_good = packed != NULL;

    rewind(file);
    while (is_good && (got = fread(chunk, 1, sizeof(chunk), file)) > 0)
        is_good = gzwrite(packed, chunk, (unsigned)got) == (int)got;
    is_good = is_good && !ferror(file);
    if (packed && gzclose(packed) != Z_OK)
        is_good = false;
    if (is_good)
        unlink(part);
    free(part);
    return is_good ? 0 : -EIO;
}

static int open_target(struct report *report, const struct report_choice *choice,
                       const struct report_choices *choices)
{
    const char *target = choice->target;
    struct stat st;

    report->target = target;
    report->out = choice->reporter->target == REPORT_TO_TALK ? talk_file(choices) : stdout;
    if (choice->reporter->target == REPORT_TO_FOLDER) {
        int r = path_make(target);

        report->out = NULL; /* each case has its own */
        if (r == 0 && (stat(target, &st) < 0 || !S_ISDIR(st.st_mode)))
            r = -ENOTDIR;
        return r;
    }
    if (target && strcmp(target, "-") != 0) {
        report->out = open_file(target);
        return report->out ? 0 : -errno;
    }
    return 0;
}

static int add_report(struct report_set *set, const struct report *base,
                      const struct report_choice *choice, const struct report_choices *choices)
{
    struct report *report = &set->items[set->count];
    int r;

    *report = *base;
    r = open_target(report, choice, choices);
    if (r < 0) {
        fprintf(stderr, "hayeswire: %s: %s\n", choice->target, strerror(-r));
        report->out = NULL;
        return r;
    }
    set->reporters[set->count++] = choice->reporter;
    return 0;
}

int report_set_open(struct report_set *set, const struct report *base)
{
    const struct report_choices *choices = &base->options->reports;
    const struct report_choice own = {base->options->reporter, NULL};
    int r = 0;

    *set = (struct report_set){0};
    if (own.reporter)
        r = add_report(set, base, &own, choices);
    for (size_t i = 0; i < choices->count && r == 0; i++) {
        if (!own.reporter || !reporter_is_for_people(choices->items[i].reporter))
            r = add_report(set, base, &choices->items[i], choices);
    }
    if (r < 0)
        report_set_close(set);
    return r;
}

void report_set_begin(struct report_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->reporters[i]->begin)
            set->reporters[i]->begin(&set->items[i]);
    }
}

void report_set_tell(struct report_set *set, struct trial_case *item)
{
    for (size_t i = 0; i < set->count; i++) {
        set->items[i].keep_folder = item->is_kept;
        if (set->reporters[i]->tell)
            set->reporters[i]->tell(&set->items[i], item);
        item->is_kept = set->items[i].keep_folder;
    }
}

void report_set_progress(struct report_set *set, const struct trial_case *item)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->reporters[i]->progress)
            set->reporters[i]->progress(&set->items[i], item);
    }
}

void report_set_tell_not_run(struct report_set *set, const struct trial_case *item)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->reporters[i]->tell_not_run)
            set->reporters[i]->tell_not_run(&set->items[i], item);
    }
}

void report_set_end(struct report_set *set, const struct run_summary *summary)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->reporters[i]->end)
            set->reporters[i]->end(&set->items[i], summary);
    }
}

int report_set_close(struct report_set *set)
{
    int r = 0;

    for (size_t i = 0; i < set->count; i++) {
        struct report *report = &set->items[i];

        if (report->out && (fflush(report->out) != 0 || ferror(report->out)))
            report_fail(report, report->target ? report->target : "stdout", -EIO);
        if (report->out && report->error == 0 && is_packed(report->target) &&
            pack(report->out, report->target) < 0)
            report_fail(report, report->target, -EIO);
        if (report->out && report->out != stdout && report->out != stderr &&
            fclose(report->out) != 0)
            report_fail(report, report->target, -EIO);
        report->out = NULL;
        if (r == 0)
            r = report->error;
    }
    return r;
}
