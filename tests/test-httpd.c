/*
 * The package server, seen by a client that is nothing but a socket.
 * SPDX-License-Identifier: MIT
 */
#include "tests/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/httpd.h"
#include "harness/httpd_range.h"
#include "sim/base/buf.h"
#include "sim/base/clock.h"
#include "sim/base/loop.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"

#define WATCHDOG_US 20000000u /* a test that hangs fails instead */

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz";

struct bench {
    struct clock clock;
    struct loop loop;
    struct trace *trace;
    struct httpd *httpd;
    struct timer watchdog;
    bool is_late;
    /* the client */
    struct bufferevent *stream;
    struct buf got;
    bool is_closed, is_refused;
};

/* ---- the client ---- */

static void on_read(struct bufferevent *stream, void *arg)
{
    struct bench *bench = arg;
    char bytes[4096];
    size_t len;

    while ((len = bufferevent_read(stream, bytes, sizeof(bytes))) > 0)
        buf_add(&bench->got, bytes, len);
}

static void on_event(struct bufferevent *stream, short what, void *arg)
{
    struct bench *bench = arg;

    if (what & BEV_EVENT_CONNECTED)
        return;
    bench->is_closed = true;
    bench->is_refused = (what & BEV_EVENT_ERROR) && bench->got.len == 0;
}

static void hang_up(struct bench *bench)
{
    if (bench->stream)
        bufferevent_free(bench->stream);
    bench->stream = NULL;
}

static void send_request(struct bench *bench, const char *text)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)httpd_port(bench->httpd)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    hang_up(bench);
    buf_clear(&bench->got);
    bench->is_closed = bench->is_refused = false;
    bench->stream = bufferevent_socket_new(bench->loop.events, -1, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(bench->stream, on_read, NULL, on_event, bench);
    bufferevent_write(bench->stream, text, strlen(text));
    bufferevent_enable(bench->stream, EV_READ | EV_WRITE);
    bufferevent_socket_connect(bench->stream, (struct sockaddr *)&address, sizeof(address));
}

/* Return: all that the server sent until it closed. */
static const char *exchange(struct bench *bench, const char *text)
{
    send_request(bench, text);
    while (!bench->is_closed && !bench->is_late)
        loop_turn(&bench->loop, true);
    assert_false(bench->is_late);
    return buf_text(&bench->got);
}

static const char *get(struct bench *bench, const char *path, const char *headers)
{
    char *text = xasprintf("GET %s HTTP/1.1\r\nHost: x\r\n%sConnection: close\r\n\r\n", path,
                           headers);
    const char *reply = exchange(bench, text);

    free(text);
    return reply;
}

static const char *body_of(const char *reply)
{
    const char *end = strstr(reply, "\r\n\r\n");

    assert_non_null(end);
    return end + 4;
}

static void assert_reply(const char *reply, const char *status, const char *header,
                         const char *body)
{
    assert_memory_equal(reply, status, strlen(status));
    if (header)
        assert_non_null(strstr(reply, header));
    assert_string_equal(body_of(reply), body);
}

/* ---- the bench ---- */

static void on_watchdog(void *arg)
{
    *(bool *)arg = true;
}

static void bench_init(struct bench *bench)
{
    struct buf error = {0};

    *bench = (struct bench){0};
    clock_init(&bench->clock, CLOCK_REAL, 1);
    assert_int_equal(loop_init(&bench->loop, &bench->clock), 0);
    bench->trace = trace_new(&bench->clock);
    assert_int_equal(httpd_new(&bench->loop, bench->trace, "http", 0, &bench->httpd, &error), 0);
    buf_deinit(&error);
    clock_after(&bench->clock, &bench->watchdog, WATCHDOG_US, on_watchdog, &bench->is_late);
}

static void bench_deinit(struct bench *bench)
{
    hang_up(bench);
    httpd_free(bench->httpd);
    trace_free(bench->trace);
    buf_deinit(&bench->got);
    loop_deinit(&bench->loop);
    clock_deinit(&bench->clock);
}

static void publish(struct bench *bench, const char *path, const struct httpd_habit *habit)
{
    httpd_publish(bench->httpd, path, alphabet, 26, habit);
}

static const char *last_record(const struct bench *bench)
{
    return trace_get(bench->trace, trace_next(bench->trace) - 1)->data;
}

/* ---- ranges ---- */

static void test_ranges_follow_the_rfc(void **state)
{
    static const struct {
        const char *value;
        uint64_t size;
        enum httpd_range verdict;
        uint64_t first, len;
    } rows[] = {
        {NULL,                             10, HTTPD_RANGE_NONE,          0, 10},
        {"bytes=0-",                       10, HTTPD_RANGE_GOOD,          0, 10},
        {"bytes=4-",                       10, HTTPD_RANGE_GOOD,          4, 6 },
        {"Bytes=4-6",                      10, HTTPD_RANGE_GOOD,          4, 3 },
        {"bytes=4-99",                     10, HTTPD_RANGE_GOOD,          4, 6 },
        {"bytes=9-9",                      10, HTTPD_RANGE_GOOD,          9, 1 },
        {"bytes=10-",                      10, HTTPD_RANGE_UNSATISFIABLE, 0, 10},
        {"bytes=99999999999999999999999-", 10, HTTPD_RANGE_UNSATISFIABLE, 0, 10},
        {"bytes=-3",                       10, HTTPD_RANGE_GOOD,          7, 3 },
        {"bytes=-30",                      10, HTTPD_RANGE_GOOD,          0, 10},
        {"bytes=-0",                       10, HTTPD_RANGE_UNSATISFIABLE, 0, 10},
        {"bytes=0-",                       0,  HTTPD_RANGE_UNSATISFIABLE, 0, 0 },
        {"bytes=6-4",                      10, HTTPD_RANGE_NONE,          0, 10},
        {"bytes=0-1,3-4",                  10, HTTPD_RANGE_NONE,          0, 10},
        {"bytes=a-",                       10, HTTPD_RANGE_NONE,          0, 10},
        {"bytes=-",                        10, HTTPD_RANGE_NONE,          0, 10},
        {"bytes=",                         10, HTTPD_RANGE_NONE,          0, 10},
        {"lines=1-2",                      10, HTTPD_RANGE_NONE,          0, 10},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint64_t first, len;

        assert_int_equal(httpd_range_parse(rows[i].value, rows[i].size, &first, &len),
                         rows[i].verdict);
        assert_int_equal(first, rows[i].first);
        assert_int_equal(len, rows[i].len);
    }
}

static void test_a_range_is_answered_with_its_part(void **state)
{
    struct bench bench;

    bench_init(&bench);
    publish(&bench, "/update.bin", NULL);
    assert_reply(get(&bench, "/update.bin", "Range: bytes=2-4\r\n"), "HTTP/1.1 206 ",
                 "Content-Range: bytes 2-4/26\r\n", "cde");
    assert_string_equal(last_record(&bench), "GET /update.bin Range: bytes=2-4 -> 206, 3 bytes");
    assert_reply(get(&bench, "/update.bin", "Range: bytes=26-\r\n"), "HTTP/1.1 416 ",
                 "Content-Range: bytes */26\r\n", "");
    publish(&bench, "/update.bin", &(struct httpd_habit){.ignore_range = true});
    assert_reply(get(&bench, "/update.bin", "Range: bytes=2-4\r\n"), "HTTP/1.1 200 ",
                 "Content-Length: 26\r\n", alphabet);
    bench_deinit(&bench);
}

/* ---- whole files ---- */

static void test_a_file_is_served_and_recorded(void **state)
{
    struct bench bench;
    struct httpd_request request;

    bench_init(&bench);
    publish(&bench, "/update.bin", NULL);
    assert_reply(get(&bench, "/update.bin?id=1", "X-Mark: 7\r\n"), "HTTP/1.1 200 OK\r\n",
                 "Content-Length: 26\r\n", alphabet);
    assert_int_equal(httpd_request_count(bench.httpd), 1);
    request = httpd_request(bench.httpd, 0);
    assert_string_equal(request.method, "GET");
    assert_string_equal(request.path, "/update.bin?id=1");
    assert_null(request.range);
    assert_non_null(strstr(request.headers, "X-Mark: 7\n"));
    assert_int_equal(request.status, 200);
    assert_string_equal(last_record(&bench), "GET /update.bin?id=1 -> 200, 26 bytes");
    assert_reply(get(&bench, "/other.bin", ""), "HTTP/1.1 404 ", "Content-Length: 0\r\n", "");
    bench_deinit(&bench);
}

static void test_head_tells_the_length_without_a_body(void **state)
{
    struct bench bench;

    bench_init(&bench);
    publish(&bench, "/f", &(struct httpd_habit){.cut_after_bytes = 3, .cut_times = 1});
    assert_reply(exchange(&bench, "HEAD /f HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
                 "HTTP/1.1 200 ", "Content-Length: 26\r\n", "");
    assert_reply(exchange(&bench, "POST /f HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
                                  "Connection: close\r\n\r\n"),
                 "HTTP/1.1 405 ", "Allow: GET, HEAD\r\n", "");
    assert_string_equal(body_of(get(&bench, "/f", "")), "abc"); /* HEAD did not use up the cut */
    bench_deinit(&bench);
}

static void test_publishing_again_replaces(void **state)
{
    struct bench bench;

    bench_init(&bench);
    publish(&bench, "/f", &(struct httpd_habit){.status = 503});
    assert_reply(get(&bench, "/f", ""), "HTTP/1.1 503 ", NULL, "");
    httpd_publish(bench.httpd, "/f", "new", 3, NULL);
    assert_reply(get(&bench, "/f", ""), "HTTP/1.1 200 ", NULL, "new");
    bench_deinit(&bench);
}

/* ---- habits ---- */

static void test_a_redirect_names_its_target(void **state)
{
    char location[] = "http://127.0.0.1/there";
    struct httpd_habit habit = {.status = 301, .location = location};
    struct bench bench;

    bench_init(&bench);
    publish(&bench, "/f", &habit);
    location[0] = '\0'; /* it was copied */
    assert_reply(get(&bench, "/f", ""), "HTTP/1.1 301 ", "Location: http://127.0.0.1/there\r\n",
                 "");
    bench_deinit(&bench);
}

static void test_a_chunked_body_has_no_length(void **state)
{
    struct bench bench;
    const char *reply;

    bench_init(&bench);
    publish(&bench, "/f", &(struct httpd_habit){.chunked = true});
    reply = get(&bench, "/f", "");
    assert_null(strstr(reply, "Content-Length"));
    assert_reply(reply, "HTTP/1.1 200 ", "Transfer-Encoding: chunked\r\n",
                 "1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n");
    bench_deinit(&bench);
}

static void test_a_response_breaks_after_the_given_bytes(void **state)
{
    struct bench bench;

    bench_init(&bench);
    publish(&bench, "/f", &(struct httpd_habit){.cut_after_bytes = 10, .cut_times = 2});
    assert_reply(get(&bench, "/f", ""), "HTTP/1.1 200 ", "Content-Length: 26\r\n", "abcdefghij");
    assert_string_equal(last_record(&bench), "GET /f -> 200, 26 bytes, cut after 10");
    assert_reply(get(&bench, "/f", "Range: bytes=10-\r\n"), "HTTP/1.1 206 ",
                 "Content-Range: bytes 10-25/26\r\n", "klmnopqrst");
    assert_reply(get(&bench, "/f", "Range: bytes=20-\r\n"), "HTTP/1.1 206 ", NULL, "uvwxyz");
    assert_reply(get(&bench, "/f", ""), "HTTP/1.1 200 ", NULL, alphabet);
    publish(&bench, "/f", &(struct httpd_habit){.cut_after_bytes = 2, .chunked = true});
    assert_reply(get(&bench, "/f", ""), "HTTP/1.1 200 ", "Transfer-Encoding: chunked\r\n",
                 "1a\r\nab");
    bench_deinit(&bench);
}

static void test_a_silent_path_keeps_the_connection(void **state)
{
    struct bench bench;

    bench_init(&bench);
    publish(&bench, "/f", &(struct httpd_habit){.silent = true});
    send_request(&bench, "GET /f HTTP/1.1\r\nHost: x\r\n\r\n");
    while (httpd_request_count(bench.httpd) == 0 && !bench.is_late)
        loop_turn(&bench.loop, true);
    assert_int_equal(httpd_request(bench.httpd, 0).status, 0);
    assert_string_equal(last_record(&bench), "GET /f -> silence");
    for (int turn = 0; turn < 100; turn++)
        loop_turn(&bench.loop, false);
    assert_int_equal(bench.got.len, 0);
    assert_false(bench.is_closed);
    httpd_free(bench.httpd);
    bench.httpd = NULL;
    while (!bench.is_closed && !bench.is_late)
        loop_turn(&bench.loop, true);
    assert_true(bench.is_closed);
    assert_int_equal(bench.got.len, 0);
    bench_deinit(&bench);
}

/* A response on the way, larger than the sockets hold, when the server goes. */
static void test_freeing_closes_a_connection_in_the_middle(void **state)
{
    size_t len = 16u << 20;
    char *file = xcalloc(1, len);
    struct bench bench;

    bench_init(&bench);
    httpd_publish(bench.httpd, "/f", file, len, NULL);
    send_request(&bench, "GET /f HTTP/1.1\r\nHost: x\r\n\r\n");
    while (bench.got.len == 0 && !bench.is_late)
        loop_turn(&bench.loop, true);
    httpd_publish(bench.httpd, "/f", "new", 3, NULL); /* the old bytes stay until they are sent */
    loop_turn(&bench.loop, true);
    httpd_free(bench.httpd);
    bench.httpd = NULL;
    while (!bench.is_closed && !bench.is_late)
        loop_turn(&bench.loop, true);
    assert_true(bench.got.len < len);
    free(file);
    bench_deinit(&bench);
}

static void test_while_down_connections_are_refused(void **state)
{
    struct bench bench;
    unsigned port;

    bench_init(&bench);
    publish(&bench, "/f", NULL);
    port = httpd_port(bench.httpd);
    assert_int_equal(httpd_set_down(bench.httpd, true), 0);
    get(&bench, "/f", "");
    assert_true(bench.is_refused);
    assert_int_equal(httpd_set_down(bench.httpd, false), 0);
    assert_int_equal(httpd_port(bench.httpd), port);
    assert_reply(get(&bench, "/f", ""), "HTTP/1.1 200 ", NULL, alphabet);
    bench_deinit(&bench);
}

static void test_a_port_in_use_is_an_error(void **state)
{
    struct bench bench;
    struct httpd *second = NULL;
    struct buf error = {0};

    bench_init(&bench);
    assert_int_equal(httpd_new(&bench.loop, NULL, "http", httpd_port(bench.httpd), &second, &error),
                     -EADDRINUSE);
    assert_null(second);
    assert_non_null(strstr(buf_text(&error), "127.0.0.1: Address already in use"));
    buf_deinit(&error);
    bench_deinit(&bench);
}

static void test_only_the_last_requests_are_kept(void **state)
{
    struct buf requests = {0};
    struct bench bench;
    const size_t sent = 4200;

    bench_init(&bench);
    for (size_t i = 0; i < sent; i++)
        buf_printf(&requests, "GET /%zu HTTP/1.1\r\nHost: x\r\n%s\r\n", i,
                   i == sent - 1 ? "Connection: close\r\n" : "");
    exchange(&bench, buf_text(&requests));
    assert_int_equal(httpd_request_count(bench.httpd), sent);
    assert_string_equal(httpd_request(bench.httpd, 0).path, "");
    assert_string_equal(httpd_request(bench.httpd, sent - 4096).path, "/104");
    assert_string_equal(httpd_request(bench.httpd, sent - 1).path, "/4199");
    buf_deinit(&requests);
    bench_deinit(&bench);
}

/* ---- a folder ---- */

static void write_file(const char *dir, const char *name, const char *text)
{
    char *path = xasprintf("%s/%s", dir, name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    free(path);
}

static void remove_path(const char *dir, const char *name)
{
    char *path = xasprintf("%s/%s", dir, name);

    assert_int_equal(remove(path), 0);
    free(path);
}

static void test_a_folder_is_served_and_nothing_outside(void **state)
{
    char dir[] = "/tmp/hayeswire-httpd-XXXXXX", *link, *fifo, *sub;
    struct bench bench;

    assert_non_null(mkdtemp(dir));
    sub = xasprintf("%s/pub", dir);
    assert_int_equal(mkdir(sub, 0700), 0);
    write_file(sub, "a b.bin", "inside");
    write_file(dir, "secret", "outside");
    link = xasprintf("%s/link", sub);
    fifo = xasprintf("%s/fifo", sub);
    assert_int_equal(symlink("../secret", link), 0);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    bench_init(&bench);
    httpd_serve_dir(bench.httpd, sub);
    assert_reply(get(&bench, "/a%20b.bin", "Range: bytes=2-\r\n"), "HTTP/1.1 206 ",
                 "Content-Range: bytes 2-5/6\r\n", "side");
    assert_reply(get(&bench, "/link", ""), "HTTP/1.1 404 ", NULL, "");
    assert_reply(get(&bench, "/fifo", ""), "HTTP/1.1 404 ", NULL, "");
    assert_reply(get(&bench, "/", ""), "HTTP/1.1 404 ", NULL, "");
    assert_reply(get(&bench, "/../secret", ""), "HTTP/1.1 404 ", NULL, "");
    assert_reply(get(&bench, "/%2e%2e/secret", ""), "HTTP/1.1 404 ", NULL, "");
    assert_reply(get(&bench, "/../pub/a%20b.bin", ""), "HTTP/1.1 404 ", NULL, "");
    assert_reply(get(&bench, "/a%20b.bin%00x", ""), "HTTP/1.1 404 ", NULL, "");
    bench_deinit(&bench);
    remove_path(sub, "a b.bin");
    remove_path(sub, "link");
    remove_path(sub, "fifo");
    remove_path(dir, "pub");
    remove_path(dir, "secret");
    assert_int_equal(rmdir(dir), 0);
    free(link);
    free(fifo);
    free(sub);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges_follow_the_rfc),
        cmocka_unit_test(test_a_range_is_answered_with_its_part),
        cmocka_unit_test(test_a_file_is_served_and_recorded),
        cmocka_unit_test(test_head_tells_the_length_without_a_body),
        cmocka_unit_test(test_publishing_again_replaces),
        cmocka_unit_test(test_a_redirect_names_its_target),
        cmocka_unit_test(test_a_chunked_body_has_no_length),
        cmocka_unit_test(test_a_response_breaks_after_the_given_bytes),
        cmocka_unit_test(test_a_silent_path_keeps_the_connection),
        cmocka_unit_test(test_freeing_closes_a_connection_in_the_middle),
        cmocka_unit_test(test_while_down_connections_are_refused),
        cmocka_unit_test(test_a_port_in_use_is_an_error),
        cmocka_unit_test(test_only_the_last_requests_are_kept),
        cmocka_unit_test(test_a_folder_is_served_and_nothing_outside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
