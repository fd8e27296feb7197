/*
 * The Range header of a request (RFC 9110 section 14): one byte range, as modules ask for.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdint.h>

enum httpd_range {
    HTTPD_RANGE_NONE,          /* absent, malformed, or several: the whole file (RFC 9110 14.2) */
    HTTPD_RANGE_GOOD,          /* 206 */
    HTTPD_RANGE_UNSATISFIABLE, /* 416 */
};

/* value may be NULL. first_out and len_out are set in each case: 0 and size_bytes unless GOOD. */
enum httpd_range httpd_range_parse(const char *value, uint64_t size_bytes, uint64_t *first_out,
                                   uint64_t *len_out);
