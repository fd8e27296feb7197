/*
 * The files of the MT5700M's server: read as the module reads them, and made to the byte as the
 * vendor's (sheet 5.1).
 * SPDX-License-Identifier: MIT
 */
#include <stdlib.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/dialect/mt5700/mt5700_files.h"
#include "sim/dialect/registry.h"
#include "sim/modem/dialect.h"
#include "tests/test.h"

struct made {
    struct buf changelog, filelist, package;
};

static void take(void *arg, const char *name, const void *bytes, size_t len)
{
    struct made *made = arg;
    struct buf *out = strstr(name, "changelog")  ? &made->changelog
                      : strstr(name, "filelist") ? &made->filelist
                                                 : &made->package;

    buf_add(out, bytes, len);
}

static int make(struct made *made, const char *to, const char *const *settings, size_t count,
                struct buf *error)
{
    static const char swu[] = "any bytes will do";
    const struct dialect_package package = {swu, sizeof(swu) - 1, "", to};

    *made = (struct made){0};
    return dialect_package_files(dialect_find("mt5700"), &package, settings, count, take, made,
                                 error);
}

static void made_deinit(struct made *made)
{
    buf_deinit(&made->changelog);
    buf_deinit(&made->filelist);
    buf_deinit(&made->package);
}

static void test_a_changelog_is_the_vendors_to_the_byte(void **state)
{
    struct made made;
    char md5[MT5700_MD5_LEN + 1];

    assert_int_equal(make(&made, "1.1.6.0(SP1C02)", NULL, 0, NULL), 0);
    mt5700_md5(made.changelog.data, made.changelog.len, md5);
    assert_int_equal(made.changelog.len, 484);
    assert_string_equal(md5, "86ed31415b5a0b978dfa677fa47bd1b1"); /* of a server that worked */
    made_deinit(&made);
}

static void test_what_is_made_is_read_back(void **state)
{
    static const char *const settings[] = {"update_mode=1", "product=A<B&\"C\"", "eol=crlf",
                                           "md5_digits=upper", "file=FIRMWARE1.BIN"};
    struct mt5700_changelog log;
    struct mt5700_filelist list;
    struct made made;
    char md5[MT5700_MD5_LEN + 1];

    assert_int_equal(make(&made, "1.3.0.0(SP1C02)", settings, ARRAY_LEN(settings), NULL), 0);
    assert_int_equal(mt5700_read_changelog(made.changelog.data, made.changelog.len, &log), 0);
    assert_string_equal(log.version, "1.3.0.0(SP1C02)");
    assert_string_equal(log.source_version, "1.3.0.0(SP1C02)");
    assert_true(log.is_automatic);
    assert_int_equal(log.feature_count, 4);
    assert_string_equal(log.features[0], "1.product_name=\"A<B&\"C\"\"");
    assert_string_equal(log.features[3], "en-us");
    assert_int_equal(mt5700_read_filelist(made.filelist.data, made.filelist.len, &list), 0);
    assert_string_equal(list.component, "FIRMWARE1");
    assert_int_equal(list.count, 2);
    assert_string_equal(list.files[0].path, "changelog.xml");
    assert_string_equal(list.files[1].path, "FIRMWARE1.BIN");
    mt5700_md5(made.package.data, made.package.len, md5);
    assert_string_equal(list.files[1].md5, md5); /* upper case was read */
    assert_int_equal(list.files[1].size_bytes, made.package.len);
    made_deinit(&made);
}

static void test_a_misspelt_setting_is_refused_with_the_nearest(void **state)
{
    static const char *const settings[] = {"produkt=X"};
    struct buf error = {0};
    struct made made;

    assert_true(make(&made, "1", settings, 1, &error) < 0);
    assert_non_null(strstr(buf_text(&error), "did you mean \"product\"?"));
    buf_deinit(&error);
}

#define FILE_XML(path, md5, size) \
    "<file><spath>" path "</spath><md5>" md5 "</md5><size>" size "</size></file>"
#define LIST(files) "<root><files>" files "</files></root>"
#define MD5         "0123456789abcdef0123456789ABCDEF"

static void test_malformed_lists_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "<root>",
        "<root></other>",
        LIST(FILE_XML("../x", MD5, "1")),
        LIST(FILE_XML("a/b", MD5, "1")),
        LIST(FILE_XML("a b", MD5, "1")),
        LIST(FILE_XML("", MD5, "1")),
        LIST(FILE_XML("a", "0123", "1")),
        LIST(FILE_XML("a", "g123456789abcdef0123456789ABCDEF", "1")),
        LIST(FILE_XML("a", MD5, "-1")),
        LIST(FILE_XML("a", MD5, "one")),
        LIST("<file><spath>a</spath><size>1</size></file>"),
        "<a><a><a><a><a><a><a><a><a></a></a></a></a></a></a></a></a></a>",
    };
    struct mt5700_filelist list;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        if (mt5700_read_filelist(bad[i], strlen(bad[i]), &list) == 0)
            fail_msg("taken: %s", bad[i]);
    }
    assert_int_equal(mt5700_read_filelist("<root/>", 7, &list), 0);
    assert_int_equal(list.count, 0);
}

static void test_a_list_and_a_changelog_have_bounds(void **state)
{
    struct buf text = {0};
    struct mt5700_changelog log;
    struct mt5700_filelist list;

    buf_add_text(&text, "<root><files>");
    for (int i = 0; i <= MT5700_FILES_MAX; i++)
        buf_add_text(&text, FILE_XML("a", MD5, "1"));
    buf_add_text(&text, "</files></root>");
    assert_true(mt5700_read_filelist(text.data, text.len, &list) < 0);
    buf_clear(&text);
    buf_add_text(&text, "<root><component name=\"F\" version=\"1\"/><language><features>");
    for (int i = 0; i < 9; i++) {
        buf_add_text(&text, "<feature>");
        for (int n = 0; n < 300; n++)
            buf_add_char(&text, 'x');
        buf_add_text(&text, "</feature>");
    }
    buf_add_text(&text, "</features></language></root>");
    assert_int_equal(mt5700_read_changelog(text.data, text.len, &log), 0);
    assert_int_equal(log.feature_count, MT5700_FEATURES_MAX);
    assert_int_equal(strlen(log.features[4]), MT5700_FEATURE_MAX);
    buf_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_changelog_is_the_vendors_to_the_byte),
        cmocka_unit_test(test_what_is_made_is_read_back),
        cmocka_unit_test(test_a_misspelt_setting_is_refused_with_the_nearest),
        cmocka_unit_test(test_malformed_lists_are_refused),
        cmocka_unit_test(test_a_list_and_a_changelog_have_bounds),
    };

    return cmocka_run_group_tests_name("mt5700-files", tests, NULL, NULL);
}
