// A processor of protocol 1 that uses its stores as its tasks say: a word and its arguments. The guests state-* in other
// languages do the same, and so does the component count-component.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wasmton.h"

static char line[64 * 1024];

static int answered(int answer) {
    static const char *const answers[] = {"", "read-only", "too-large", "limit"};
    return answer == WASMTON_STATE_DONE ? WASMTON_DONE : wasmton_skip("%s", answers[answer]);
}

// Copies the next word, which may be empty; `rest` moves on.
static wasmton_bytes next(wasmton_bytes *rest) {
    wasmton_bytes word = *rest;
    const char *end = memchr(rest->data, ' ', rest->length);
    if (end == NULL) {
        rest->data += rest->length;
        rest->length = 0;
    } else {
        word.length = (size_t)(end - word.data);
        rest->data = end + 1;
        rest->length -= word.length + 1;
    }
    return word;
}

static size_t number(wasmton_bytes word) {
    size_t number = 0;
    for (size_t i = 0; i < word.length; i++) {
        number = 10 * number + (size_t)(word.data[i] - '0');
    }
    return number;
}

static int get(int32_t store, wasmton_bytes key) {
    wasmton_bytes value;
    int answer = wasmton_state_get(store, key, &value);
    if (answer == WASMTON_STATE_DONE && value.data == NULL) {
        value = wasmton_text("none");
    }
    if (answer == WASMTON_STATE_DONE) {
        wasmton_v1_log(WASMTON_INFO, value.data, (uint32_t)value.length);
    }
    return answer;
}

static int set_size(int32_t store, wasmton_bytes key, size_t size) {
    wasmton_bytes value = {calloc(size, 1), size};
    int answer = wasmton_state_set(store, key, value);
    free((char *)value.data);
    return answer;
}

static int tell(int answer, const wasmton_entry *entries, size_t count) {
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%.*s=%.*s", i > 0 ? " " : "",
            (int)entries[i].key.length, entries[i].key.data, (int)entries[i].value.length, entries[i].value.data);
    }
    if (answer == WASMTON_STATE_DONE) {
        wasmton_v1_log(WASMTON_INFO, line, (uint32_t)used);
    }
    return answer;
}

int wasmton_process(const wasmton_record *task) {
    static wasmton_entry entries[16];
    wasmton_bytes rest = task->value;
    wasmton_bytes word = next(&rest);
    wasmton_bytes name = next(&rest);
    char name_text[64] = "";
    memcpy(name_text, name.data, name.length);
    int32_t store = wasmton_state(name_text);
    if (store < 0) {
        return wasmton_skip("no-such-store");
    }
    wasmton_bytes key = next(&rest);
    if (wasmton_is(word, "get")) {
        return answered(get(store, key));
    } else if (wasmton_is(word, "set")) {
        return answered(wasmton_state_set(store, key, next(&rest)));
    } else if (wasmton_is(word, "set-size")) {
        return answered(set_size(store, key, number(next(&rest))));
    } else if (wasmton_is(word, "delete")) {
        return answered(wasmton_state_delete(store, key));
    } else if (wasmton_is(word, "scan")) {
        wasmton_bytes to = next(&rest);
        size_t count = number(next(&rest));
        int answer = wasmton_state_scan(store, key, wasmton_is(to, "-") ? wasmton_text(NULL) : to, entries, &count);
        return answered(tell(answer, entries, count));
    } else if (wasmton_is(word, "prefix")) {
        size_t count = number(next(&rest));
        int answer = wasmton_state_scan_prefix(store, key, entries, &count);
        return answered(tell(answer, entries, count));
    }
    return wasmton_stop("no such word: %.*s", (int)word.length, word.data);
}
