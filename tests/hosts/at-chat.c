/* SPDX-License-Identifier: MIT */
/*
 * at-chat TTY COMMAND...: the smallest host. It sends the commands one by one, each when the one
 * before has its final result, and prints every line that comes back.
 *
 * Exit status: 0 all OK, 1 a command failed, 2 usage, 3 no answer in time, 4 no tty.
 */
#include <stdio.h>
#include <string.h>

#include "tests/hosts/at_port.h"

enum { CHAT_TIMEOUT_MS = 10000 };

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

int main(int argc, char **argv)
{
    struct at_port port = {.fd = -1};
    int ret;
    int worst = 0;

    if (argc < 3) {
        fprintf(stderr, "usage: at-chat TTY COMMAND...\n");
        return 2;
    }
    ret = at_port_open(&port, argv[1]);
    if (ret < 0) {
        fprintf(stderr, "at-chat: %s: %s\n", argv[1], strerror(-ret));
        return 4;
    }
    for (int i = 2; i < argc && worst < 3; i++) {
        ret = chat(&port, argv[i]);
        worst = ret > worst ? ret : worst;
    }
    at_port_close(&port);
    return worst;
}
