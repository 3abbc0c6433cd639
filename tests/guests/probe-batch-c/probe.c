// A processor of protocol 1 that takes batches and obeys the value of each task, as probe-batch does in Rust.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wasmton.h"

static char line[64 * 1024];

// Returns what is behind the word, if the value begins with it; else NULL.
static const char *behind(const char *value, const char *word) {
    size_t length = strlen(word);
    if (strncmp(value, word, length) != 0) {
        return NULL;
    }
    return value[length] == ' ' ? value + length + 1 : value[length] == '\0' ? value + length : NULL;
}

static void obey(size_t index, const char *value) {
    const char *rest;
    if (behind(value, "panic") != NULL) {
        abort();
    } else if (behind(value, "exit") != NULL) {
        exit(3);
    } else if ((rest = behind(value, "log")) != NULL) {
        wasmton_select(index);
        wasmton_log(WASMTON_INFO, "%s", rest);
    } else if ((rest = behind(value, "retry")) != NULL) {
        wasmton_select(index);
        wasmton_retry("%s", rest);
    } else if ((rest = behind(value, "dead-letter")) != NULL) {
        wasmton_select(index);
        wasmton_dead_letter("%s", rest);
    } else if ((rest = behind(value, "skip")) != NULL) {
        wasmton_select(index);
        wasmton_skip("%s", rest);
    } else if ((rest = behind(value, "fatal")) != NULL) {
        wasmton_select(index);
        wasmton_stop("%s", rest);
    } else if ((rest = behind(value, "produce")) != NULL) {
        wasmton_select(index);
        char topic[64];
        int length = 0;
        sscanf(rest, "%63s %n", topic, &length);
        wasmton_record record = wasmton_record_to(topic);
        record.value = wasmton_text(rest + length);
        if (wasmton_produce(&record) != WASMTON_PRODUCED) {
            wasmton_dead_letter("not produced");
        }
    }
}

void wasmton_process_batch(const wasmton_record *tasks, size_t count) {
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%.*s", i == 0 ? "" : ", ",
            (int)(tasks[i].value.length < 99 ? tasks[i].value.length : 99), tasks[i].value.data);
        if (used >= sizeof line) {
            break;
        }
    }
    wasmton_log(WASMTON_INFO, "batch: %s", line);
    for (size_t i = 0; i < count; i++) {
        char value[1024];
        snprintf(value, sizeof value, "%.*s", (int)tasks[i].value.length, tasks[i].value.data);
        obey(i, value);
    }
}
