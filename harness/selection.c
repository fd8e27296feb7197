/* SPDX-License-Identifier: MIT */
#include "harness/selection.h"

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/bind_harness.h"
#include "harness/opts.h"
#include "harness/run_options.h"
#include "harness/stage.h"
#include "lua/engine.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define SLUG_MAX 60

/* ---- seeds ---- */

/*
 * FNV-1a over the file's own name and the title, so that the same scenario has the same seed from
 * wherever it is run; folded to 32 bits, which people can read out and type again.
 */
static uint64_t seed_by_name(const char *path, const char *title)
{
    const char *slash = strrchr(path, '/');
    const char *parts[] = {slash ? slash + 1 : path, title};
    uint64_t hash = 14695981039346656037u;

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        for (const char *p = parts[i];; p++) {
            hash = (hash ^ (unsigned char)*p) * 1099511628211u;
            if (!*p)
                break;
        }
    }
    return (hash ^ hash >> 32) & 0xffffffffu;
}

/* ---- cases ---- */

static struct trial_case *add_case(struct selection *selection, const char *path, int line,
                                   const char *title)
{
    struct trial_case *item;

    for (size_t i = 0; i < selection->count; i++) {
        item = &selection->cases[i];
        if (item->line == line && strcmp(item->path, path) == 0 && strcmp(item->title, title) == 0)
            return NULL; /* named twice, for instance by its folder too */
    }
    if (selection->count == selection->cap) {
        selection->cap = selection->cap ? selection->cap * 2 : 32;
        selection->cases = xrealloc(selection->cases, selection->cap * sizeof(*selection->cases));
    }
    item = &selection->cases[selection->count++];
    *item = (struct trial_case){.path = xstrdup(path), .line = line, .title = xstrdup(title)};
    return item;
}

struct filter {
    const struct run_options *options;
    const regex_t *title; /* NULL = any */
    int line;             /* 0 = any */
};

/* The line of the first scenario behind this one; a loop declares several in one line. */
static int next_line(const struct engine *engine, size_t index)
{
    int line = engine_scenario(engine, index).line;

    for (size_t i = index + 1; i < engine_scenario_count(engine); i++) {
        if (engine_scenario(engine, i).line > line)
            return engine_scenario(engine, i).line;
    }
    return INT32_MAX;
}

static bool shares_line(const struct engine *engine, size_t index)
{
    int line = engine_scenario(engine, index).line;

    for (size_t i = 0; i < engine_scenario_count(engine); i++) {
        if (i != index && engine_scenario(engine, i).line == line)
            return true;
    }
    return false;
}

static void add_scenarios(struct selection *selection, const struct filter *filter,
                          const char *path, const struct engine *engine)
{
    size_t count = engine_scenario_count(engine);

    for (size_t i = 0; i < count; i++) {
        struct scenario_decl decl = engine_scenario(engine, i);
        struct trial_case *item;

        /* FILE:LINE means the scenario around that line, so that lines of failures work too. */
        if (filter->line && (filter->line < decl.line || filter->line >= next_line(engine, i)))
            continue;
        if (filter->title && regexec(filter->title, decl.title, 0, NULL, 0) != 0)
            continue;
        item = add_case(selection, path, decl.line, decl.title);
        if (!item)
            continue;
        item->index = i;
        item->plan = filter->options->plan;
        item->shares_line = shares_line(engine, i);
        item->seed = filter->options->seed_habit == SEED_BY_NAME ? seed_by_name(path, decl.title)
                                                                 : filter->options->seed;
    }
}

static int add_file(struct selection *selection, const struct filter *filter, const char *path)
{
    struct stage_config config = {.time_scale = 1};
    struct verdict verdict = {0};
    struct buf error = {0};
    struct engine *engine;
    struct stage stage;

    if (stage_init(&stage, &config, &error) < 0) {
        fprintf(stderr, "hayeswire: %s\n", error.data);
        buf_deinit(&error);
        return -3;
    }
    engine = engine_new(&(struct engine_config){
        .bench = &stage.bench, .time_scale = 1, .dialect = filter->options->dialect});
    bind_harness(engine);
    if (engine_load(engine, path, &verdict) == 0) {
        add_scenarios(selection, filter, path, engine);
    } else {
        struct trial_case *item = add_case(selection, path, 0, "(the file does not load)");

        if (item) {
            item->is_done = true;
            item->result.verdict = verdict;
            verdict = (struct verdict){0};
        }
    }
    verdict_deinit(&verdict);
    engine_free(engine);
    stage_deinit(&stage);
    return 0;
}

/* "dir/file.lua:40" to "dir/file.lua" and 40; a path that exists as it stands is left alone. */
static char *split_line(const char *word, int *line_out)
{
    const char *colon = strrchr(word, ':');
    long long line;

    *line_out = 0;
    if (!colon || access(word, F_OK) == 0 || text_parse_int(colon + 1, &line) < 0 || line < 1 ||
        line > INT32_MAX)
        return xstrdup(word);
    *line_out = (int)line;
    return xstrndup(word, (size_t)(colon - word));
}

/*
 * A path below this folder, from here: what is printed and reported is then the same on each
 * machine, and a command in it works in any checkout.
 */
static const char *from_here(const char *word)
{
    char *here = getcwd(NULL, 0);
    size_t len = here ? strlen(here) : 0;
    bool is_below = len > 1 && strncmp(word, here, len) == 0 && word[len] == '/' && word[len + 1];

    free(here);
    return is_below ? word + len + 1 : word;
}

static int add_word(struct selection *selection, struct filter *filter, const char *word)
{
    struct names files = {0};
    char *path = split_line(from_here(word), &filter->line);
    size_t before = selection->count;
    int r = scenario_files(NULL, path, &files);

    for (size_t i = 0; i < files.count && r == 0; i++)
        r = add_file(selection, filter, files.items[i]);
    if (r == 0 && filter->line && selection->count == before && !filter->title)
        fprintf(stderr, "hayeswire: %s: no scenario at line %d\n", path, filter->line);
    names_deinit(&files);
    free(path);
    return r;
}

/* ---- names of folders ---- */

static char *stem_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t len = strlen(name);
    char *stem;

    if (len > 4 && strcmp(name + len - 4, ".lua") == 0)
        len -= 4;
    stem = xstrndup(name, len < SLUG_MAX ? len : SLUG_MAX);
    for (char *p = stem; *p; p++) {
        if (!isalnum((unsigned char)*p) && *p != '-' && *p != '_' && *p != '.')
            *p = '-';
    }
    return stem;
}

static bool is_taken(const struct selection *selection, const char *slug)
{
    for (size_t i = 0; i < selection->count; i++) {
        const char *other = selection->cases[i].slug;

        if (other && strcmp(other, slug) == 0)
            return true;
    }
    return false;
}

/* The file's stem where that is enough, else with the line, else with a number as well. */
static void name_folders(struct selection *selection)
{
    for (size_t i = 0; i < selection->count; i++) {
        struct trial_case *item = &selection->cases[i];
        char *stem = stem_of(item->path), *slug = xstrdup(stem);
        bool alone = (i == 0 || strcmp(item->path, item[-1].path) != 0) &&
                     (i + 1 == selection->count || strcmp(item->path, item[1].path) != 0);

        if (!alone) {
            free(slug);
            slug = xasprintf("%s-%d", stem, item->line);
        }
        for (unsigned n = 2; is_taken(selection, slug); n++) {
            free(slug);
            slug = xasprintf("%s-%d-%u", stem, item->line, n);
        }
        item->slug = slug;
        free(stem);
    }
}

/* ---- all ---- */

int selection_make(const struct run_options *options, struct selection *selection_out)
{
    struct filter filter = {.options = options};
    regex_t regex;
    int r = 0;

    *selection_out = (struct selection){0};
    if (options->title_regex) {
        int error = regcomp(&regex, options->title_regex, REG_EXTENDED | REG_NOSUB);
        char why[128];

        if (error) {
            regerror(error, &regex, why, sizeof(why));
            return -usage_error("run", "-k %s: %s", options->title_regex, why);
        }
        filter.title = &regex;
    }
    for (int i = 0; i < options->scenario_count && r == 0; i++)
        r = add_word(selection_out, &filter, options->scenarios[i]);
    if (filter.title)
        regfree(&regex);
    name_folders(selection_out);
    return r;
}

void selection_deinit(struct selection *selection)
{
    for (size_t i = 0; i < selection->count; i++)
        trial_case_deinit(&selection->cases[i]);
    free(selection->cases);
    *selection = (struct selection){0};
}
