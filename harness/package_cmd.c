/*
 * hayeswire package: make and inspect firmware packages, and hand over to the package server.
 * SPDX-License-Identifier: MIT
 */
#include "harness/package_cmd.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/opts.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/dialect/registry.h"
#include "sim/modem/dialect.h"
#include "sim/modem/package.h"

#define EXIT_BAD    1
#define EXIT_USAGE  2
#define EXIT_FAILED 3

#define DEFAULT_SIZE "64k"
#define WITH_MAX     16

/* ---- make ---- */

struct make_options {
    const char *dialect, *from, *to, *size, *output;
    const char *with[WITH_MAX];
    size_t with_count;
};

static const struct opt_row make_rows[] = {
    {'d', "dialect", "NAME",       "the dialect whose modems take it"                                   },
    {'f', "from",    "VERSION",    "the firmware it applies to (default: any)"                          },
    {'t', "to",      "VERSION",    "the firmware it installs"                                           },
    {'s', "size",    "SIZE",       "of the whole file, as in 300k (default " DEFAULT_SIZE ")"           },
    {'w', "with",    "NAME=VALUE", "a setting of the files beside it; may be given again"               },
    {'o', "output",  "FILE",       "where to write it; - is stdout; a folder where the module takes one"},
};

static const struct opts make_opts = {"package make", make_rows, ARRAY_LEN(make_rows)};

static void print_make_help(void)
{
    puts("hayeswire package make --dialect NAME --to VERSION -o FILE [options]\n\n"
         "  hayeswire package make --dialect bc26 --from BC26NBR01A05 --to BC26NBR01A06 -o "
         "update.bin\n\n"
         "  hayeswire package make --dialect mt5700 --to '1.3.0.0(SP1C02)' -o server\n\n"
         "Makes a firmware package. The same options give the same bytes everywhere. Where the\n"
         "module takes more than one file from its server, -o is the folder for them.\n");
    opts_print(&make_opts, stdout);
    for (size_t d = 0; dialect_at(d); d++) {
        const struct dialect *dialect = dialect_at(d);

        if (dialect->package_option_count > 0)
            printf("\nsettings of --with for %s:\n", dialect->name);
        for (size_t i = 0; i < dialect->package_option_count; i++)
            printf("  %-16s %s (default: %s)\n", dialect->package_options[i].name,
                   dialect->package_options[i].doc, dialect->package_options[i].initial);
    }
}

static int write_output(const char *path, const struct buf *bytes)
{
    bool is_stdout = strcmp(path, "-") == 0;
    FILE *file = is_stdout ? stdout : fopen(path, "wb");
    bool is_written;

    if (!file)
        return -errno;
    is_written = fwrite(bytes->data, 1, bytes->len, file) == bytes->len;
    if ((is_stdout ? fflush(file) : fclose(file)) != 0 || !is_written)
        return errno ? -errno : -EIO;
    return 0;
}

/* ---- a folder ---- */

struct folder {
    const char *path;
    int error; /* the first, negative errno */
};

static int make_dir(const char *path)
{
    return mkdir(path, 0777) < 0 && errno != EEXIST ? -errno : 0;
}

/* One file of it; its name may begin with the name of a folder. */
static void write_file(void *arg, const char *name, const void *bytes, size_t len)
{
    struct folder *folder = arg;
    char *path = xasprintf("%s/%s", folder->path, name);
    char *slash = strrchr(path, '/');
    const struct buf content = {.data = (char *)bytes, .len = len};

    if (folder->error == 0)
        folder->error = make_dir(folder->path);
    if (folder->error == 0) {
        *slash = '\0';
        folder->error = make_dir(path);
        *slash = '/';
    }
    if (folder->error == 0)
        folder->error = write_output(path, &content);
    if (folder->error == 0)
        printf("%s: %zu bytes\n", path, len);
    free(path);
}

static int write_folder(const struct make_options *options, const struct dialect *dialect,
                        const struct buf *package)
{
    struct folder folder = {.path = options->output};
    const struct dialect_package what = {
        .bytes = package->data, .len = package->len, .from = options->from, .to = options->to};
    struct buf error = {0};
    int r = dialect_package_files(dialect, &what, options->with, options->with_count, write_file,
                                  &folder, &error);

    if (r < 0) {
        usage_error(make_opts.verb, "%s", buf_text(&error));
        buf_deinit(&error);
        return EXIT_USAGE;
    }
    if (folder.error == 0)
        return 0;
    fprintf(stderr, "hayeswire package make: %s: %s\n", options->output, strerror(-folder.error));
    return EXIT_FAILED;
}

static int make(const struct make_options *options)
{
    const struct dialect *dialect = dialect_find(options->dialect);
    struct buf package = {0}, error = {0};
    uint64_t size_bytes;
    int status = 0, r;

    if (options->with_count > 0 && !(dialect && dialect->package_files))
        return usage_error(make_opts.verb, "a package of %s is one file: --with has nothing to set",
                           options->dialect);
    if (strcmp(options->output, "-") == 0 && dialect && dialect->package_files)
        return usage_error(make_opts.verb, "%s takes a folder from its server: give -o FOLDER",
                           options->dialect);

    if (text_parse_size(options->size, &size_bytes) < 0)
        return usage_error(make_opts.verb, "\"%s\" is not a size, as in 4096, 300k or 1M",
                           options->size);
    if (package_make(options->dialect, options->from, options->to, (size_t)size_bytes, &package,
                     &error) < 0) {
        status = usage_error(make_opts.verb, "%s", buf_text(&error));
        goto out;
    }
    if (dialect && dialect->package_files) {
        status = write_folder(options, dialect, &package);
        goto out;
    }
    r = write_output(options->output, &package);
    if (r < 0) {
        fprintf(stderr, "hayeswire package make: %s: %s\n", options->output, strerror(-r));
        status = EXIT_FAILED;
        goto out;
    }
    if (strcmp(options->output, "-") != 0)
        printf("%s: %zu bytes\n", options->output, package.len);
out:
    buf_deinit(&package);
    buf_deinit(&error);
    return status;
}

static int make_command(int argc, char **argv)
{
    struct make_options options = {.from = "", .size = DEFAULT_SIZE};
    const char *value;
    int key, rest;

    while ((key = opts_next(&make_opts, argc, argv, &value, &rest)) != 0) {
        if (key == 'h') {
            print_make_help();
            return 0;
        }
        if (key == '?')
            return EXIT_USAGE;
        if (key == 'd')
            options.dialect = value;
        else if (key == 'f')
            options.from = value;
        else if (key == 't')
            options.to = value;
        else if (key == 's')
            options.size = value;
        else if (key == 'o')
            options.output = value;
        else if (key == 'w' && options.with_count < WITH_MAX)
            options.with[options.with_count++] = value;
        else if (key == 'w')
            return usage_error(make_opts.verb, "--with more than %d times", WITH_MAX);
    }
    if (rest < argc)
        return usage_error(make_opts.verb, "\"%s\" is left over; the file goes after -o",
                           argv[rest]);
    if (!options.dialect || !options.to || !options.output)
        return usage_error(make_opts.verb, "%s is missing; see hayeswire package make --help",
                           !options.dialect ? "--dialect NAME"
                           : !options.to    ? "--to VERSION"
                                            : "-o FILE");
    if (strcmp(options.output, "-") == 0 && isatty(STDOUT_FILENO))
        return usage_error(make_opts.verb, "a package is no text for a terminal; give -o FILE");
    return make(&options);
}

/* ---- inspect ---- */

struct inspect_options {
    const char *dialect, *running;
    bool as_json;
};

static const struct opt_row inspect_rows[] = {
    {'d', "dialect", "NAME",    "judge it as a modem of that dialect would, with --running"},
    {'r', "running", "VERSION", "the firmware that such a modem runs"                      },
    {'j', "json",    NULL,      "one JSON object a line"                                   },
};

static const struct opts inspect_opts = {"package inspect", inspect_rows, ARRAY_LEN(inspect_rows)};

static void print_inspect_help(void)
{
    puts("hayeswire package inspect FILE... [options]\n\n"
         "  hayeswire package inspect update.bin\n"
         "  hayeswire package inspect update.bin --dialect bc26 --running BC26NBR01A05\n\n"
         "Says what a package is for and whether it is whole. Exit status 0 when all of them are\n"
         "good, 1 when one is not.\n");
    opts_print(&inspect_opts, stdout);
}

/* What a package says of itself, known once its header is intact. */
static bool has_info(const struct package_info *info)
{
    return *info->dialect != '\0';
}

static void add_digest(struct buf *out, const void *bytes, size_t len)
{
    uint8_t digest[PACKAGE_DIGEST_SIZE];

    package_digest(bytes, len, digest);
    for (size_t i = 0; i < sizeof(digest); i++)
        buf_printf(out, "%02x", digest[i]);
}

/* A file may come from anywhere: its texts are shown, never sent to a terminal as they are. */
static void add_row(struct buf *out, const char *label, const char *text)
{
    buf_printf(out, "  %-9s ", label);
    text_add_visible(out, text, strlen(text));
    buf_add_char(out, '\n');
}

static void format_rows(const char *path, enum package_verdict verdict,
                        const struct package_info *info, const struct buf *file, struct buf *out)
{
    buf_printf(out, "%s: %s\n", path, package_verdict_text(verdict));
    if (has_info(info)) {
        add_row(out, "dialect", info->dialect);
        add_row(out, "from", *info->from ? info->from : "(any)");
        add_row(out, "to", info->to);
        buf_printf(out, "  %-9s %u bytes\n", "payload", info->payload_size_bytes);
    }
    buf_printf(out, "  %-9s %zu bytes\n  %-9s ", "file", file->len, "sha-256");
    add_digest(out, buf_text(file), file->len);
    buf_add_char(out, '\n');
}

static void add_member(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, ",\"%s\":", name);
    text_add_json(out, text, strlen(text));
}

static void format_json(const char *path, enum package_verdict verdict,
                        const struct package_info *info, const struct buf *file, struct buf *out)
{
    buf_add_text(out, "{\"file\":");
    text_add_json(out, path, strlen(path));
    buf_printf(out, ",\"good\":%s", verdict == PACKAGE_GOOD ? "true" : "false");
    add_member(out, "verdict", package_verdict_text(verdict));
    if (has_info(info)) {
        add_member(out, "dialect", info->dialect);
        add_member(out, "from", info->from);
        add_member(out, "to", info->to);
        buf_printf(out, ",\"payload_bytes\":%u", info->payload_size_bytes);
    }
    buf_printf(out, ",\"file_bytes\":%zu,\"sha256\":\"", file->len);
    add_digest(out, buf_text(file), file->len);
    buf_add_text(out, "\"}\n");
}

/* Return: the exit status for one file. */
static int inspect(const char *path, const struct inspect_options *options)
{
    struct package_info info = {0};
    enum package_verdict verdict;
    struct buf file = {0}, text = {0};
    int r = text_read_file(path, PACKAGE_SIZE_MAX, &file);

    if (r < 0) {
        buf_deinit(&file);
        return usage_error(inspect_opts.verb, "%s: %s", path,
                           r == -EFBIG ? "larger than any package" : strerror(-r));
    }
    if (options->dialect)
        verdict = package_judge(NULL, buf_text(&file), file.len, options->dialect, options->running,
                                &info);
    else
        verdict = package_check(buf_text(&file), file.len, &info);
    if (options->as_json)
        format_json(path, verdict, &info, &file, &text);
    else
        format_rows(path, verdict, &info, &file, &text);
    fwrite(text.data, 1, text.len, stdout);
    buf_deinit(&text);
    buf_deinit(&file);
    return verdict == PACKAGE_GOOD ? 0 : EXIT_BAD;
}

static int inspect_command(int argc, char **argv)
{
    struct inspect_options options = {0};
    const char *value;
    int key, rest, status = 0;

    while ((key = opts_next(&inspect_opts, argc, argv, &value, &rest)) != 0) {
        if (key == 'h') {
            print_inspect_help();
            return 0;
        }
        if (key == '?')
            return EXIT_USAGE;
        if (key == 'd')
            options.dialect = value;
        else if (key == 'r')
            options.running = value;
        else if (key == 'j')
            options.as_json = true;
    }
    if (rest == argc)
        return usage_error(inspect_opts.verb, "which file? For instance: hayeswire package "
                                              "inspect update.bin");
    if (!options.dialect != !options.running)
        return usage_error(inspect_opts.verb, "--dialect and --running go together");
    for (int i = rest; i < argc; i++) {
        int r = inspect(argv[i], &options);

        status = r > status ? r : status;
    }
    if (fflush(stdout) != 0) {
        fprintf(stderr, "hayeswire package inspect: stdout: %s\n", strerror(errno));
        status = EXIT_FAILED;
    }
    return status;
}

/* ---- the three of them ---- */

struct package_verb {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *doc;
};

static const struct package_verb verbs[] = {
    {"make",    make_command,    "make a package for a dialect's modems"            },
    {"inspect", inspect_command, "say what a package is for and whether it is whole"},
    {"serve",   package_serve,   "serve a folder of packages over HTTP"             },
};

static int print_help(FILE *file, int status)
{
    fputs("hayeswire package make|inspect|serve ...\n\n"
          "  hayeswire package make --dialect bc26 --from BC26NBR01A05 --to BC26NBR01A06 -o "
          "update.bin\n"
          "  hayeswire package inspect update.bin\n"
          "  hayeswire package serve . --port 8080\n\n",
          file);
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        fprintf(file, "  %-10s %s\n", verbs[i].name, verbs[i].doc);
    fputs("\n  hayeswire package VERB --help    more about one of them\n", file);
    return status;
}

static int unknown_verb(const char *name)
{
    const char *names[ARRAY_LEN(verbs)], *near;

    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        names[i] = verbs[i].name;
    near = text_nearest(name, names, ARRAY_LEN(verbs));
    if (near)
        return usage_error("package", "unknown verb \"%s\"; did you mean \"%s\"?", name, near);
    return usage_error("package", "unknown verb \"%s\"; there are make, inspect and serve", name);
}

int package_command(int argc, char **argv)
{
    if (argc < 2)
        return print_help(stderr, EXIT_USAGE);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return print_help(stdout, 0);
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        if (strcmp(argv[1], verbs[i].name) == 0) {
            optind = 0; /* begin anew, whatever was parsed before */
            return verbs[i].run(argc - 1, argv + 1);
        }
    }
    return unknown_verb(argv[1]);
}
