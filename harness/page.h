/*
 * A self-contained HTML page: a plain part for every reader, data, and a viewer that shows them.
 * It asks for nothing from outside, and its policy lets no script run but the viewer.
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct buf;

/* Made by harness/page/embed.py. */
struct page_asset {
    const char *script, *style;
    const char *script_digest, *style_digest;
};

extern const struct page_asset page_viewer; /* one scenario */
extern const struct page_asset page_index;  /* a run, a sweep */
extern const struct page_asset page_audit;  /* the rules of an audit */

struct page {
    const struct page_asset *asset;
    const char *title;       /* any bytes */
    const struct buf *plain; /* markup of the plain part */
    const struct buf *data;  /* JSON, each byte of a text one character U+0000..U+00FF */
};

/* The data as they stand in a page: gzip in base64. Appended. */
void page_pack(const struct buf *data, struct buf *out);
/* packed: what page_pack() made of page->data, or NULL. Errors stay in file. */
void page_write(const struct page *page, const struct buf *packed, FILE *file);

/* ---- JSON of the data ---- */

void page_add_text(struct buf *out, const char *key, const char *text); /* "key":"text", */
void page_add_number(struct buf *out, const char *key, uint64_t value);
/* Remove the comma after the last member, and close. */
void page_close(struct buf *out, char bracket);
