// A task processor that takes batches: it sends the tasks of a batch to an HTTP service in one request, a line each.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wasmton/wasmton.h"

// Gives all tasks the same verdict.
static void retry_all(size_t count, const char *reason) {
    for (size_t i = 0; i < count; i++) {
        wasmton_select(i);
        wasmton_retry("insert: %s", reason);
    }
}

// Adds a task to the lines, and returns the new length. A verdict is on this task alone.
static size_t add(char *lines, size_t length, size_t index, wasmton_bytes value) {
    if (value.length > 0 && memchr(value.data, '\n', value.length) != NULL) {
        wasmton_select(index);
        wasmton_dead_letter("the value has more than one line");
        return length;
    }
    if (value.length > 0) {
        memcpy(lines + length, value.data, value.length);
    }
    lines[length + value.length] = '\n';
    return length + value.length + 1;
}

// Processes a batch. Wasmton calls it once for each batch. Tasks without another verdict are done.
void wasmton_process_batch(const wasmton_record *tasks, size_t count) {
    size_t room = 0;
    for (size_t i = 0; i < count; i++) {
        room += tasks[i].value.length + 1;
    }
    char *lines = malloc(room);
    char *url = wasmton_setting("url");
    if (lines == NULL || url == NULL) {
        abort();  // Wasmton then tries each task alone, and reports it
    }
    wasmton_log(WASMTON_INFO, "%zu tasks, %zu bytes", count, room);
    size_t length = 0;
    for (size_t i = 0; i < count; i++) {
        length = add(lines, length, i, tasks[i].value);
    }
    if (length > 0) {
        wasmton_http_request request = wasmton_http_request_to("POST", url);
        request.body = (wasmton_bytes){lines, length};
        wasmton_http_response answer;
        char reason[256];
        // It needs no time-out: Wasmton ends a batch at its deadline.
        if (wasmton_http_send(&request, &answer) != 0) {
            snprintf(reason, sizeof reason, "%.*s", (int)answer.body.length, answer.body.data);
            retry_all(count, reason);
        } else if (answer.status >= 300) {
            snprintf(reason, sizeof reason, "answered %d", answer.status);
            retry_all(count, reason);
        }
    }
    free(url);
    free(lines);
}
