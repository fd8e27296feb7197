/* SPDX-License-Identifier: MIT */
/*
 * at-chat [--until TEXT] TTY COMMAND...: the smallest host. It sends the commands one by one, each
 * when the one before has its final result, and prints every line that comes back. With --until it
 * stays and prints what the modem says by itself, up to a line that begins with TEXT.
 *
 * Exit status: 0 all OK, 1 a command failed, 2 usage, 3 no answer in time, 4 no tty.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "tests/hosts/at_port.h"

enum {
    CHAT_TIMEOUT_MS = 10000,
    UNTIL_QUIET_MS = 300000, /* flash is written in silence */
};

static void print_urcs(struct at_port *port)
{
    struct at_line line;

    while (port->urc_count > 0 && at_port_next_line(port, 0, &line) == AT_OK)
        printf("%s\n", line.text);
}

static int chat(struct at_port *port, const char *command)
{
    static const char *const results[] = {
        [AT_OK] = "OK",
        [AT_ERROR] = "ERROR",
        [AT_TIMEOUT] = "no answer",
        [AT_GONE] = "the tty is gone",
    };
    struct at_reply reply;
    /* The empty prefix takes every line as information, in the order of arrival. */
    enum at_status status = at_port_command(port, command, "", CHAT_TIMEOUT_MS, &reply);

    printf("> %s\n", command);
    for (size_t i = 0; i < reply.line_count; i++)
        printf("%s\n", reply.lines[i].text);
    print_urcs(port);
    if (status == AT_ERROR && reply.cme >= 0)
        printf("+CME ERROR: %d\n", reply.cme);
    else
        printf("%s\n", results[status]);
    return status == AT_OK ? 0 : status == AT_ERROR ? 1 : status == AT_TIMEOUT ? 3 : 4;
}

static int listen_until(struct at_port *port, const char *text)
{
    struct at_line line = {.text = ""};

    while (strncmp(line.text, text, strlen(text)) != 0) {
        enum at_status status = at_port_next_line(port, UNTIL_QUIET_MS, &line);

        if (status != AT_OK)
            return status == AT_TIMEOUT ? 3 : 4;
        printf("%s\n", line.text);
    }
    return 0;
}

/* Return: whether the words are right; optind is the place of TTY then. */
static bool parse_options(int argc, char **argv, const char **until_out)
{
    static const struct option options[] = {
        {"until", required_argument, NULL, 'u'},
        {NULL,    0,                 NULL, 0  },
    };
    int option;

    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
        if (option != 'u' || !optarg[0])
            return false;
        *until_out = optarg;
    }
    return argc - optind >= 2;
}

int main(int argc, char **argv)
{
    struct at_port port = {.fd = -1};
    const char *until = NULL;
    int ret;
    int worst = 0;

    if (!parse_options(argc, argv, &until)) {
        fprintf(stderr, "usage: at-chat [--until TEXT] TTY COMMAND...\n");
        return 2;
    }
    ret = at_port_open(&port, argv[optind]);
    if (ret < 0) {
        fprintf(stderr, "at-chat: %s: %s\n", argv[optind], strerror(-ret));
        return 4;
    }
    for (int i = optind + 1; i < argc && worst < 3; i++) {
        ret = chat(&port, argv[i]);
        worst = ret > worst ? ret : worst;
    }
    if (worst == 0 && until)
        worst = listen_until(&port, until);
    at_port_close(&port);
    return worst;
}
