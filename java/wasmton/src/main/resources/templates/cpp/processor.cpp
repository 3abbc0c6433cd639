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

// Asks a service whether the order is fine. The setting `check-token` is the secret that it knows us by.
static Verdict check(const std::string &url, std::string_view order) {
    std::string authorization = "Bearer " + wasmton::setting("check-token").value_or("");
    wasmton::HttpRequest request;
    request.method = "POST";
    request.url = url;
    request.headers = {{"authorization", authorization}, {"content-type", "application/json"}};
    request.body = order;
    // It needs no time-out: Wasmton ends a task at its deadline.
    wasmton::HttpResponse answer = wasmton::send(request);
    if (answer.error != 0) {
        // An unreachable service may come back.
        return Verdict::retry("check: " + answer.body);
    }
    if (answer.status >= 400 && answer.status < 500) {
        return Verdict::dead_letter("check: refused with " + std::to_string(answer.status));
    }
    return answer.status < 300 ? Verdict() : Verdict::retry("check: answered " + std::to_string(answer.status));
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
    if (std::optional<std::string> url = wasmton::setting("check-url")) {
        Verdict verdict = check(*url, *task.value);
        if (!verdict.is_done()) {
            return verdict;
        }
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
