/* SPDX-License-Identifier: MIT */
#include "harness/trace_digest.h"

#include <assert.h>
#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/trace.h"

#define DIGEST_BYTES 12 /* of SHA-256: plenty to tell courses apart */

/* Words after which a number does not count. */
static const char *const chance_words[] = {"/dev/pts/", "127.0.0.1:", "pid "};

/* Return: how many bytes at `at` do not count, after `*keep_out` that do; 0 = none begin here. */
static size_t chance_at(const char *at, size_t len, const char *dir, size_t *keep_out)
{
    size_t dir_len = dir && *at == *dir ? strlen(dir) : 0;

    *keep_out = 0;
    if (dir_len > 0 && len >= dir_len && memcmp(at, dir, dir_len) == 0)
        return dir_len;
    for (size_t i = 0; i < ARRAY_LEN(chance_words); i++) {
        size_t word, end;

        if (*at != *chance_words[i])
            continue;
        word = end = strlen(chance_words[i]);
        if (len <= word || memcmp(at, chance_words[i], word) != 0)
            continue;
        while (end < len && isdigit((unsigned char)at[end]))
            end++;
        *keep_out = word;
        return end - word;
    }
    return 0;
}

static void add_record(const struct trace_record *record, const char *dir, struct buf *out)
{
    size_t kept = 0; /* up to here the record is in the buffer */

    buf_printf(out, "%llu %s %s ", (unsigned long long)record->t_us, record->who,
               trace_kind_name(record->kind));
    for (size_t i = 0; i < record->len; i++) {
        size_t keep, drop = chance_at(record->data + i, record->len - i, dir, &keep);

        if (drop == 0)
            continue;
        buf_add(out, record->data + kept, i + keep - kept);
        buf_add_char(out, '*');
        kept = i + keep + drop;
        i = kept - 1;
    }
    buf_add(out, record->data + kept, record->len - kept);
    buf_add_char(out, '\n');
}

void trace_digest(const struct trace *trace, const char *dir, char digest_out[TRACE_DIGEST_MAX])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char digest[EVP_MAX_MD_SIZE];
    struct buf text = {0};

    assert(context && 2 * DIGEST_BYTES < TRACE_DIGEST_MAX);
    EVP_DigestInit_ex(context, EVP_sha256(), NULL);
    for (uint64_t seq = trace_first(trace); seq < trace_next(trace); seq++) {
        buf_clear(&text);
        add_record(trace_get(trace, seq), dir, &text);
        EVP_DigestUpdate(context, text.data, text.len);
    }
    EVP_DigestFinal_ex(context, digest, NULL);
    EVP_MD_CTX_free(context);
    buf_deinit(&text);
    for (size_t i = 0; i < DIGEST_BYTES; i++)
        snprintf(digest_out + 2 * i, 3, "%02x", digest[i]);
}
