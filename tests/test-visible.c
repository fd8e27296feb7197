/* Any bytes must give valid text. SPDX-License-Identifier: MIT */
#include "tests/test.h"

#include <jansson.h>
#include <string.h>

#include "harness/visible.h"
#include "sim/base/buf.h"
#include "sim/base/rng.h"

#define ROUNDS  20000
#define LEN_MAX 64

static void check(enum visible_form form, const char *bytes, size_t len, const char *expected)
{
    struct buf out = {0};

    visible_add(&out, form, bytes, len);
    assert_string_equal(buf_text(&out), expected);
    buf_deinit(&out);
}

static void test_markup_is_escaped(void **state)
{
    check(VISIBLE_MARKUP, "<a b=\"c\" & 'd'>]]>", 18,
          "&lt;a b=&quot;c&quot; &amp; &#39;d&#39;&gt;]]&gt;");
}

static void test_control_bytes_are_pictures(void **state)
{
    check(VISIBLE_TEXT, "\0\r\x1a\x1b\x7f", 5, "␀␍␚␛␡");
    check(VISIBLE_TEXT, "a\n\tb", 4, "a\n\tb");
    check(VISIBLE_LINE, "a\nb", 3, "a b");
}

static void test_utf8_stays_and_what_is_none_is_named(void **state)
{
    check(VISIBLE_TEXT, "é€😀", 9, "é€😀");
    check(VISIBLE_TEXT, "\xc3(", 2, "\\xC3(");
    check(VISIBLE_TEXT, "\xe2\x82", 2, "\\xE2\\x82");          /* cut off */
    check(VISIBLE_TEXT, "\xc0\xaf", 2, "\\xC0\\xAF");          /* longer than it needs to be */
    check(VISIBLE_TEXT, "\xed\xa0\x80", 3, "\\xED\\xA0\\x80"); /* a surrogate */
    check(VISIBLE_TEXT, "\xef\xbf\xbe", 3, "\\xEF\\xBF\\xBE"); /* U+FFFE, which XML refuses */
    check(VISIBLE_TEXT, "\xc2\x85", 2, "\\xC2\\x85");          /* a C1 control */
}

static void test_a_cut_leaves_whole_characters(void **state)
{
    assert_int_equal(visible_cut("aé€", 6, 2), 1);
    assert_int_equal(visible_cut("aé€", 6, 3), 3);
    assert_int_equal(visible_cut("aé€", 6, 5), 3);
    assert_int_equal(visible_cut("aé€", 6, 100), 6);
}

/* jansson takes valid UTF-8 only, and is strict about control characters. */
static void check_random(const char *bytes, size_t len)
{
    struct buf markup = {0}, json = {0};
    json_t *text;

    visible_add(&markup, VISIBLE_MARKUP, bytes, len);
    for (size_t i = 0; i < markup.len; i++) {
        unsigned char c = (unsigned char)markup.data[i];

        assert_true(c >= 0x20 || c == '\n' || c == '\t');
        assert_null(memchr("<>\"'\x7f", c, 5));
    }
    text = json_stringn(buf_text(&markup), markup.len);
    assert_non_null(text);
    json_decref(text);
    visible_add_json(&json, bytes, len);
    text = json_loadb(json.data, json.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    assert_non_null(text);
    json_decref(text);
    buf_deinit(&markup);
    buf_deinit(&json);
}

static void test_any_bytes_give_valid_text(void **state)
{
    char bytes[LEN_MAX];
    struct rng rng;

    rng_init(&rng, 1);
    for (int round = 0; round < ROUNDS; round++) {
        size_t len = rng_below(&rng, LEN_MAX + 1);

        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)rng_below(&rng, 256);
        check_random(bytes, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_markup_is_escaped),
        cmocka_unit_test(test_control_bytes_are_pictures),
        cmocka_unit_test(test_utf8_stays_and_what_is_none_is_named),
        cmocka_unit_test(test_a_cut_leaves_whole_characters),
        cmocka_unit_test(test_any_bytes_give_valid_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
