// A task processor: it passes large orders on to the topic large-orders.

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "order.h"
#include "wasmton/wasmton.h"

// Returns the setting `minimum`, or -1 if it is not a number.
static int64_t minimum(void) {
    char *text = wasmton_setting("minimum");
    if (text == NULL) {
        return 100;
    }
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (*text == '\0' || *end != '\0' || errno != 0) {
        number = -1;
    }
    free(text);
    return number;
}

// Asks a service whether the order is fine. The setting `check-token` is the secret that it knows us by.
static int check(const char *url, wasmton_bytes order) {
    char *token = wasmton_setting("check-token");
    char authorization[1024];
    snprintf(authorization, sizeof authorization, "Bearer %s", token == NULL ? "" : token);
    free(token);
    wasmton_header headers[] = {
        {wasmton_text("authorization"), wasmton_text(authorization)},
        {wasmton_text("content-type"), wasmton_text("application/json")},
    };
    wasmton_http_request request = wasmton_http_request_to("POST", url);
    request.headers = headers;
    request.header_count = 2;
    request.body = order;
    wasmton_http_response answer;
    // It needs no time-out: Wasmton ends a task at its deadline.
    if (wasmton_http_send(&request, &answer) != 0) {
        // An unreachable service may come back.
        return wasmton_retry("check: %.*s", (int)answer.body.length, answer.body.data);
    }
    if (answer.status >= 400 && answer.status < 500) {
        return wasmton_dead_letter("check: refused with %d", answer.status);
    }
    return answer.status < 300 ? WASMTON_DONE : wasmton_retry("check: answered %d", answer.status);
}

// Processes one record. Wasmton calls it once for each attempt.
int wasmton_process(const wasmton_record *task) {
    order order;
    const char *error = order_parse(task->value.data, task->value.length, &order);
    if (error != NULL) {
        // A retry does not help a malformed order: somebody has to look at it.
        return wasmton_dead_letter("not an order: %s", error);
    }
    wasmton_log(WASMTON_INFO, "order %.*s: %" PRId64, (int)order.id_length, order.id, order.amount);
    int64_t least = minimum();
    if (least < 0) {
        return wasmton_stop("the setting minimum is not a number");
    }
    if (order.amount < least) {
        return WASMTON_DONE;
    }
    char *url = wasmton_setting("check-url");
    if (url != NULL) {
        int verdict = check(url, task->value);
        free(url);
        if (verdict != WASMTON_DONE) {
            return verdict;
        }
    }
    // Wasmton sends it when the task is done.
    wasmton_record message = wasmton_record_to("large-orders");
    message.key.data = order.id;
    message.key.length = order.id_length;
    message.value = task->value;
    message.headers = task->headers;
    message.header_count = task->header_count;
    int result = wasmton_produce(&message);
    return result == WASMTON_PRODUCED ? WASMTON_DONE : wasmton_stop("large-orders: the host says %d", result);
}
