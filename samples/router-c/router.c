// A task processor that produces records, as a component: the sample `router` in C. It sends each task, unchanged, to
// the topic of its kind. The header `kind` holds the kind; the settings map a kind to its topic
// (`--guest-config invoice=invoices`).

#include <stdio.h>
#include <string.h>

#include "processor.h"

typedef exports_decaton_processor_task_handler_task_t task_t;
typedef exports_decaton_processor_task_handler_process_error_t error_t;

// Says why a task was not processed. The reason is a copy, because the bindings free it.
static bool fail(error_t *error, uint8_t tag, const char *reason) {
    error->tag = tag;
    processor_string_dup(&error->val.retry, reason);  // a union: all kinds have the reason at the same place
    return false;
}

static const processor_list_u8_t *kind_of(const task_t *task) {
    for (size_t i = 0; i < task->headers.len; i++) {
        const decaton_processor_types_header_t *header = &task->headers.ptr[i];
        if (header->name.len == 4 && memcmp(header->name.ptr, "kind", 4) == 0) {
            return header->value.is_some ? &header->value.val : NULL;
        }
    }
    return NULL;
}

// Produces the task. Wasmton sends it once `process` has returned true.
static bool send_on(task_t *task, processor_string_t topic, error_t *error) {
    decaton_processor_producer_message_t message = {
        .topic = topic,
        .timestamp = {.is_some = task->timestamp >= 0, .val = (uint64_t)task->timestamp},
        .key = task->key,
        .value = task->value,
        .headers = {.ptr = task->headers.ptr, .len = task->headers.len},
    };
    decaton_processor_producer_produce_error_t refused;
    if (decaton_processor_producer_produce(&message, &refused)) {
        return true;
    }
    char reason[256];
    switch (refused.tag) {
    case DECATON_PROCESSOR_PRODUCER_PRODUCE_ERROR_TOO_LARGE:
        snprintf(reason, sizeof reason, "it has more than %llu bytes", (unsigned long long)refused.val.too_large);
        return fail(error, DECATON_PROCESSOR_TYPES_PROCESS_ERROR_DEAD_LETTER, reason);
    case DECATON_PROCESSOR_PRODUCER_PRODUCE_ERROR_TOPIC_DENIED:
        // The operator did not grant the topic: no task will work.
        snprintf(reason, sizeof reason, "the topic %.*s was not granted", (int)topic.len, (const char *)topic.ptr);
        return fail(error, DECATON_PROCESSOR_TYPES_PROCESS_ERROR_FATAL, reason);
    default:
        return fail(error, DECATON_PROCESSOR_TYPES_PROCESS_ERROR_RETRY, "too much was produced");
    }
}

bool exports_decaton_processor_task_handler_process(task_t *task, error_t *error) {
    // Somebody has to look at a task without a kind, and at an unknown kind.
    const processor_list_u8_t *kind = kind_of(task);
    processor_string_t topic;
    bool done;
    if (kind == NULL) {
        done = fail(error, DECATON_PROCESSOR_TYPES_PROCESS_ERROR_DEAD_LETTER, "there is no header kind");
    } else if (!decaton_processor_configuration_get(&(processor_string_t){kind->ptr, kind->len}, &topic)) {
        done = fail(error, DECATON_PROCESSOR_TYPES_PROCESS_ERROR_DEAD_LETTER, "there is no topic for the kind");
    } else {
        done = send_on(task, topic, error);
        processor_string_free(&topic);
    }
    exports_decaton_processor_task_handler_task_free(task);
    return done;
}
