/*
 * Golden transcripts: tests/golden/NAME.txt is played to a modem, byte for byte, in manual time.
 * Each file is played twice, with the host's lines sent whole and sent byte by byte; the modem must
 * say the same.
 *
 *     @ dialect bc26            @ quirk NAME            @ option NAME=VALUE
 *     # a comment
 *     + 5s                      modem time moves
 *     > AT\r                    the host sends exactly these bytes (escapes \r \n \\ \xNN)
 *     < \r\nOK\r\n              the modem has said exactly these bytes since the last check;
 *                               consecutive '<' lines are one text
 *     <                         alone: it has said nothing
 *     cut  /  power             the supply goes and comes
 *     network none              the world changes
 * SPDX-License-Identifier: MIT
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/text.h"
#include "tests/bench-rig.h"
#include "tests/test.h"

#define GOLDEN_MAX (1u << 20)

struct player {
    const char *path;
    int line;
    bool by_byte;
    struct rig rig;
    bool has_rig, started;
    struct buf wanted;
    bool checking;
};

static const char *const *golden_paths;

static void unescape(const struct player *player, const char *text, struct buf *out)
{
    for (; *text; text++) {
        if (*text != '\\') {
            buf_add_char(out, *text);
            continue;
        }
        text++;
        if (*text == 'r')
            buf_add_char(out, '\r');
        else if (*text == 'n')
            buf_add_char(out, '\n');
        else if (*text == '\\')
            buf_add_char(out, '\\');
        else if (*text == 'x' && isxdigit((unsigned char)text[1]) &&
                 isxdigit((unsigned char)text[2])) {
            char hex[3] = {text[1], text[2], '\0'};

            buf_add_char(out, (char)strtol(hex, NULL, 16));
            text += 2;
        } else {
            fail_msg("%s:%d: unknown escape", player->path, player->line);
        }
    }
}

static void check(struct player *player)
{
    struct buf wanted = {0}, heard = {0};
    const char *got = rig_heard(&player->rig);
    bool same = player->rig.shown.len == player->wanted.len &&
                memcmp(got, buf_text(&player->wanted), player->wanted.len) == 0;

    player->checking = false;
    if (!same) {
        text_add_visible(&wanted, buf_text(&player->wanted), player->wanted.len);
        text_add_visible(&heard, got, player->rig.shown.len);
        fail_msg("%s: before line %d (%s):\n  wanted %s\n  heard  %s", player->path, player->line,
                 player->by_byte ? "byte by byte" : "whole", buf_text(&wanted), buf_text(&heard));
    }
    buf_clear(&player->wanted);
    buf_deinit(&wanted);
    buf_deinit(&heard);
}

static void configure(struct player *player, char *words)
{
    char *value = strchr(words, ' ');
    char *equals;

    if (!value)
        fail_msg("%s:%d: '@ WORD VALUE'", player->path, player->line);
    *value++ = '\0';
    if (strcmp(words, "dialect") == 0) {
        rig_init(&player->rig, CLOCK_MANUAL, 1, value, NULL);
        player->has_rig = true;
    } else if (strcmp(words, "quirk") == 0) {
        rig_quirk(&player->rig, value);
    } else if (strcmp(words, "option") == 0 && (equals = strchr(value, '='))) {
        *equals = '\0';
        rig_option(&player->rig, value, equals + 1);
    } else {
        fail_msg("%s:%d: unknown setting", player->path, player->line);
    }
}

static void send_bytes(struct player *player, const char *escaped)
{
    struct buf bytes = {0};

    unescape(player, escaped, &bytes);
    if (player->by_byte) {
        for (size_t i = 0; i < bytes.len; i++)
            rig_send(&player->rig, bytes.data + i, 1);
    } else {
        rig_send(&player->rig, bytes.data, bytes.len);
    }
    buf_deinit(&bytes);
}

static void act(struct player *player, char *line)
{
    char sign = line[0];
    char *rest = line[1] ? line + 2 : line + 1;

    if (sign == '\0' || sign == '#')
        return;
    if (sign == '<') {
        player->checking = true;
        unescape(player, rest, &player->wanted);
        return;
    }
    if (player->checking)
        check(player);
    if (sign == '@') {
        configure(player, rest);
        return;
    }
    if (!player->started) {
        rig_start(&player->rig);
        player->started = true;
    }
    if (sign == '>')
        send_bytes(player, rest);
    else if (sign == '+')
        rig_advance(&player->rig, rest);
    else if (strcmp(line, "cut") == 0)
        modem_cut(player->rig.modem, CUT_LOST);
    else if (strcmp(line, "power") == 0)
        modem_power_on(player->rig.modem);
    else if (strncmp(line, "network ", 8) == 0)
        assert_int_equal(modem_set_network(player->rig.modem, line + 8), 0);
    else
        fail_msg("%s:%d: unknown line", player->path, player->line);
}

static void play(const char *path, bool by_byte)
{
    struct player player = {.path = path, .by_byte = by_byte};
    struct buf text = {0};
    char *at, *line;

    if (text_read_file(path, GOLDEN_MAX, &text) < 0)
        fail_msg("%s can not be read", path);
    at = text.data;
    while ((line = strsep(&at, "\n"))) {
        player.line++;
        act(&player, line);
    }
    if (player.checking)
        check(&player);
    assert_true(player.has_rig);
    rig_deinit(&player.rig);
    buf_deinit(&player.wanted);
    buf_deinit(&text);
}

static void test_transcripts_sent_whole(void **state)
{
    for (const char *const *path = golden_paths; *path; path++)
        play(*path, false);
}

static void test_transcripts_sent_byte_by_byte(void **state)
{
    for (const char *const *path = golden_paths; *path; path++)
        play(*path, true);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transcripts_sent_whole),
        cmocka_unit_test(test_transcripts_sent_byte_by_byte),
    };

    if (argc < 2) {
        fprintf(stderr, "usage: test-golden TRANSCRIPT...\n");
        return 2;
    }
    golden_paths = (const char *const *)argv + 1;
    return cmocka_run_group_tests_name(argv[1], tests, NULL, NULL);
}
