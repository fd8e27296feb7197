/*
 * hayeswire ctl: one call of a control server from a shell.
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness/control_cmd.h"
#include "harness/opts.h"

#define EXIT_FAILED 3
#define EVENTS      "events.subscribe"

static const char usage[] =
    "hayeswire ctl SOCKET METHOD [JSON]\n"
    "\n"
    "  hayeswire ctl ./bench.sock modem.open '{\"dialect\": \"bc26\", \"name\": \"m0\"}'\n"
    "  hayeswire ctl ./bench.sock modem.power '{\"name\": \"m0\", \"to\": \"cut\"}'\n"
    "  hayeswire ctl ./bench.sock events.subscribe '{\"since\": 0}'\n"
    "\n"
    "Calls a method of hayeswire serve and prints its result as JSON; events.subscribe goes on\n"
    "printing an event a line. `methods` prints all methods with their parameters.\n"
    "\n"
    "Exit status: 0 fine, 1 what was expected did not come, 2 the call is wrong, 3 no "
    "connection.\n";

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (strlen(path) >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
    } else {
        memcpy(address.sun_path, path, strlen(path) + 1);
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
            return fd;
    }
    fprintf(stderr, "hayeswire ctl: %s: %s\n", path, strerror(errno));
    close(fd);
    return -1;
}

static int send_request(int fd, const char *method, json_t *params)
{
    json_t *request = json_pack("{s:s, s:i, s:s, s:o}", "jsonrpc", "2.0", "id", 1, "method", method,
                                "params", params);
    char *text = json_dumps(request, JSON_COMPACT);
    int r = dprintf(fd, "%s\n", text) < 0 ? -errno : 0;

    free(text);
    json_decref(request);
    return r;
}

static void print(const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

    puts(text ? text : "null");
    fflush(stdout);
    free(text);
}

static int print_error(const json_t *error)
{
    json_int_t code = json_integer_value(json_object_get(error, "code"));
    const char *message = json_string_value(json_object_get(error, "message"));
    json_t *rows = json_object_get(json_object_get(error, "data"), "rows"), *row;
    size_t i;

    fprintf(stderr, "hayeswire ctl: %s\n", message ? message : "an error without message");
    json_array_foreach(rows, i, row)
    {
        const char *label = json_string_value(json_array_get(row, 0));
        const char *text = json_string_value(json_array_get(row, 1));

        if (label && text)
            fprintf(stderr, "      %-16s %s\n", label, text);
    }
    if (code < 0)
        return code == -32800 ? 1 : 2;
    return (int)code;
}

/* Return: the exit status, or -1 to read on. */
static int take_line(const char *line, const char *method)
{
    json_t *message = json_loads(line, JSON_ALLOW_NUL, NULL);
    const json_t *result = json_object_get(message, "result");
    const json_t *error = json_object_get(message, "error");
    const char *kind = json_string_value(json_object_get(message, "method"));
    int status = -1;

    if (!message) {
        fputs("hayeswire ctl: the other side does not speak JSON-RPC\n", stderr);
        status = EXIT_FAILED;
    } else if (error) {
        status = print_error(error);
    } else if (result && strcmp(method, EVENTS) != 0) {
        print(result);
        status = 0;
    } else if (kind && strcmp(kind, "event") == 0) {
        print(json_object_get(message, "params"));
    }
    json_decref(message);
    return status;
}

static int converse(FILE *peer, const char *method)
{
    char *line = NULL;
    size_t cap = 0;
    int status = -1;

    while (status < 0 && getline(&line, &cap, peer) >= 0)
        status = take_line(line, method);
    free(line);
    if (status < 0 && strcmp(method, "quit") == 0)
        return 0;
    if (status < 0) {
        fputs("hayeswire ctl: the connection was closed\n", stderr);
        return EXIT_FAILED;
    }
    return status;
}

int ctl_command(int argc, char **argv)
{
    json_error_t error;
    json_t *params;
    FILE *peer;
    int fd, status = EXIT_FAILED;

    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(usage, stdout);
        return 0;
    }
    if (argc < 3 || argc > 4)
        return usage_error("ctl", "write hayeswire ctl SOCKET METHOD [JSON]; see --help");
    params = argc > 3 ? json_loads(argv[3], JSON_REJECT_DUPLICATES, &error) : json_object();
    if (!json_is_object(params)) {
        status = usage_error("ctl", "the parameters are no JSON object: %s",
                             params ? "write {...}" : error.text);
        json_decref(params);
        return status;
    }
    fd = connect_to(argv[1]);
    if (fd < 0) {
        json_decref(params);
        return EXIT_FAILED;
    }
    if (send_request(fd, argv[2], params) == 0) {
        peer = fdopen(fd, "r");
        status = converse(peer, argv[2]);
        fclose(peer);
    } else {
        close(fd);
    }
    return status;
}
