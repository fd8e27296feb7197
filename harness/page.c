/* SPDX-License-Identifier: MIT */
#include "harness/page.h"

#include <assert.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <string.h>
#include <zlib.h>

#include "harness/visible.h"
#include "sim/base/buf.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define GZIP_WINDOW 31 /* 15 bits of window; 16 more mean a gzip header */
#define GZIP_MEMORY 9
#define BASE64_STEP 3072 /* bytes in, a multiple of three */

static void compress_all(const struct buf *data, struct buf *out)
{
    static unsigned char chunk[65536];
    z_stream stream = {.next_in = (unsigned char *)data->data, .avail_in = (unsigned)data->len};
    int r = deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
                         Z_DEFAULT_STRATEGY);

    assert(r == Z_OK);
    do {
        stream.next_out = chunk;
        stream.avail_out = sizeof(chunk);
        r = deflate(&stream, Z_FINISH);
        assert(r == Z_OK || r == Z_STREAM_END);
        buf_add(out, chunk, sizeof(chunk) - stream.avail_out);
    } while (r != Z_STREAM_END);
    deflateEnd(&stream);
}

void page_pack(const struct buf *data, struct buf *out)
{
    unsigned char text[BASE64_STEP / 3 * 4 + 1];
    struct buf packed = {0};

    assert(data->len < UINT32_MAX);
    compress_all(data, &packed);
    for (size_t at = 0; at < packed.len; at += BASE64_STEP) {
        size_t len = packed.len - at < BASE64_STEP ? packed.len - at : BASE64_STEP;
        int made = EVP_EncodeBlock(text, (const unsigned char *)packed.data + at, (int)len);

        buf_add(out, text, (size_t)made);
    }
    buf_deinit(&packed);
}

static void write_head(const struct page *page, FILE *file)
{
    struct buf title = {0};

    visible_add(&title, VISIBLE_MARKUP, page->title, strlen(page->title));
    fprintf(file,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
            "script-src '%s'; style-src '%s'; img-src data:; base-uri 'none'; "
            "form-action 'none'\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<meta name=\"generator\" content=\"Hayeswire %s\">\n"
            "<link rel=\"icon\" href=\"data:,\">\n<title>%s</title>\n<style>",
            page->asset->script_digest, page->asset->style_digest, HAYESWIRE_VERSION,
            buf_text(&title));
    fputs(page->asset->style, file);
    fputs("</style>\n</head>\n", file);
    buf_deinit(&title);
}

void page_write(const struct page *page, const struct buf *packed, FILE *file)
{
    struct buf own = {0};

    if (!packed)
        page_pack(page->data, &own);
    write_head(page, file);
    fprintf(file, "<body>\n<main id=\"plain\">\n%s</main>\n", buf_text(page->plain));
    fprintf(file, "<script type=\"application/octet-stream\" id=\"data\">%s</script>\n",
            buf_text(packed ? packed : &own));
    fprintf(file, "<script>%s</script>\n</body>\n</html>\n", page->asset->script);
    buf_deinit(&own);
}

/* ---- JSON ---- */

void page_add_text(struct buf *out, const char *key, const char *text)
{
    buf_printf(out, "\"%s\":", key);
    if (text)
        text_add_json(out, text, strlen(text));
    else
        buf_add_text(out, "null");
    buf_add_char(out, ',');
}

void page_add_number(struct buf *out, const char *key, uint64_t value)
{
    buf_printf(out, "\"%s\":%" PRIu64 ",", key, value);
}

void page_close(struct buf *out, char bracket)
{
    if (out->len > 0 && out->data[out->len - 1] == ',')
        out->data[out->len - 1] = bracket;
    else
        buf_add_char(out, bracket);
}
