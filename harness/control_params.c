/*
 * Requests against the specification of their method: "name:string?, within:duration?, *".
 * SPDX-License-Identifier: MIT
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/control.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

#define PARAM_MAX 16
#define WORD_MAX  32

struct param {
    char name[WORD_MAX], type[WORD_MAX];
    bool is_optional;
};

/* Return: how many; *open_out: further names are allowed. */
static size_t parse_spec(const char *spec, struct param params[PARAM_MAX], bool *open_out)
{
    size_t count = 0;

    *open_out = false;
    while (*spec && count < PARAM_MAX) {
        size_t len = strcspn(spec, ",");
        struct param *param = &params[count];

        if (*spec == '*') {
            *open_out = true;
        } else if (sscanf(spec, "%31[a-z_]:%31[a-z]", param->name, param->type) == 2) {
            param->is_optional = spec[len - 1] == '?';
            count++;
        }
        spec += len;
        spec += strspn(spec, ", ");
    }
    return count;
}

static bool fits(const char *type, const json_t *value)
{
    uint64_t us;

    if (strcmp(type, "string") == 0)
        return json_is_string(value);
    if (strcmp(type, "duration") == 0) /* a number without unit is told so by the parser below */
        return json_is_string(value) &&
               strlen(json_string_value(value)) == json_string_length(value) &&
               text_parse_duration(json_string_value(value), &us) == 0;
    if (strcmp(type, "integer") == 0)
        return json_is_integer(value);
    if (strcmp(type, "boolean") == 0)
        return json_is_boolean(value);
    if (strcmp(type, "list") == 0)
        return json_is_array(value);
    if (strcmp(type, "object") == 0)
        return json_is_object(value);
    return true;
}

static const char *type_words(const char *type)
{
    static const struct {
        const char *type, *words;
    } words[] = {
        {"string",   "a string"                                       },
        {"duration", "a duration such as \"500ms\", \"30s\" or \"2m\""},
        {"integer",  "a whole number"                                 },
        {"boolean",  "true or false"                                  },
        {"list",     "a list"                                         },
        {"object",   "an object"                                      },
    };

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(words[i].type, type) == 0)
            return words[i].words;
    }
    return "a value";
}

static int refuse_name(const char *method, const char *name, const struct param *params,
                       size_t count, struct buf *error_out)
{
    const char *names[PARAM_MAX], *near;

    for (size_t i = 0; i < count; i++)
        names[i] = params[i].name;
    near = text_nearest(name, names, count);
    buf_printf(error_out, "%s: unknown option \"%s\"", method, name);
    if (near)
        buf_printf(error_out, "; did you mean \"%s\"?", near);
    return -EINVAL;
}

int params_check(const char *method, const char *spec, const json_t *params, struct buf *error_out)
{
    struct param known[PARAM_MAX];
    bool is_open;
    size_t count = parse_spec(spec, known, &is_open);
    const char *name;
    json_t *value;

    for (size_t i = 0; i < count; i++) {
        value = json_object_get(params, known[i].name);
        if ((!value || json_is_null(value)) && !known[i].is_optional) {
            buf_printf(error_out, "%s: %s is missing: %s", method, known[i].name,
                       type_words(known[i].type));
            return -EINVAL;
        }
        if (value && !json_is_null(value) && !fits(known[i].type, value)) {
            buf_printf(error_out, "%s: %s: write %s", method, known[i].name,
                       type_words(known[i].type));
            return -EINVAL;
        }
    }
    json_object_foreach((json_t *)params, name, value)
    {
        size_t i = 0;

        while (i < count && strcmp(known[i].name, name) != 0)
            i++;
        if (i == count && !is_open)
            return refuse_name(method, name, known, count, error_out);
    }
    return 0;
}
