/*
 * A module's HTTP client against the package server and against servers that are none, over real
 * sockets on loopback.
 * SPDX-License-Identifier: MIT
 */
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/base/rng.h"
#include "sim/base/text.h"
#include "tests/download-bench.h"

static bool libcurl_is_mapped(void)
{
    struct buf maps = {0};
    bool is_mapped;

    assert_int_equal(text_read_file("/proc/self/maps", 1u << 22, &maps), 0);
    is_mapped = strstr(buf_text(&maps), "/libcurl.so") != NULL;
    buf_deinit(&maps);
    return is_mapped;
}

/* ---- whole files ---- */

static void test_libcurl_is_loaded_by_the_first_download(void **state)
{
    struct bench bench;

    bench_init(&bench, 1);
    bench_publish(&bench, NULL);
    assert_false(libcurl_is_mapped());
    bench_run(&bench, (struct download_options){.url = "http://no.such.name/"});
    assert_false(libcurl_is_mapped());
    bench_forget(&bench);
    bench_run(&bench, (struct download_options){0});
    assert_int_equal(bench.result, DOWNLOAD_OK);
    assert_true(libcurl_is_mapped());
    bench_deinit(&bench);
}

static void test_a_file_arrives_whole_in_even_chunks(void **state)
{
    struct bench bench;

    bench_init(&bench, 1);
    bench_publish(&bench, NULL);
    bench_run(&bench, (struct download_options){.chunk_bytes = 300});
    assert_int_equal(bench.result, DOWNLOAD_OK);
    assert_int_equal(bench.status, 200);
    assert_int_equal(bench.begun, 1);
    assert_false(bench.resumed);
    assert_int_equal(bench.total_bytes, FILE_BYTES);
    assert_int_equal(bench.done_bytes, FILE_BYTES);
    assert_int_equal(bench.chunks, 34);
    for (unsigned i = 0; i < 33; i++)
        assert_int_equal(bench.chunk_len[i], 300);
    assert_int_equal(bench.chunk_len[33], 100);
    bench_assert_got(&bench, 0, FILE_BYTES);
    assert_true(bench_traced(&bench, "complete, 10000 bytes"));
    bench_deinit(&bench);
}

static void test_the_request_is_exactly_a_modules(void **state)
{
    static const char reply[] = "HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\n"
                                "Content-Range: bytes 7-9/10\r\n\r\nabc";
    static const char *const headers[] = {"X-Project: 9"};
    struct raw_server server;
    struct bench bench;
    char url[URL_TEXT_MAX], *expected;

    bench_init(&bench, 1);
    setenv("http_proxy", "http://127.0.0.1:1/", 1);
    raw_server_init(&server, &bench, reply, false);
    snprintf(url, sizeof(url), "HTTP://127.0.0.1:%u/a/../b.bin?x=1", server.port);
    bench_run(&bench, (struct download_options){
                          .url = url, .from_byte = 7, .headers = headers, .header_count = 1});
    unsetenv("http_proxy");
    assert_int_equal(bench.result, DOWNLOAD_OK);
    assert_string_equal(buf_text(&bench.got), "abc");
    expected = xasprintf("GET /a/../b.bin?x=1 HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                         "Range: bytes=7-\r\nX-Project: 9\r\n\r\n",
                         server.port);
    assert_string_equal(buf_text(&server.request), expected);
    free(expected);
    raw_server_deinit(&server);
    bench_deinit(&bench);
}

static void test_a_chunked_file_has_no_total(void **state)
{
    struct bench bench;

    bench_init(&bench, 1);
    bench_publish(&bench, &(struct httpd_habit){.chunked = true});
    bench_run(&bench, (struct download_options){0});
    assert_int_equal(bench.result, DOWNLOAD_OK);
    assert_int_equal(bench.total_bytes, 0);
    bench_assert_got(&bench, 0, FILE_BYTES);
    bench_deinit(&bench);
}

/* More than the buffer and the first TCP windows hold, so that the transfer has to pause. */
static void test_a_large_file_passes_the_bounded_buffer(void **state)
{
    size_t len = 12u << 20;
    uint8_t *file = xmalloc(len);
    struct bench bench;
    struct rng rng;

    bench_init(&bench, 1);
    rng_init(&rng, 3);
    rng_bytes(&rng, file, len);
    httpd_publish(bench.httpd, "/update.bin", file, len, NULL);
    bench_run(&bench,
              (struct download_options){.rate_bytes_per_s = 60u << 20, .chunk_bytes = 32768});
    assert_int_equal(bench.result, DOWNLOAD_OK);
    assert_int_equal(bench.got.len, len);
    assert_memory_equal(bench.got.data, file, len);
    free(file);
    bench_deinit(&bench);
}

/* ---- modem time ---- */

static void test_bytes_come_at_the_radios_rate(void **state)
{
    struct bench bench;

    bench_init(&bench, MANUAL);
    bench_publish(&bench, NULL);
    bench_start(&bench, (struct download_options){.rate_bytes_per_s = 2048,
                                                  .chunk_bytes = 512,
                                                  .first_byte_us = 3000000});
    bench_advance(&bench, 2999999);
    for (unsigned i = 0; i < 100; i++)
        loop_turn(&bench.loop, false);
    assert_int_equal(httpd_request_count(bench.httpd), 0);
    bench_advance(&bench, 1);
    bench_turn_until(&bench, &bench.begun, 1);
    for (unsigned i = 0; i < 20; i++) {
        bench_advance(&bench, 249999);
        assert_int_equal(bench.chunks, i);
        bench_advance(&bench, 1);
        bench_turn_until(&bench, &bench.chunks, i + 1);
    }
    bench_turn_until(&bench, &bench.ended, 1);
    assert_int_equal(bench.result, DOWNLOAD_OK);
    bench_assert_got(&bench, 0, FILE_BYTES);
    bench_deinit(&bench);
}

/* A late timer must not slow the radio down: what was missed is made up for. */
static void test_scaled_time_keeps_the_rate(void **state)
{
    struct bench bench;

    bench_init(&bench, FAST);
    bench_publish(&bench, NULL);
    bench_run(&bench, (struct download_options){.rate_bytes_per_s = 2048, .chunk_bytes = 512});
    assert_int_equal(bench.result, DOWNLOAD_OK);
    assert_int_equal(bench.chunks, 20);
    for (unsigned i = 0; i < 20; i++)
        assert_true(bench.chunk_us[i] >= bench.begin_us + (i + 1) * 250000u);
    bench_deinit(&bench);
}

static void test_a_silent_server_times_out(void **state)
{
    struct bench bench;

    bench_init(&bench, MANUAL);
    bench_publish(&bench, &(struct httpd_habit){.silent = true});
    bench_start(&bench, (struct download_options){.silence_us = 20000000});
    for (unsigned i = 0; i < TURN_MAX && httpd_request_count(bench.httpd) == 0; i++)
        loop_turn(&bench.loop, true);
    bench_advance(&bench, 19999999);
    assert_int_equal(bench.ended, 0);
    bench_advance(&bench, 1);
    assert_int_equal(bench.ended, 1);
    assert_int_equal(bench.result, DOWNLOAD_TIMEOUT);
    assert_int_equal(bench.status, 0);
    assert_int_equal(bench.begun, 0);
    bench_deinit(&bench);
}

static void test_a_slow_radio_is_not_silence(void **state)
{
    struct bench bench;

    bench_init(&bench, MANUAL);
    httpd_publish(bench.httpd, "/update.bin", bench.file, 512, NULL);
    bench_start(&bench, (struct download_options){.rate_bytes_per_s = 32, .silence_us = 5000000});
    bench_turn_until(&bench, &bench.begun, 1);
    for (unsigned i = 0; i < 100; i++) /* the body comes with the head, or soon after */
        loop_turn(&bench.loop, false);
    bench_advance(&bench, 16000000);
    assert_int_equal(bench.ended, 1);
    assert_int_equal(bench.result, DOWNLOAD_OK);
    assert_true(bench.chunk_us[0] == 16000000);
    bench_deinit(&bench);
}

/* ---- what goes wrong ---- */

static void test_the_status_is_reported_and_redirects_are_not_followed(void **state)
{
    struct httpd_habit moved = {.status = 302, .location = "/elsewhere.bin"};
    struct bench bench;

    bench_init(&bench, 1);
    bench_run(&bench, (struct download_options){0});
    assert_int_equal(bench.result, DOWNLOAD_STATUS);
    assert_int_equal(bench.status, 404);
    httpd_publish(bench.httpd, "/elsewhere.bin", "x", 1, NULL);
    bench_publish(&bench, &moved);
    bench_forget(&bench);
    bench_run(&bench, (struct download_options){0});
    assert_int_equal(bench.result, DOWNLOAD_STATUS);
    assert_int_equal(bench.status, 302);
    assert_int_equal(httpd_request_count(bench.httpd), 2);
    assert_int_equal(bench.begun, 0);
    bench_deinit(&bench);
}

static void test_empty_and_too_large_files_are_refused(void **state)
{
    struct bench bench;

    bench_init(&bench, 1);
    httpd_publish(bench.httpd, "/update.bin", "", 0, NULL);
    bench_run(&bench, (struct download_options){0});
    assert_int_equal(bench.result, DOWNLOAD_EMPTY);
    bench_publish(&bench, NULL);
    bench_forget(&bench);
    bench_run(&bench, (struct download_options){.max_bytes = FILE_BYTES - 1});
    assert_int_equal(bench.result, DOWNLOAD_TOO_LARGE);
    assert_int_equal(bench.begun, 0);
    bench_publish(&bench, &(struct httpd_habit){.chunked = true});
    bench_forget(&bench);
    bench_run(&bench, (struct download_options){.max_bytes = FILE_BYTES - 1});
    assert_int_equal(bench.result, DOWNLOAD_TOO_LARGE);
    assert_true(bench.done_bytes < FILE_BYTES);
    bench_forget(&bench);
    bench_run(&bench, (struct download_options){.max_bytes = FILE_BYTES});
    assert_int_equal(bench.result, DOWNLOAD_OK);
    bench_deinit(&bench);
}

static void test_servers_that_are_none_are_bad_replies(void **state)
{
    struct bench bench;

    bench_init(&bench, 1);
    assert_int_equal(
        bench_run_raw("SSH-2.0-OpenSSH_9.2\r\n", true, (struct download_options){0}, &bench),
        DOWNLOAD_BAD_REPLY);
    bench_forget(&bench);
    assert_int_equal(bench_run_raw("", true, (struct download_options){0}, &bench),
                     DOWNLOAD_INCOMPLETE);
    bench_forget(&bench);
    assert_int_equal(
        bench_run_raw("HTTP/1.1 200 OK\r\nContent-Le", true, (struct download_options){0}, &bench),
        DOWNLOAD_INCOMPLETE);
    bench_deinit(&bench);
}

static void test_bad_urls_are_told_from_the_loop(void **state)
{
    static const char *const urls[] = {"ftp://127.0.0.1/f",
                                       "127.0.0.1/f",
                                       "",
                                       "http://",
                                       "http:///f",
                                       "http://127.0.0.1:0/f",
                                       "http://a:65536/f",
                                       "http://a:/f",
                                       "http://u@127.0.0.1/f",
                                       "http://127.0.0.1/a b",
                                       "https://127.0.0.1/f"};
    struct bench bench;

    bench_init(&bench, 1);
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        bench_forget(&bench);
        bench_run(&bench, (struct download_options){.url = urls[i]});
        assert_int_equal(bench.result, DOWNLOAD_BAD_URL);
    }
    bench_deinit(&bench);
}

static void test_a_url_is_taken_apart(void **state)
{
    struct url url;

    assert_int_equal(url_parse("HtTp://Www.Quectel.com:100/update.bin", &url), 0);
    assert_false(url.is_https);
    assert_string_equal(url.host, "Www.Quectel.com");
    assert_int_equal(url.port, 100);
    assert_string_equal(url.path, "/update.bin");
    assert_int_equal(url_parse("https://[::1]?q", &url), 0);
    assert_true(url.is_https && url.is_ipv6);
    assert_string_equal(url.host, "::1");
    assert_int_equal(url.port, 443);
    assert_string_equal(url.path, "?q");
    assert_int_equal(url_parse("http://[::1", &url), -22);
    assert_int_equal(url_parse("http://[1.2.3.4]/", &url), -22);
}

/* ---- who can be reached ---- */

static enum download_result reach(struct bench *bench, const char *url)
{
    bench_forget(bench);
    bench_run(bench, (struct download_options){.url = url});
    return bench->result;
}

static void test_only_loopback_is_reached_without_the_network(void **state)
{
    struct bench bench;
    char url[URL_TEXT_MAX];

    bench_init(&bench, FAST);
    bench_publish(&bench, NULL);
    assert_int_equal(reach(&bench, "http://www.example.com/f"), DOWNLOAD_DNS);
    assert_true(bench.end_us >= 100000);
    assert_int_equal(reach(&bench, "http://127.evil.example/f"), DOWNLOAD_DNS);
    assert_int_equal(reach(&bench, "http://127.1/f"), DOWNLOAD_DNS);
    assert_int_equal(reach(&bench, "http://10.0.0.1/f"), DOWNLOAD_REFUSED);
    assert_int_equal(reach(&bench, "http://[2001:db8::1]/f"), DOWNLOAD_REFUSED);
    snprintf(url, sizeof(url), "http://LocalHost:%u/update.bin", httpd_port(bench.httpd));
    assert_int_equal(reach(&bench, url), DOWNLOAD_OK);
    bench_deinit(&bench);
}

static void test_a_mapped_name_reaches_the_package_server(void **state)
{
    struct bench bench;
    unsigned port;

    bench_init(&bench, FAST);
    bench_publish(&bench, NULL);
    port = httpd_port(bench.httpd);
    assert_int_equal(resolver_map(bench.resolver, "www.quectel.com:100", 1), 0);
    assert_int_equal(resolver_map(bench.resolver, "WWW.quectel.com:100", port), 0);
    assert_int_equal(resolver_map(bench.resolver, "plain", port), 0);
    assert_int_equal(resolver_map(bench.resolver, "", port), -22);
    assert_int_equal(resolver_map(bench.resolver, "a b", port), -22);
    assert_int_equal(resolver_map(bench.resolver, "name:x", port), -22);
    assert_int_equal(resolver_map(bench.resolver, "name:80", 0), -22);
    assert_int_equal(reach(&bench, "http://www.quectel.com:100/update.bin"), DOWNLOAD_OK);
    assert_non_null(strstr(httpd_request(bench.httpd, 0).headers, "Host: www.quectel.com:100\n"));
    assert_int_equal(reach(&bench, "http://www.quectel.com/update.bin"), DOWNLOAD_DNS);
    assert_int_equal(reach(&bench, "http://plain/update.bin"), DOWNLOAD_OK);
    bench_deinit(&bench);
}

static void test_a_server_that_is_down_refuses(void **state)
{
    struct bench bench;

    bench_init(&bench, 1);
    bench_publish(&bench, NULL);
    assert_int_equal(httpd_set_down(bench.httpd, true), 0);
    bench_run(&bench, (struct download_options){0});
    assert_int_equal(bench.result, DOWNLOAD_REFUSED);
    assert_int_equal(httpd_set_down(bench.httpd, false), 0);
    bench_forget(&bench);
    bench_run(&bench, (struct download_options){0});
    assert_int_equal(bench.result, DOWNLOAD_OK);
    bench_deinit(&bench);
}

/* ---- resuming ---- */

static void test_a_broken_download_resumes_where_it_broke(void **state)
{
    struct bench bench;

    bench_init(&bench, 1);
    bench_publish(&bench, &(struct httpd_habit){.cut_after_bytes = 4100, .cut_times = 1});
    bench_run(&bench, (struct download_options){0});
    assert_int_equal(bench.result, DOWNLOAD_INCOMPLETE);
    bench_assert_got(&bench, 0, 4100);
    bench_forget(&bench);
    bench_run(&bench, (struct download_options){.from_byte = 4100, .expected_total = FILE_BYTES});
    assert_int_equal(bench.result, DOWNLOAD_OK);
    assert_int_equal(bench.status, 206);
    assert_true(bench.resumed);
    assert_int_equal(bench.total_bytes, FILE_BYTES);
    assert_int_equal(bench.done_bytes, FILE_BYTES);
    bench_assert_got(&bench, 4100, FILE_BYTES - 4100);
    assert_string_equal(httpd_request(bench.httpd, 1).range, "bytes=4100-");
    bench_deinit(&bench);
}

static void test_a_server_without_ranges_starts_the_file_again(void **state)
{
    struct bench bench;

    bench_init(&bench, 1);
    bench_publish(&bench, &(struct httpd_habit){.ignore_range = true});
    bench_run(&bench, (struct download_options){.from_byte = 4100});
    assert_int_equal(bench.result, DOWNLOAD_OK);
    assert_false(bench.resumed);
    bench_assert_got(&bench, 0, FILE_BYTES);
    assert_int_equal(httpd_request_count(bench.httpd), 1);
    bench_deinit(&bench);
}

static void test_another_file_under_the_url_starts_again_once(void **state)
{
    struct bench bench;

    bench_init(&bench, 1);
    bench_publish(&bench, NULL);
    bench_run(&bench, (struct download_options){.from_byte = 100, .expected_total = 5000});
    assert_int_equal(bench.result, DOWNLOAD_OK);
    assert_false(bench.resumed);
    assert_int_equal(bench.begun, 1);
    bench_assert_got(&bench, 0, FILE_BYTES);
    bench_forget(&bench);
    bench_run(&bench, (struct download_options){.from_byte = FILE_BYTES + 1}); /* 416 */
    assert_int_equal(bench.result, DOWNLOAD_OK);
    assert_false(bench.resumed);
    bench_assert_got(&bench, 0, FILE_BYTES);
    assert_int_equal(httpd_request_count(bench.httpd), 4);
    assert_null(httpd_request(bench.httpd, 1).range);
    assert_null(httpd_request(bench.httpd, 3).range);
    bench_deinit(&bench);
}

/* The same bytes to each request: the wrong range again, and then it is the status that is wrong.
 */
static void test_a_wrong_range_is_not_asked_for_twice(void **state)
{
    struct bench bench;

    bench_init(&bench, 1);
    assert_int_equal(bench_run_raw("HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\n"
                                   "Content-Range: bytes 0-2/10\r\n\r\nabc",
                                   false, (struct download_options){.from_byte = 7}, &bench),
                     DOWNLOAD_STATUS);
    assert_int_equal(bench.status, 206);
    assert_int_equal(bench.begun, 0);
    bench_deinit(&bench);
}

/* ---- the sink's freedom ---- */

static void test_the_sink_may_stop_and_free_from_within(void **state)
{
    static const enum misdeed misdeeds[] = {STOP_IN_BEGIN, STOP_IN_DATA, FREE_IN_BEGIN,
                                            FREE_IN_DATA};
    struct bench bench;

    for (size_t i = 0; i < ARRAY_LEN(misdeeds); i++) {
        bench_init(&bench, FAST);
        bench_publish(&bench, NULL);
        bench.misdeed = misdeeds[i];
        bench_start(&bench, (struct download_options){0});
        bench_turn_for(&bench, 10000000);
        assert_int_equal(bench.begun, 1);
        assert_int_equal(bench.ended, 0);
        assert_true(bench.chunks <= 1);
        bench_deinit(&bench);
    }
}

static void test_a_lost_bearer_is_incomplete_at_once(void **state)
{
    struct bench bench;

    bench_init(&bench, FAST);
    bench_publish(&bench, NULL);
    bench.misdeed = BREAK_IN_DATA;
    bench_run(&bench, (struct download_options){0});
    assert_int_equal(bench.result, DOWNLOAD_INCOMPLETE);
    assert_int_equal(bench.chunks, 1);
    bench_forget(&bench);
    bench_start(&bench, (struct download_options){.first_byte_us = 1000000000});
    download_break(bench.download);
    download_break(bench.download);
    assert_int_equal(bench.ended, 0);
    bench_finish(&bench);
    assert_int_equal(bench.result, DOWNLOAD_INCOMPLETE);
    assert_int_equal(bench.begun, 0);
    bench_deinit(&bench);
}

static void test_freeing_cuts_the_connection_without_a_word(void **state)
{
    struct bench bench;

    bench_init(&bench, FAST);
    bench_publish(&bench, NULL);
    bench_start(&bench, (struct download_options){.rate_bytes_per_s = 100});
    while (!bench.begun && !bench.is_late)
        loop_turn(&bench.loop, true);
    bench_drop(&bench);
    bench_turn_for(&bench, 20000000);
    assert_int_equal(bench.ended, 0);
    assert_int_equal(bench.chunks, 0);
    bench_deinit(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_libcurl_is_loaded_by_the_first_download), /* must be the first */
        cmocka_unit_test(test_a_file_arrives_whole_in_even_chunks),
        cmocka_unit_test(test_the_request_is_exactly_a_modules),
        cmocka_unit_test(test_a_chunked_file_has_no_total),
        cmocka_unit_test(test_a_large_file_passes_the_bounded_buffer),
        cmocka_unit_test(test_bytes_come_at_the_radios_rate),
        cmocka_unit_test(test_scaled_time_keeps_the_rate),
        cmocka_unit_test(test_a_silent_server_times_out),
        cmocka_unit_test(test_a_slow_radio_is_not_silence),
        cmocka_unit_test(test_the_status_is_reported_and_redirects_are_not_followed),
        cmocka_unit_test(test_empty_and_too_large_files_are_refused),
        cmocka_unit_test(test_servers_that_are_none_are_bad_replies),
        cmocka_unit_test(test_bad_urls_are_told_from_the_loop),
        cmocka_unit_test(test_a_url_is_taken_apart),
        cmocka_unit_test(test_only_loopback_is_reached_without_the_network),
        cmocka_unit_test(test_a_mapped_name_reaches_the_package_server),
        cmocka_unit_test(test_a_server_that_is_down_refuses),
        cmocka_unit_test(test_a_broken_download_resumes_where_it_broke),
        cmocka_unit_test(test_a_server_without_ranges_starts_the_file_again),
        cmocka_unit_test(test_another_file_under_the_url_starts_again_once),
        cmocka_unit_test(test_a_wrong_range_is_not_asked_for_twice),
        cmocka_unit_test(test_the_sink_may_stop_and_free_from_within),
        cmocka_unit_test(test_a_lost_bearer_is_incomplete_at_once),
        cmocka_unit_test(test_freeing_cuts_the_connection_without_a_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
