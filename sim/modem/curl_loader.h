/*
 * libcurl, loaded when the first download starts.
 *
 * Linking it would make each start of the program map and relocate some thirty shared libraries,
 * most of them for protocols that no module speaks. Measured on a two-core machine with warm
 * caches, an empty program from exec to exit (median of 200): 0.5 ms without libcurl, 3.3 ms with
 * it, where a modem promises its first reply within 3 ms of exec. Most runs never download
 * anything. The types and constants still come from <curl/curl.h>.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <curl/curl.h>

/* All that Hayeswire uses of libcurl; the one place to add a function. */
#define CURL_FUNCTIONS(X)  \
    X(global_init)         \
    X(easy_init)           \
    X(easy_cleanup)        \
    X(easy_setopt)         \
    X(easy_getinfo)        \
    X(easy_pause)          \
    X(multi_init)          \
    X(multi_cleanup)       \
    X(multi_setopt)        \
    X(multi_add_handle)    \
    X(multi_remove_handle) \
    X(multi_socket_action) \
    X(multi_info_read)     \
    X(slist_append)        \
    X(slist_free_all)

struct curl_api {
#define X(name) __typeof__(curl_##name) *name;
    CURL_FUNCTIONS(X)
#undef X
};

/*
 * Load and initialise the library at the first call; it stays until the program ends.
 * Return: the functions, or NULL with a sentence in error_out (static storage).
 */
const struct curl_api *curl_api_get(const char **error_out);
