// The sample `router` as a component in C++: sends each task, unchanged, to the topic that the settings name for its
// header `kind`.

#include <cstring>
#include <string>

#include "processor.h"

using Task = exports_decaton_processor_task_handler_task_t;
using Error = exports_decaton_processor_task_handler_process_error_t;

static bool fail(Error *error, uint8_t tag, const std::string &reason) {
    error->tag = tag;
    processor_string_dup_n(&error->val.retry, reason.data(), reason.size());
    return false;
}

static bool route(Task *task, Error *error) {
    for (size_t i = 0; i < task->headers.len; i++) {
        const auto &header = task->headers.ptr[i];
        if (header.name.len != 4 || std::memcmp(header.name.ptr, "kind", 4) != 0 || !header.value.is_some) {
            continue;
        }
        processor_string_t kind{header.value.val.ptr, header.value.val.len};
        decaton_processor_producer_message_t message{};
        if (!decaton_processor_configuration_get(&kind, &message.topic)) {
            return fail(error, DECATON_PROCESSOR_TYPES_PROCESS_ERROR_DEAD_LETTER, "there is no topic for the kind");
        }
        message.timestamp = {task->timestamp >= 0, static_cast<uint64_t>(task->timestamp)};
        message.key = task->key;
        message.value = task->value;
        message.headers = {task->headers.ptr, task->headers.len};
        decaton_processor_producer_produce_error_t refused;
        bool produced = decaton_processor_producer_produce(&message, &refused);
        processor_string_free(&message.topic);
        if (produced) {
            return true;
        }
        bool denied = refused.tag == DECATON_PROCESSOR_PRODUCER_PRODUCE_ERROR_TOPIC_DENIED;
        return fail(error, denied ? DECATON_PROCESSOR_TYPES_PROCESS_ERROR_FATAL :
            DECATON_PROCESSOR_TYPES_PROCESS_ERROR_DEAD_LETTER, "refused with code " + std::to_string(refused.tag));
    }
    return fail(error, DECATON_PROCESSOR_TYPES_PROCESS_ERROR_DEAD_LETTER, "there is no header kind");
}

bool exports_decaton_processor_task_handler_process(Task *task, Error *error) {
    bool done = route(task, error);
    exports_decaton_processor_task_handler_task_free(task);
    return done;
}
