/*
 * Firmware packages: made the same everywhere, and no damage goes unnoticed.
 * SPDX-License-Identifier: MIT
 */
#include "tests/test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/mem.h"
#include "sim/modem/package.h"

#define SIZE 700u

static struct buf make(const char *from, const char *to)
{
    struct buf package = {0};

    assert_int_equal(package_make("bc26", from, to, SIZE, &package, NULL), 0);
    assert_int_equal(package.len, SIZE);
    return package;
}

static void test_a_package_says_what_it_was_made_for(void **state)
{
    struct buf package = make("A05", "A06");
    struct package_info info;

    assert_int_equal(package_check(package.data, package.len, &info), PACKAGE_GOOD);
    assert_string_equal(info.dialect, "bc26");
    assert_string_equal(info.from, "A05");
    assert_string_equal(info.to, "A06");
    assert_int_equal(info.payload_size_bytes, SIZE - PACKAGE_HEADER_SIZE);
    buf_deinit(&package);
}

/* The digest is part of the contract: published packages must not change with a release. */
static void test_the_same_call_gives_the_same_bytes_everywhere(void **state)
{
    static const uint8_t wanted[PACKAGE_DIGEST_SIZE] = {
        0x02, 0x93, 0x94, 0x66, 0x9e, 0xab, 0xb7, 0x58, 0x4e, 0x68, 0x2f,
        0x79, 0x1b, 0x7d, 0x4f, 0x57, 0xff, 0x2b, 0x19, 0xe3, 0x2b, 0x37,
        0xc0, 0x12, 0xf6, 0x54, 0xaa, 0xc1, 0x2c, 0x53, 0xdb, 0x60};
    struct buf one = make("A05", "A06"), two = make("A05", "A06"), other = make("A05", "A07");
    uint8_t digest[PACKAGE_DIGEST_SIZE];

    assert_memory_equal(one.data, two.data, SIZE);
    assert_memory_not_equal(one.data + PACKAGE_HEADER_SIZE, other.data + PACKAGE_HEADER_SIZE,
                            SIZE - PACKAGE_HEADER_SIZE);
    package_digest(one.data, one.len, digest);
    assert_memory_equal(digest, wanted, sizeof(digest));
    buf_deinit(&one);
    buf_deinit(&two);
    buf_deinit(&other);
}

static void test_every_flipped_bit_is_noticed(void **state)
{
    struct buf package = make("A05", "A06");
    struct package_info info;

    for (size_t bit = 0; bit < SIZE * 8; bit++) {
        enum package_verdict verdict;

        package.data[bit / 8] ^= (char)(1 << bit % 8);
        verdict = package_judge(NULL, package.data, package.len, "bc26", "A05", &info);
        assert_int_equal(verdict, bit < 4 * 8 ? PACKAGE_UNKNOWN : PACKAGE_DAMAGED);
        package.data[bit / 8] ^= (char)(1 << bit % 8);
    }
    assert_int_equal(package_judge(NULL, package.data, package.len, "bc26", "A05", &info),
                     PACKAGE_GOOD);
    buf_deinit(&package);
}

static void test_every_shorter_length_is_truncated(void **state)
{
    struct buf package = make("A05", "A06");
    struct package_info info;

    assert_int_equal(package_check(package.data, 0, &info), PACKAGE_UNKNOWN);
    for (size_t len = 1; len < SIZE; len++) {
        /* A copy of that size, so that a read behind its end shows under a sanitizer. */
        char *copy = xmalloc(len);

        memcpy(copy, package.data, len);
        assert_int_equal(package_check(copy, len, &info), PACKAGE_TRUNCATED);
        assert_int_equal(package_read_header(copy, len, &info),
                         len < PACKAGE_HEADER_SIZE ? PACKAGE_TRUNCATED : PACKAGE_GOOD);
        free(copy);
    }
    buf_add_text(&package, "the rest of a slot");
    assert_int_equal(package_check(package.data, package.len, &info), PACKAGE_GOOD);
    buf_deinit(&package);
}

/* Change a field of a header and seal it again, as a faulty packer would. */
static enum package_verdict verdict_of(size_t offset, unsigned char byte)
{
    struct buf package = make("A05", "A06");
    struct package_info info;
    enum package_verdict verdict;

    package.data[offset] = (char)byte;
    package_digest(package.data, 156, (uint8_t *)package.data + 156);
    verdict = package_check(package.data, package.len, &info);
    buf_deinit(&package);
    return verdict;
}

static void test_a_sealed_header_is_still_not_believed(void **state)
{
    assert_int_equal(verdict_of(4, 1), PACKAGE_GOOD);
    assert_int_equal(verdict_of(4, 2), PACKAGE_UNKNOWN);   /* another container version */
    assert_int_equal(verdict_of(6, 189), PACKAGE_UNKNOWN); /* another header size */
    assert_int_equal(verdict_of(23, 'x'), PACKAGE_DAMAGED);
    assert_int_equal(verdict_of(71, 'x'), PACKAGE_DAMAGED);
    assert_int_equal(verdict_of(119, 'x'), PACKAGE_DAMAGED);
    assert_int_equal(verdict_of(122, 1), PACKAGE_TRUNCATED); /* 64 KiB more than there are */
    assert_int_equal(verdict_of(123, 0xff), PACKAGE_DAMAGED);
    assert_int_equal(verdict_of(121, 1), PACKAGE_DAMAGED); /* the digest of less */
}

static void test_the_bases_are_told_apart(void **state)
{
    struct buf delta = make("A05", "A06"), full = make("", "A06");
    struct package_info info;

    assert_int_equal(package_judge(NULL, delta.data, SIZE, "bc26", "A05", &info), PACKAGE_GOOD);
    assert_int_equal(package_judge(NULL, delta.data, SIZE, "bc26", "A04", &info),
                     PACKAGE_OTHER_BASE);
    assert_int_equal(package_judge(NULL, delta.data, SIZE, "air720", "A05", &info),
                     PACKAGE_OTHER_DIALECT);
    assert_int_equal(package_judge(NULL, full.data, SIZE, "bc26", "A04", &info), PACKAGE_GOOD);
    assert_string_equal(info.from, "");
    buf_deinit(&delta);
    buf_deinit(&full);
}

static void test_limits_are_refused_with_a_message(void **state)
{
    static const struct {
        const char *dialect, *from, *to;
        size_t size;
        const char *message;
    } rows[] = {
        {"a-very-long-name", "",                                                 "1", 200,
         "the dialect \"a-very-long-name\" is longer than 15 bytes"                                                                                       },
        {"",                 "",                                                 "1", 200,             "the dialect must not be empty"                    },
        {"bc26",             "",                                                 "",  200,             "the version \"to\" must not be empty"             },
        {"bc26",             "123456789-123456789-123456789-123456789-12345678", "1", 200,
         "the version \"from\" \"123456789-123456789-123456789-123456789-12345678\" is longer than "
         "47 bytes"                                                                                                                                       },
        {"bc26",             "",                                                 "1", 187,             "a package has 188 to 75497472 bytes, not 187"     },
        {"bc26",             "",                                                 "1", (72u << 20) + 1, "a package has 188 to 75497472 bytes, not 75497473"},
    };
    struct buf out = {0};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf error = {0};

        assert_int_equal(
            package_make(rows[i].dialect, rows[i].from, rows[i].to, rows[i].size, &out, &error),
            -EINVAL);
        assert_string_equal(buf_text(&error), rows[i].message);
        assert_int_equal(out.len, 0);
        buf_deinit(&error);
    }
    assert_int_equal(package_make("bc26", "", "1", PACKAGE_HEADER_SIZE, &out, NULL), 0);
    buf_deinit(&out);
}

static void test_an_opaque_file_is_known_by_its_digest_alone(void **state)
{
    struct package_catalog *catalog = package_catalog_new();
    char file[] = "\x7f some vendor's delta, of which nobody knows the format";
    struct package_info info;

    assert_int_equal(package_judge(catalog, file, sizeof(file), "bc26", "A05", &info),
                     PACKAGE_UNKNOWN);
    assert_int_equal(package_catalog_add(catalog, file, sizeof(file), "bc26", "A05", "A06"), 0);
    assert_int_equal(package_judge(catalog, file, sizeof(file), "bc26", "A05", &info),
                     PACKAGE_GOOD);
    assert_string_equal(info.to, "A06");
    assert_int_equal(info.payload_size_bytes, sizeof(file));
    assert_int_equal(package_judge(catalog, file, sizeof(file), "bc26", "A04", &info),
                     PACKAGE_OTHER_BASE);
    assert_int_equal(package_judge(catalog, file, sizeof(file), "mt5700", "A05", &info),
                     PACKAGE_OTHER_DIALECT);
    assert_int_equal(package_judge(catalog, file, sizeof(file) - 1, "bc26", "A05", &info),
                     PACKAGE_UNKNOWN);
    file[3] ^= 1;
    assert_int_equal(package_judge(catalog, file, sizeof(file), "bc26", "A05", &info),
                     PACKAGE_UNKNOWN);
    file[3] ^= 1;

    assert_int_equal(package_catalog_add(catalog, file, sizeof(file), "bc26", "", "A09"), 0);
    assert_int_equal(package_judge(catalog, file, sizeof(file), "bc26", "A04", &info),
                     PACKAGE_GOOD);
    assert_string_equal(info.to, "A09");
    assert_int_equal(package_catalog_add(catalog, file, sizeof(file), "a-very-long-name", "", "1"),
                     -EINVAL);
    package_catalog_free(catalog);
    package_catalog_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_package_says_what_it_was_made_for),
        cmocka_unit_test(test_the_same_call_gives_the_same_bytes_everywhere),
        cmocka_unit_test(test_every_flipped_bit_is_noticed),
        cmocka_unit_test(test_every_shorter_length_is_truncated),
        cmocka_unit_test(test_a_sealed_header_is_still_not_believed),
        cmocka_unit_test(test_the_bases_are_told_apart),
        cmocka_unit_test(test_limits_are_refused_with_a_message),
        cmocka_unit_test(test_an_opaque_file_is_known_by_its_digest_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
