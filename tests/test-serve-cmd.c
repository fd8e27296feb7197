/* `hayeswire package serve`, in a process of its own. SPDX-License-Identifier: MIT */
#include "tests/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/package_cmd.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"

static pid_t spawn_serve(char **argv, int argc, FILE **out)
{
    int ends[2];
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        _exit(package_serve(argc, argv));
    }
    close(ends[1]);
    *out = fdopen(ends[0], "r");
    return child;
}

static int exit_status_of(pid_t child)
{
    int status;

    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* A plain blocking client: the server is another process here. */
static void fetch(unsigned port, const char *request, struct buf *reply)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char bytes[512];
    ssize_t len;

    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(write(fd, request, strlen(request)), (ssize_t)strlen(request));
    while ((len = read(fd, bytes, sizeof(bytes))) > 0)
        buf_add(reply, bytes, (size_t)len);
    close(fd);
}

static void test_serves_until_a_signal(void **state)
{
    static const struct {
        int signal, status;
    } rows[] = {
        {SIGINT,  130},
        {SIGTERM, 143},
    };
    char dir[] = "/tmp/hayeswire-serve-XXXXXX";
    char *argv[] = {"serve", "--port", "0", dir, NULL}, *path;
    FILE *file;

    assert_non_null(mkdtemp(dir));
    path = xasprintf("%s/f", dir);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs("hi", file) >= 0 && fclose(file) == 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf reply = {0};
        unsigned port = 0;
        char line[128];
        FILE *out;
        pid_t child = spawn_serve(argv, 4, &out);

        assert_non_null(fgets(line, sizeof(line), out));
        assert_int_equal(sscanf(line, "http://127.0.0.1:%u/\n", &port), 1);
        assert_in_range(port, 1, 65535);
        fetch(port, "GET /f HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", &reply);
        assert_memory_equal(buf_text(&reply), "HTTP/1.1 200 ", 13);
        assert_non_null(strstr(reply.data, "\r\n\r\nhi"));
        buf_deinit(&reply);
        assert_non_null(fgets(line, sizeof(line), out));
        assert_non_null(strstr(line, "GET /f -> 200, 2 bytes\n"));
        assert_int_equal(kill(child, rows[i].signal), 0);
        assert_int_equal(exit_status_of(child), rows[i].status);
        fclose(out);
    }
    assert_int_equal(remove(path), 0);
    assert_int_equal(rmdir(dir), 0);
    free(path);
}

static void test_refuses_wrong_usage(void **state)
{
    char *rows[][4] = {
        {"serve", NULL},
        {       "serve",      "/nonexistent-folder",       NULL},
        { "serve",  "--port",       "65536", NULL},
        {       "serve", "--bogus",       "/", NULL},
    };
    static const int counts[] = {1, 2, 3, 3};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        FILE *out;

        assert_int_equal(exit_status_of(spawn_serve(rows[i], counts[i], &out)), 2);
        fclose(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_serves_until_a_signal),
        cmocka_unit_test(test_refuses_wrong_usage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
