/* SPDX-License-Identifier: MIT */
#include "harness/report_cmd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/capture.h"
#include "harness/case_page.h"
#include "harness/opts.h"
#include "harness/report_input.h"
#include "harness/report_merge.h"
#include "harness/run_options.h"
#include "harness/sweep_report.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define EXIT_USAGE  2
#define EXIT_FAILED 3

static void print_help(void)
{
    fputs("hayeswire report show PATH...\n"
          "hayeswire report convert PATH... --to FORM [-o FILE|DIR] [--compare PATH]\n"
          "hayeswire report merge --expect-shards N FILE... [-o FILE] [--reporter LIST]\n"
          "\n"
          "  hayeswire report show out/latest\n"
          "  hayeswire report convert out/latest --to junit -o junit.xml\n"
          "  hayeswire report convert out/latest/upgrade/trace.jsonl --to html -o upgrade.html\n"
          "  hayeswire report merge --expect-shards 8 shard-*.jsonl.gz --reporter html=report\n"
          "\n"
          "PATH is the folder of a run, the folder or the trace of one scenario, or a stream that\n"
          "--reporter jsonl=FILE wrote. Forms:",
          stdout);
    for (size_t i = 0; reporter_name(i); i++)
        printf(" %s", reporter_name(i));
    puts(
        "\nOf several scenarios, html, pcapng and asciicast make a folder with a file for each.\n"
        "merge puts the streams of a sweep's shards together, and exits with 3 if one is missing,\n"
        "incomplete, doubled, or of another plan.\n");
}

/* Return: 0 or -errno, after a message. */
static int load_all(struct report_input *input, char **paths, int count)
{
    struct buf error = {0};
    int r = 0;

    for (int i = 0; i < count && r == 0; i++)
        r = report_input_load(input, paths[i], &error);
    if (r < 0)
        fprintf(stderr, "hayeswire report: %s\n", buf_text(&error));
    buf_deinit(&error);
    return r;
}

static bool is_for_people(const struct report_choices *choices)
{
    for (size_t i = 0; i < choices->count; i++) {
        if (reporter_is_for_people(choices->items[i].reporter))
            return true;
    }
    return false;
}

int report_input_tell(const struct report_input *input, const struct report_choices *choices,
                      const struct recording *reference)
{
    struct run_options options = {.reports = *choices, .out = "."};
    struct report base = {
        .options = &options,
        .selection = &input->selection,
        .recordings = input->recordings,
        .references = input->references,
        .reference = reference,
    };
    struct sweep_report sweep = {.what = "of several faults"};
    struct run_summary summary;
    struct report_set set;
    int r;

    if (input->selection.count > 0 && input->selection.cases[0].faults.count > 0 &&
        is_for_people(choices)) {
        sweep.what = input->selection.cases[0].path;
        options.reporter = &reporter_sweep;
        base.arg = &sweep;
    }
    r = report_set_open(&set, &base);
    if (r < 0)
        return r;
    report_input_summarize(input, &summary);
    report_set_begin(&set);
    for (size_t i = 0; i < input->selection.count; i++) {
        if (input->selection.cases[i].is_done)
            report_set_tell(&set, &input->selection.cases[i]);
        else
            report_set_tell_not_run(&set, &input->selection.cases[i]);
    }
    report_set_end(&set, &summary);
    sweep_report_deinit(&sweep);
    return report_set_close(&set);
}

/* ---- show ---- */

static int show(int argc, char **argv)
{
    static const struct opts opts = {"report show", NULL, 0};
    struct report_choices choices = {.items = {{&reporter_pretty, NULL}}, .count = 1};
    struct report_input input = {0};
    const char *value;
    int rest, key, status = 0;

    while ((key = opts_next(&opts, argc, argv, &value, &rest)) != 0) {
        if (key == 'h')
            print_help();
        return key == 'h' ? 0 : EXIT_USAGE;
    }
    if (rest == argc)
        return usage_error(opts.verb, "what? For instance: hayeswire report show out/latest");
    if (load_all(&input, argv + rest, argc - rest) < 0)
        status = EXIT_FAILED;
    else if (input.selection.count == 1 && input.recordings[0].count > 0 &&
             report_is_good(&input.selection.cases[0])) {
        struct buf text = {0};

        recording_transcript(&input.recordings[0], SIZE_MAX / 2, &text);
        fwrite(buf_text(&text), 1, text.len, stdout);
        buf_deinit(&text);
    } else if (report_input_tell(&input, &choices, NULL) < 0) {
        status = EXIT_FAILED;
    }
    report_input_deinit(&input);
    return status;
}

/* ---- convert ---- */

struct convert {
    const struct reporter *reporter;
    const char *output, *compare;
};

static const struct opt_row convert_rows[] = {
    {'t', "to",      "FORM",     "html, junit, tap, tap13, jsonl, github, pcapng, asciicast, pretty"},
    {'o', "output",  "FILE|DIR", "where to write it (default: stdout)"                              },
    {'c', "compare", "PATH",     "html: the trace of a fault-free run to compare with"              },
};

static const struct opts convert_opts = {"report convert", convert_rows, ARRAY_LEN(convert_rows)};

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);

    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* A form that has a file for each case, of one case: the file itself, not a folder. */
static bool is_single(const struct convert *convert, const struct report_input *input)
{
    const char *output = convert->output ? convert->output : "-";

    return convert->reporter->target == REPORT_TO_FOLDER && input->selection.count == 1 &&
           (strcmp(output, "-") == 0 || ends_with(output, ".html") ||
            ends_with(output, ".pcapng") || ends_with(output, ".cast"));
}

static int write_single(const struct convert *convert, const struct report_input *input,
                        const struct recording *reference)
{
    bool is_stdout = !convert->output || strcmp(convert->output, "-") == 0;
    struct run_options options = {0};
    struct report report = {
        .options = &options, .selection = &input->selection, .references = input->references};
    FILE *file = is_stdout ? stdout : fopen(convert->output, "we");
    struct recording own = {0};
    bool is_bad;

    if (!file) {
        fprintf(stderr, "hayeswire report: %s: %s\n", convert->output, strerror(errno));
        return -errno;
    }
    report.reference = reference;
    if (convert->reporter == &reporter_html)
        case_page_write(&report, &input->selection.cases[0], &input->recordings[0],
                        report_reference(&report, &input->selection.cases[0], &own), file);
    else if (convert->reporter == &reporter_pcapng)
        capture_write_pcapng(&input->recordings[0], file);
    else
        capture_write_asciicast(&input->recordings[0], file);
    recording_deinit(&own);
    is_bad = ferror(file) != 0;
    if ((is_stdout ? fflush(file) : fclose(file)) != 0 || is_bad) {
        fprintf(stderr, "hayeswire report: %s: cannot be written\n",
                is_stdout ? "stdout" : convert->output);
        return -EIO;
    }
    return 0;
}

static int write_converted(const struct convert *convert, const struct report_input *input,
                           const struct recording *reference)
{
    struct report_choices choices = {.items = {{convert->reporter, convert->output}}, .count = 1};

    if (is_single(convert, input))
        return write_single(convert, input, reference) < 0 ? EXIT_FAILED : 0;
    if (!convert->output && convert->reporter->target == REPORT_TO_FOLDER)
        return usage_error(convert_opts.verb, "%s of %zu scenarios needs -o DIR",
                           convert->reporter->name, input->selection.count);
    return report_input_tell(input, &choices, reference) < 0 ? EXIT_FAILED : 0;
}

static int convert_all(const struct convert *convert, char **paths, int count)
{
    struct report_input input = {0}, other = {0};
    const struct recording *reference = NULL;
    char *compare = (char *)convert->compare;
    int status = 0;

    if (load_all(&input, paths, count) < 0 || (compare && load_all(&other, &compare, 1) < 0))
        status = EXIT_FAILED;
    if (status == 0 && compare && other.selection.count != 1)
        status = usage_error(convert_opts.verb, "--compare %s: wants one trace", compare);
    if (status == 0 && compare)
        reference = &other.recordings[0];
    if (status == 0)
        status = write_converted(convert, &input, reference);
    report_input_deinit(&input);
    report_input_deinit(&other);
    return status;
}

static int set_form(struct convert *convert, const char *name)
{
    const char *names[REPORT_CHOICE_MAX], *near;
    size_t count = 0;

    convert->reporter = reporter_find(name);
    if (convert->reporter)
        return 0;
    while (count < REPORT_CHOICE_MAX && reporter_name(count)) {
        names[count] = reporter_name(count);
        count++;
    }
    near = text_nearest(name, names, count);
    return usage_error(convert_opts.verb, near ? "--to %s: did you mean %s?" : "--to %s: unknown%s",
                       name, near ? near : "");
}

static int convert(int argc, char **argv)
{
    struct convert convert = {0};
    const char *value;
    int rest, key, status = 0;

    while (status == 0 && (key = opts_next(&convert_opts, argc, argv, &value, &rest)) != 0) {
        switch (key) {
        case 't':
            status = set_form(&convert, value);
            break;
        case 'o':
            convert.output = value;
            break;
        case 'c':
            convert.compare = value;
            break;
        case 'h':
            print_help();
            return 0;
        default:
            status = EXIT_USAGE;
        }
    }
    if (status != 0)
        return status;
    if (!convert.reporter)
        return usage_error(convert_opts.verb, "--to which form? See hayeswire report --help");
    if (rest == argc)
        return usage_error(convert_opts.verb, "of what? For instance: out/latest");
    return convert_all(&convert, argv + rest, argc - rest);
}

/* ---- all of them ---- */

int report_command(int argc, char **argv)
{
    static const char *const acts[] = {"show", "convert", "merge"};
    const char *near;

    if (argc < 2)
        return usage_error("report", "show, convert or merge? See hayeswire report --help");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help();
        return 0;
    }
    if (strcmp(argv[1], "show") == 0)
        return show(argc - 1, argv + 1);
    if (strcmp(argv[1], "convert") == 0)
        return convert(argc - 1, argv + 1);
    if (strcmp(argv[1], "merge") == 0)
        return report_merge(argc - 1, argv + 1, print_help);
    near = text_nearest(argv[1], acts, ARRAY_LEN(acts));
    if (near)
        return usage_error("report", "unknown act \"%s\"; did you mean \"%s\"?", argv[1], near);
    return usage_error("report", "unknown act \"%s\"; there are show, convert and merge", argv[1]);
}
