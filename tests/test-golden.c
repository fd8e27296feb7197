/*
 * Golden transcripts: tests/golden/NAME.txt is played to a modem, byte for byte, in manual time.
 * Each file is played twice, with the host's lines sent whole and sent byte by byte; the modem must
 * say the same.
 *
 *     @ dialect bc26            @ quirk NAME       @ option NAME=VALUE       @ fault TEXT
 *     @ platform onenet         behind the dialect: a vendor's platform, see golden-platform.h
 *     @ luat                    the upgrade service of Air720 modules, which knows this modem
 *     # a comment
 *     @ serve NAME:PORT         a package server on loopback, which the modem reaches by that name
 *     @ publish PATH FROM TO SIZE NAME=VALUE...    what it offers; FROM "-" fits any version
 *     + 5s                      modem time moves
 *     ~ 5m                      the next '<' text may take so long to come
 *     until fault               the armed faults strike
 *     wait 30s TEXT             until the modem has said TEXT; the lines up to there
 *                               are compared by the '<' that follow, the rest later
 *     > AT\r                    the host sends exactly these bytes (escapes \r \n \\ \xNN)
 *     platform ...              what the platform does
 *     < \r\nOK\r\n              the modem has said exactly these bytes since the last check;
 *                               consecutive '<' lines are one text; \* is any run of hex digits
 *     <                         alone: it has said nothing
 *     cut  /  power             the supply goes and comes
 *     network none              the world changes
 *     uart2 > ...               '>', '<' and wait of the modem's second line
 * SPDX-License-Identifier: MIT
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/httpd.h"
#include "harness/luat.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"
#include "sim/modem/download.h"
#include "sim/modem/package.h"
#include "tests/bench-rig.h"
#include "tests/golden-platform.h"
#include "tests/test.h"

#define GOLDEN_MAX     (1u << 20)
#define SETTING_MAX    16
#define FAULT_LIMIT_US UINT64_C(600000000)
#define ANY_HEX        '\x01' /* stands for \* in what is wanted */

struct player {
    const char *path;
    int line;
    bool by_byte;
    struct rig rig;
    struct golden_platform *platform;
    bool has_rig, started;
    struct httpd *httpd;
    struct luat *luat;
    struct buf wanted;
    bool checking;
    size_t line_checked; /* of the modem */
    struct buf awaited;  /* what was said up to the end of a wait */
    bool has_awaited;
    uint64_t patience_us; /* how long the next '<' text may take */
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
        else if (*text == '*')
            buf_add_char(out, ANY_HEX);
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

/* A run of hex digits is tried at each length: what follows it may begin with one. */
static bool is_same(const char *wanted, size_t wanted_len, const char *got, size_t got_len)
{
    for (; wanted_len > 0 && *wanted != ANY_HEX; wanted++, got++, wanted_len--, got_len--) {
        if (got_len == 0 || *wanted != *got)
            return false;
    }
    if (wanted_len == 0)
        return got_len == 0;
    for (size_t run = 0; run <= got_len; run++) {
        if (is_same(wanted + 1, wanted_len - 1, got + run, got_len - run))
            return true;
        if (run < got_len && !isxdigit((unsigned char)got[run]))
            return false;
    }
    return false;
}

static void on_nothing(void *arg)
{
}

/* Serve the loop until that is over; at most for limit_us of modem time. */
static void pass_until(struct player *player, uint64_t limit_us,
                       bool (*is_over)(struct player *player))
{
    struct rig *rig = &player->rig;
    struct timer limit = {0};

    clock_after(&rig->clock, &limit, limit_us, on_nothing, NULL);
    while (timer_is_armed(&limit) && !is_over(player)) {
        rig_turn(rig);
    }
    clock_cancel(&rig->clock, &limit);
}

static bool has_heard_enough(struct player *player)
{
    return player->rig.heard[player->line_checked].len >= player->wanted.len;
}

static bool have_faults_fired(struct player *player)
{
    return !fault_plan_unfired(player->rig.modem->plan);
}

static void check(struct player *player)
{
    struct buf wanted = {0}, heard = {0};
    const char *got;
    size_t len;

    if (player->patience_us > 0)
        pass_until(player, player->patience_us, has_heard_enough);
    player->patience_us = 0;
    got = player->has_awaited ? buf_text(&player->awaited)
                              : rig_heard_on(&player->rig, player->line_checked);
    len = player->has_awaited ? player->awaited.len : player->rig.shown.len;
    player->checking = player->has_awaited = false;
    if (!is_same(buf_text(&player->wanted), player->wanted.len, got, len)) {
        text_add_visible(&wanted, buf_text(&player->wanted), player->wanted.len);
        text_add_visible(&heard, got, len);
        fail_msg("%s: before line %d (%s):\n  wanted %s\n  heard  %s", player->path, player->line,
                 player->by_byte ? "byte by byte" : "whole", buf_text(&wanted), buf_text(&heard));
    }
    buf_clear(&player->wanted);
    buf_deinit(&wanted);
    buf_deinit(&heard);
}

/* ---- servers ---- */

static void open_server(struct player *player, const char *name_port)
{
    struct rig *rig = &player->rig;

    assert_int_equal(httpd_new(&rig->loop, rig->trace, "http", 0, &player->httpd, NULL), 0);
    assert_int_equal(resolver_map(rig->bench.resolver, name_port, httpd_port(player->httpd)), 0);
}

struct folder {
    struct httpd *httpd;
    const char *path;
};

static void publish_file(void *arg, const char *name, const void *bytes, size_t len)
{
    struct folder *folder = arg;
    char *path = xasprintf("%s%s", folder->path, name);

    httpd_publish(folder->httpd, path, bytes, len, NULL);
    free(path);
}

static void publish(struct player *player, char *words)
{
    const struct dialect *dialect = player->rig.modem->dialect;
    const char *path = strsep(&words, " "), *from = strsep(&words, " ");
    const char *to = strsep(&words, " "), *size = strsep(&words, " ");
    struct folder folder = {player->httpd, path};
    const char *settings[SETTING_MAX];
    struct buf package = {0}, error = {0};
    uint64_t size_bytes;
    size_t count = 0;
    struct dialect_package what;

    if (!player->httpd || !size || text_parse_size(size, &size_bytes) < 0)
        fail_msg("%s:%d: '@ publish PATH FROM TO SIZE', behind '@ serve'", player->path,
                 player->line);
    while (words && count < SETTING_MAX)
        settings[count++] = strsep(&words, " ");
    from = strcmp(from, "-") == 0 ? "" : from;
    assert_int_equal(package_make(dialect->name, from, to, size_bytes, &package, NULL), 0);
    what = (struct dialect_package){package.data, package.len, from, to};
    if (!dialect->package_files)
        httpd_publish(player->httpd, path, package.data, package.len, NULL);
    else if (dialect_package_files(dialect, &what, settings, count, publish_file, &folder, &error) <
             0)
        fail_msg("%s:%d: %s", player->path, player->line, buf_text(&error));
    buf_deinit(&package);
    buf_deinit(&error);
}

static void start_luat(struct player *player)
{
    assert_int_equal(luat_new(&player->rig.bench, &player->luat, NULL), 0);
    luat_add_project(player->luat, LUAT_PROJECT);
    luat_add_device(player->luat, modem_text(player->rig.modem, MODEM_OPTION_IMEI), NULL);
}

/* ---- lines ---- */

static void arm(struct player *player, const char *text)
{
    struct buf error = {0};

    if (modem_fault(player->rig.modem, text, &error) < 0)
        fail_msg("%s:%d: %s", player->path, player->line, buf_text(&error));
    buf_deinit(&error);
}

static void configure(struct player *player, char *words)
{
    char *value = strchr(words, ' ');
    char *equals;

    if (strcmp(words, "luat") == 0) {
        start_luat(player);
        return;
    }
    if (!value)
        fail_msg("%s:%d: '@ WORD VALUE'", player->path, player->line);
    *value++ = '\0';
    if (strcmp(words, "dialect") == 0) {
        rig_init(&player->rig, value, NULL);
        player->has_rig = true;
    } else if (strcmp(words, "platform") == 0) {
        player->platform = golden_platform_new(&player->rig.bench, value);
        assert_non_null(player->platform);
    } else if (strcmp(words, "serve") == 0) {
        open_server(player, value);
    } else if (strcmp(words, "publish") == 0) {
        publish(player, value);
    } else if (strcmp(words, "fault") == 0) {
        arm(player, value);
    } else if (strcmp(words, "quirk") == 0) {
        rig_quirk(&player->rig, value);
    } else if (strcmp(words, "option") == 0 && (equals = strchr(value, '='))) {
        *equals = '\0';
        rig_option(&player->rig, value, equals + 1);
    } else {
        fail_msg("%s:%d: unknown setting", player->path, player->line);
    }
}

static void send_bytes(struct player *player, size_t line, const char *escaped)
{
    struct buf bytes = {0};

    unescape(player, escaped, &bytes);
    if (player->by_byte) {
        for (size_t i = 0; i < bytes.len; i++)
            rig_send_on(&player->rig, line, bytes.data + i, 1);
    } else {
        rig_send_on(&player->rig, line, bytes.data, bytes.len);
    }
    buf_deinit(&bytes);
}

/* "30s TEXT": take what the modem says up to the end of the line that holds TEXT. */
static void wait_for(struct player *player, size_t line, char *words)
{
    char *text = strchr(words, ' ');
    struct buf *heard = &player->rig.heard[line];
    const char *found, *end;
    size_t len;

    if (!text)
        fail_msg("%s:%d: 'wait TIME TEXT'", player->path, player->line);
    *text++ = '\0';
    if (!rig_wait_on(&player->rig, line, text, words))
        fail_msg("%s:%d: the modem did not say %s", player->path, player->line, text);
    found = memmem(heard->data, heard->len, text, strlen(text));
    end = memmem(found, heard->len - (size_t)(found - heard->data), "\r\n", 2);
    assert_non_null(end);
    len = (size_t)(end + 2 - heard->data);
    buf_clear(&player->awaited);
    buf_add(&player->awaited, heard->data, len);
    buf_drop_front(heard, len);
    player->has_awaited = true;
    player->line_checked = line;
}

static void be_patient(struct player *player, const char *duration)
{
    if (text_parse_duration(duration, &player->patience_us) < 0)
        fail_msg("%s:%d: '~ DURATION'", player->path, player->line);
}

/* "uart2 > AT\r": the same for the second line. Return: the rest of the words. */
static char *choose_line(char *words, size_t *line_out)
{
    *line_out = strncmp(words, "uart2 ", 6) == 0 ? 1 : 0;
    return *line_out ? words + 6 : words;
}

static void act(struct player *player, char *words)
{
    size_t modem_line;
    char *line = choose_line(words, &modem_line);
    char sign = line[0];
    char *rest = line[1] ? line + 2 : line + 1;

    if (sign == '\0' || sign == '#')
        return;
    if (sign == '<') {
        if (player->checking && player->line_checked != modem_line)
            check(player);
        player->checking = true;
        player->line_checked = modem_line;
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
        send_bytes(player, modem_line, rest);
    else if (strncmp(line, "wait ", 5) == 0)
        wait_for(player, modem_line, line + 5);
    else if (sign == '+')
        rig_advance(&player->rig, rest);
    else if (sign == '~')
        be_patient(player, rest);
    else if (strcmp(line, "until fault") == 0)
        pass_until(player, FAULT_LIMIT_US, have_faults_fired);
    else if (strcmp(line, "cut") == 0)
        modem_cut(player->rig.modem, CUT_LOST);
    else if (strcmp(line, "power") == 0)
        modem_power_on(player->rig.modem);
    else if (strncmp(line, "network ", 8) == 0)
        assert_int_equal(modem_set_network(player->rig.modem, line + 8), 0);
    else if (strncmp(line, "platform ", 9) == 0 && player->platform &&
             golden_platform_act(player->platform, line + 9))
        return;
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
    golden_platform_free(player.platform);
    httpd_free(player.httpd);
    if (player.luat)
        luat_free(player.luat);
    rig_deinit(&player.rig);
    buf_deinit(&player.wanted);
    buf_deinit(&player.awaited);
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
