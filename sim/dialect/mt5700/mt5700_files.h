/*
 * The files beside a package on the server: full/filelist.xml and full/changelog.xml (S 3.3, sheet
 * 5.1). Reading, which the module does, and making, which `hayeswire package make` does.
 *
 * The server is not trusted: each text has a bound, and a file that breaks one is malformed.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/modem/option.h"

#define MT5700_NAME_MAX     127
#define MT5700_MD5_LEN      32
#define MT5700_FILES_MAX    16  /* of a filelist; more are malformed */
#define MT5700_FEATURES_MAX 5   /* MU609: at most five records ... */
#define MT5700_FEATURE_MAX  255 /* ... of 255 characters; the rest is left out */

struct dialect_package;

struct mt5700_file {
    char path[MT5700_NAME_MAX + 1]; /* <spath>, a name without folders */
    char md5[MT5700_MD5_LEN + 1];   /* lower case */
    uint64_t size_bytes;
};

struct mt5700_filelist {
    char component[MT5700_NAME_MAX + 1];
    struct mt5700_file files[MT5700_FILES_MAX];
    size_t count;
};

struct mt5700_changelog {
    char version[MT5700_NAME_MAX + 1]; /* of its first component */
    char features[MT5700_FEATURES_MAX][MT5700_FEATURE_MAX + 1];
    size_t feature_count;
    bool is_automatic;                        /* 2.update_mode="1" */
    char source_version[MT5700_NAME_MAX + 1]; /* 3.source_version="..."; empty = not told */
};

/* Return: 0, or -EBADMSG. */
int mt5700_read_filelist(const void *bytes, size_t len, struct mt5700_filelist *list_out);
int mt5700_read_changelog(const void *bytes, size_t len, struct mt5700_changelog *log_out);

/* Digest of bytes in lower-case hexadecimal. */
void mt5700_md5(const void *bytes, size_t len, char hex_out[MT5700_MD5_LEN + 1]);

/* The hook package_files of the dialect, and its settings. */
#define MT5700_PACKAGE_OPTIONS(X)                                                          \
    X(FILE, "file", OPTION_TEXT, "ota.swu", "1..127", "name of the package (S 3.3)")       \
    X(COMPONENT, "component", OPTION_TEXT, "FIRMWARE1", "1..127", "name of the component") \
    X(VERSION, "version", OPTION_TEXT, "", "0..127",                                       \
      "version that changelog.xml tells; empty = the package's own")                       \
    X(PRODUCT, "product", OPTION_TEXT, "MT5700M-CN", "1..127", "1.product_name (S 4.1.1)") \
    X(BLANK, "product_blank", OPTION_CHOICE, "no", "no|yes",                               \
      "a blank behind \"1.\", as S 4.1.1's line 12 is printed")                            \
    X(UPDATE_MODE, "update_mode", OPTION_CHOICE, "0", "0|1",                               \
      "2.update_mode: 1 = the upgrade needs no ^FWUP (S 4.1.1)")                           \
    X(SOURCE, "source_version", OPTION_TEXT, "", "0..127",                                 \
      "3.source_version; empty = the new version, as in both examples of S")               \
    X(LANGUAGE, "language", OPTION_TEXT, "en-us", "0..64",                                 \
      "fourth feature, the tail of S 4.1.1's line 12; empty = none, as in S 4.2")          \
    X(EOL, "eol", OPTION_CHOICE, "lf", "lf|crlf", "line ends of both files (sheet 5.1)")   \
    X(DIGITS, "md5_digits", OPTION_CHOICE, "lower", "lower|upper",                         \
      "hexadecimal digits of filelist.xml (DOTRACEL; B2368 has upper case)")

enum mt5700_package_option {
#define X(id, name, type, initial, range, doc) MT5700_PACKAGE_##id,
    MT5700_PACKAGE_OPTIONS(X)
#undef X
        MT5700_PACKAGE_OPTION_COUNT
};
extern const struct option_row mt5700_package_options[MT5700_PACKAGE_OPTION_COUNT];

void mt5700_package_files(const struct dialect_package *package, const struct option_value *values,
                          void (*add)(void *arg, const char *name, const void *bytes, size_t len),
                          void *arg);
