/* SPDX-License-Identifier: MIT */
#include "tests/hosts/mt5700_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { URL_MAX = 480 }; /* what fits into a command line of at_port with ^FOTAOEMDL around it */

static void usage(void)
{
    fprintf(stderr,
            "usage: mt5700-updater TTY URL [--target VERSION] [--timeout-s N] [--report URL]\n"
            "                      [--consent yes|no] [--ssl 0|1|2] [--ca PEM] [--cert PEM]\n"
            "                      [--key PEM] [--bug NAME]\n"
            "TTY may be a link that follows the module to its new tty. URL is the folder above\n"
            "full/. PEM is a file, or the text itself.\n"
            "bugs:");
    bug_print_names(stderr);
    fputc('\n', stderr);
}

static bool take(struct options *options, int option, const char *value)
{
    switch (option) {
    case 't':
        options->target = value;
        return true;
    case 's':
        options->timeout_ms = strtol(value, NULL, 10) * 1000;
        return options->timeout_ms > 0;
    case 'r':
        options->report = value;
        return true;
    case 'c':
        options->is_refused = strcmp(value, "no") == 0;
        return options->is_refused || strcmp(value, "yes") == 0;
    case 'm':
        options->certs.mode = value[0] - '0';
        return options->certs.mode >= 0 && options->certs.mode <= 2 && !value[1];
    case 'a':
        options->certs.ca = value;
        return true;
    case 'e':
        options->certs.certificate = value;
        return true;
    case 'k':
        options->certs.key = value;
        return true;
    case 'b':
        return bug_from_name(value, &options->bug);
    default:
        return false;
    }
}

/* The module reads the URL as an AT parameter: no quotes, commas or line ends (hosts agree on it).
 */
static bool is_good_url(const char *url)
{
    bool has_scheme = strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0;

    return has_scheme && strlen(url) <= URL_MAX && !strpbrk(url, "\",\r\n ");
}

bool options_parse(struct options *options, int argc, char **argv)
{
    static const struct option rows[] = {
        {"target",    required_argument, NULL, 't'},
        {"timeout-s", required_argument, NULL, 's'},
        {"report",    required_argument, NULL, 'r'},
        {"consent",   required_argument, NULL, 'c'},
        {"ssl",       required_argument, NULL, 'm'},
        {"ca",        required_argument, NULL, 'a'},
        {"cert",      required_argument, NULL, 'e'},
        {"key",       required_argument, NULL, 'k'},
        {"bug",       required_argument, NULL, 'b'},
        {NULL,        0,                 NULL, 0  },
    };
    int option;

    *options = (struct options){.timeout_ms = 1200000};
    while ((option = getopt_long(argc, argv, "", rows, NULL)) != -1) {
        if (!take(options, option, optarg)) {
            usage();
            return false;
        }
    }
    if (argc - optind != 2) {
        usage();
        return false;
    }
    options->tty = argv[optind];
    options->url = argv[optind + 1];
    if (!is_good_url(options->url)) {
        fprintf(stderr,
                "mt5700-updater: not a URL that the module takes (http://host[:port]/folder/, at "
                "most %d bytes, no comma): %s\n",
                URL_MAX, options->url);
        return false;
    }
    return true;
}
