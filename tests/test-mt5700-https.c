/*
 * https on the MT5700M with quirk https-works: real TLS without, with one-way and with mutual
 * authentication, by certificates that ^SSLMNG stored (sheet 4.8). They are made for each test.
 * SPDX-License-Identifier: MIT
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/httpd_tls.h"
#include "sim/base/mem.h"
#include "tests/mt5700-bench.h"
#include "tests/test.h"

#define SIZE        20000
#define SLICE_CHARS 700
#define FINE        "\r\nOK\r\n"

struct fixture {
    struct mt_bench bench;
    struct tls_certs certs;
};

static void begin(struct fixture *f, bool is_mutual, const char *quirk)
{
    struct httpd_options options = {0};

    tls_certs_make(&f->certs, NULL);
    options.certificate = f->certs.server;
    options.key = f->certs.server_key;
    options.client_ca = is_mutual ? f->certs.ca : NULL;
    mt_init_with(&f->bench, &options);
    if (quirk)
        rig_quirk(&f->bench.rig, quirk);
    mt_publish(&f->bench, MT_NEW, SIZE, NULL);
    mt_start(&f->bench);
    assert_int_equal(strncmp(f->bench.url, "https://", 8), 0);
}

static void end(struct fixture *f)
{
    mt_deinit(&f->bench);
    tls_certs_deinit(&f->certs);
}

static void store(struct fixture *f, int kind, const char *name, const char *pem)
{
    size_t len = strlen(pem), size = len * 4 / 3 + 8;
    char *base64 = xmalloc(size);
    int chars = EVP_EncodeBlock((unsigned char *)base64, (const unsigned char *)pem, (int)len);
    int count = (chars + SLICE_CHARS - 1) / SLICE_CHARS;
    char command[SLICE_CHARS + 100];

    for (int i = 0; i < count; i++) {
        snprintf(command, sizeof(command), "AT^SSLMNG=2,%d,0,\"%s\",%d,%d,\"%.*s\"", kind, name,
                 i + 1, count, SLICE_CHARS, base64 + i * SLICE_CHARS);
        mt_ask(&f->bench, command, FINE);
    }
    snprintf(command, sizeof(command), "AT^SSLMNG=2,%d,2,\"%s\"", kind, name);
    mt_ask(&f->bench, command, FINE);
    free(base64);
}

static void store_all(struct fixture *f)
{
    store(f, 1, "ca_cert.pem", f->certs.ca);
    store(f, 0, "client_cert.pem", f->certs.client);
    store(f, 2, "client_key.pem", f->certs.client_key);
}

static void set_mode(struct fixture *f, int mode)
{
    char command[32];

    snprintf(command, sizeof(command), "AT^SSLCFG=2,1,0,%d", mode);
    mt_ask(&f->bench, command, FINE);
}

static void expect_download(struct fixture *f)
{
    mt_download(&f->bench);
    mt_upgrade(&f->bench);
    assert_string_equal(f->bench.rig.modem->firmware, MT_NEW);
}

static void expect_refusal(struct fixture *f, const char *words)
{
    mt_query(&f->bench);
    mt_wait(&f->bench, words);
    mt_wait_state(&f->bench, "idle");
}

static void test_https_is_not_supported_without_the_quirk(void **state)
{
    struct fixture f;

    begin(&f, false, NULL);
    set_mode(&f, 0);
    expect_refusal(&f, "^FOTASTATE: 13,13\r\n");
    assert_int_equal(httpd_request_count(f.bench.httpd), 0);
    end(&f);
}

static void test_mode_0_judges_nobody(void **state)
{
    struct fixture f;

    begin(&f, false, "https-works");
    set_mode(&f, 0);
    expect_download(&f);
    end(&f);
}

static void test_mode_1_judges_the_server(void **state)
{
    struct tls_certs others = {0};
    struct fixture f;

    begin(&f, false, "https-works");
    set_mode(&f, 1);
    expect_refusal(&f, "^FOTASTATE: 13,51\r\n"); /* no CA is loaded */
    tls_certs_make(&others, NULL);
    store(&f, 1, "ca_cert.pem", others.ca);
    expect_refusal(&f, "^FOTASTATE: 13,51\r\n"); /* not the server's */
    store(&f, 1, "ca_cert.pem", f.certs.ca);
    expect_download(&f);
    tls_certs_deinit(&others);
    end(&f);
}

static void test_mode_2_shows_the_server_a_certificate(void **state)
{
    struct fixture f;

    begin(&f, true, "https-works");
    store_all(&f);
    set_mode(&f, 1);
    expect_refusal(&f, "^FOTASTATE: 13,51\r\n"); /* the server wants one */
    set_mode(&f, 2);
    expect_download(&f);
    end(&f);
}

static void test_mode_2_needs_all_three_files(void **state)
{
    struct fixture f;

    begin(&f, true, "https-works");
    store(&f, 1, "ca_cert.pem", f.certs.ca);
    store(&f, 0, "client_cert.pem", f.certs.client);
    set_mode(&f, 2);
    expect_refusal(&f, "^FOTASTATE: 13,51\r\n");
    assert_int_equal(httpd_request_count(f.bench.httpd), 0);
    end(&f);
}

static void test_everything_has_to_be_set_again_after_a_power_loss(void **state)
{
    struct fixture f;

    begin(&f, true, "https-works");
    store_all(&f);
    set_mode(&f, 2);
    mt_query(&f.bench);
    mt_wait(&f.bench, "^FOTASTATE: 12,");
    modem_cut(f.bench.rig.modem, CUT_LOST);
    mt_power_on(&f.bench);
    expect_refusal(&f, "^FOTASTATE: 13,51\r\n");
    store_all(&f);
    set_mode(&f, 2);
    expect_download(&f);
    end(&f);
}

static void test_der_is_taken_as_well_as_pem(void **state)
{
    struct buf dense = {0};
    struct fixture f;
    char command[1500];

    begin(&f, false, "https-works");
    for (const char *c = strchr(f.certs.ca, '\n'); *c && *c != '-'; c++) {
        if (*c != '\n')
            buf_add_char(&dense, *c); /* what stands in a PEM is the base64 of its DER */
    }
    snprintf(command, sizeof(command), "AT^SSLMNG=2,1,0,\"ca.der\",1,1,\"%s\"", buf_text(&dense));
    mt_ask(&f.bench, command, FINE);
    mt_ask(&f.bench, "AT^SSLMNG=2,1,2,\"ca.der\"", FINE);
    set_mode(&f, 1);
    expect_download(&f);
    buf_deinit(&dense);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_https_is_not_supported_without_the_quirk),
        cmocka_unit_test(test_mode_0_judges_nobody),
        cmocka_unit_test(test_mode_1_judges_the_server),
        cmocka_unit_test(test_mode_2_shows_the_server_a_certificate),
        cmocka_unit_test(test_mode_2_needs_all_three_files),
        cmocka_unit_test(test_everything_has_to_be_set_again_after_a_power_loss),
        cmocka_unit_test(test_der_is_taken_as_well_as_pem),
    };

    return cmocka_run_group_tests_name("mt5700-https", tests, NULL, NULL);
}
