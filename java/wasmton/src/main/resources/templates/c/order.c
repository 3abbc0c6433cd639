// Reads one JSON object with members that are strings, numbers, true, false or null. For anything more, use a library.

#include "order.h"

#include <string.h>

typedef struct {
    const char *at;
    const char *end;
} input;

// Skips blanks, and returns the next character; 0 at the end.
static char peek(input *in) {
    while (in->at < in->end && strchr(" \t\r\n", *in->at) != NULL) {
        in->at++;
    }
    return in->at < in->end ? *in->at : 0;
}

static int take(input *in, char wanted) {
    if (peek(in) != wanted) {
        return 0;
    }
    in->at++;
    return 1;
}

// Reads a string without escapes.
static int string(input *in, const char **text, size_t *length) {
    if (!take(in, '"')) {
        return 0;
    }
    *text = in->at;
    while (in->at < in->end && *in->at != '"' && *in->at != '\\') {
        in->at++;
    }
    *length = (size_t)(in->at - *text);
    return take(in, '"');
}

static int whole_number(input *in, int64_t *number) {
    const char *begin = in->at;
    *number = 0;
    while (in->at < in->end && *in->at >= '0' && *in->at <= '9' && in->at - begin < 18) {
        *number = *number * 10 + (*in->at++ - '0');
    }
    return in->at > begin && (in->at == in->end || strchr(",} \t\r\n", *in->at) != NULL);
}

// Skips a number, true, false or null.
static int word(input *in) {
    const char *begin = in->at;
    while (in->at < in->end && strchr(",} \t\r\n", *in->at) == NULL) {
        in->at++;
    }
    return in->at > begin;
}

const char *order_parse(const char *json, size_t length, order *order) {
    if (json == NULL) {
        return "it has no value";
    }
    input in = {json, json + length};
    order->id = NULL;
    order->amount = -1;
    if (!take(&in, '{')) {
        return "it is not a JSON object";
    }
    do {
        const char *name;
        size_t name_length;
        if (!string(&in, &name, &name_length) || !take(&in, ':')) {
            return "it is not a JSON object";
        }
        const char *text;
        size_t text_length;
        if (peek(&in) == '"') {
            if (!string(&in, &text, &text_length)) {
                return "a string does not end, or has an escape";
            }
            if (name_length == 2 && memcmp(name, "id", 2) == 0) {
                order->id = text;
                order->id_length = text_length;
            }
        } else if (name_length == 6 && memcmp(name, "amount", 6) == 0) {
            if (!whole_number(&in, &order->amount)) {
                return "its amount is not a whole number";
            }
        } else if (!word(&in)) {
            return "it is not a JSON object";
        }
    } while (take(&in, ','));
    if (!take(&in, '}') || peek(&in) != 0) {
        return "it is not a JSON object";
    }
    return order->id == NULL ? "it has no id" : order->amount < 0 ? "it has no amount" : NULL;
}
