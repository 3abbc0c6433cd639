// A task processor: it passes large orders on to the topic large-orders.

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include "order.h"
#include "wasmton/wasmton.hpp"

using wasmton::Verdict;

// Returns the setting `minimum`, unless it is not a number.
static std::optional<int64_t> minimum() {
    std::string text = wasmton::setting("minimum").value_or("100");
    int64_t number;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    bool valid = error == std::errc() && end == text.data() + text.size();
    return valid ? std::optional(number) : std::nullopt;
}

// Processes one record. Wasmton calls it once for each attempt.
static Verdict process(const wasmton::Task &task) {
    order order;
    const char *error = order_parse(task.value ? task.value->data() : nullptr, task.value.value_or("").size(), &order);
    if (error != nullptr) {
        // A retry does not help a malformed order: somebody has to look at it.
        return Verdict::dead_letter("not an order: " + std::string(error));
    }
    std::string_view id(order.id, order.id_length);
    wasmton::log(WASMTON_INFO, "order " + std::string(id) + ": " + std::to_string(order.amount));
    std::optional<int64_t> least = minimum();
    if (!least) {
        return Verdict::stop("the setting minimum is not a number");
    }
    if (order.amount < *least) {
        return {};
    }
    // Wasmton sends it when the task is done.
    wasmton::Record record;
    record.topic = "large-orders";
    record.key = id;
    record.value = task.value;
    record.headers = task.headers;
    wasmton::Produced answer = wasmton::produce(record);
    if (answer != wasmton::Produced::ok) {
        return Verdict::stop("large-orders: the host says " + std::to_string(static_cast<int>(answer)));
    }
    return {};
}

WASMTON_PROCESSOR(process)
