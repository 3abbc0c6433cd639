// Protocol 1 of Wasmton for C++17 and later: thin types over wasmton.h. Compile wasmton.c, as C, with your sources.
#ifndef WASMTON_HPP
#define WASMTON_HPP

#include "wasmton.h"

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wasmton {

// Bytes that may be none at all: a record without a key, a tombstone's value.
using Bytes = std::optional<std::string_view>;

inline Bytes bytes(const wasmton_bytes &from) {
    return from.data == nullptr ? Bytes() : Bytes(std::string_view(from.data, from.length));
}

inline wasmton_bytes bytes(const Bytes &from) {
    // An empty string_view may have no data, which would mean none at all.
    return from ? wasmton_bytes{from->empty() ? "" : from->data(), from->size()} : wasmton_bytes{nullptr, 0};
}

struct Header {
    std::string_view name;
    Bytes value;
};

// A Kafka record to process. It is valid until the processor returns.
struct Task {
    std::string_view topic;
    int32_t partition;
    int64_t offset;
    std::optional<int64_t> timestamp;  // milliseconds since 1970-01-01T00:00Z
    Bytes key;
    Bytes value;
    std::vector<Header> headers;
    uint32_t attempt;  // from 1
};

// A Kafka record to write.
struct Record {
    std::string_view topic;
    Bytes key = {};
    Bytes value = {};
    std::vector<Header> headers = {};
    std::optional<int32_t> partition = {};  // none: Kafka's partitioner chooses
    std::optional<int64_t> timestamp = {};  // none: the time at which it is sent
};

enum class Produced { ok, topic_denied, too_large, queue_full };

// Adds a record to the output of the current task.
inline Produced produce(const Record &record) {
    std::vector<wasmton_header> headers;
    for (const Header &header : record.headers) {
        headers.push_back({bytes(Bytes(header.name)), bytes(header.value)});
    }
    wasmton_record packed = wasmton_record_to(nullptr);
    packed.topic = bytes(Bytes(record.topic));
    packed.partition = record.partition.value_or(-1);
    packed.timestamp = record.timestamp.value_or(-1);
    packed.key = bytes(record.key);
    packed.value = bytes(record.value);
    packed.headers = headers.data();
    packed.header_count = headers.size();
    return static_cast<Produced>(wasmton_produce(&packed));
}

// A verdict on a task, which a processor returns. Default: the task is done.
class Verdict {
public:
    Verdict() = default;
    static Verdict retry(std::string reason) { return {WASMTON_RETRY, std::move(reason)}; }
    static Verdict dead_letter(std::string reason) { return {WASMTON_DEAD_LETTER, std::move(reason)}; }
    static Verdict skip(std::string reason) { return {WASMTON_SKIP, std::move(reason)}; }
    static Verdict stop(std::string reason) { return {WASMTON_STOP, std::move(reason)}; }

    bool is_done() const { return verdict == WASMTON_DONE; }

    // Gives the verdict to the host.
    int finish() const {
        if (verdict != WASMTON_DONE) {
            wasmton_v1_finish(verdict, reason.data(), static_cast<uint32_t>(reason.size()));
        }
        return WASMTON_DONE;
    }

private:
    Verdict(int verdict, std::string reason) : verdict(verdict), reason(std::move(reason)) {}
    int verdict = WASMTON_DONE;
    std::string reason;
};

// Returns a setting that the operator gave (--guest-config).
inline std::optional<std::string> setting(const std::string &name) {
    char *value = wasmton_setting(name.c_str());
    if (value == nullptr) {
        return {};
    }
    std::string copy = value;
    std::free(value);
    return copy;
}

// Returns the names of all settings.
inline std::vector<std::string> setting_names() {
    std::vector<std::string> names;
    for (uint32_t i = 0; char *name = wasmton_setting_name(i); i++) {
        names.emplace_back(name);
        std::free(name);
    }
    return names;
}

// Writes a line to the log, if the level (WASMTON_INFO and so on) is enabled.
inline void log(int level, std::string_view line) {
    if (wasmton_v1_log_enabled(level)) {
        wasmton_v1_log(level, line.data(), static_cast<uint32_t>(line.size()));
    }
}

// Adds to a counter, which the operator sees among the metrics.
inline void count(std::string_view name, uint32_t amount = 1) {
    wasmton_v1_count(name.data(), static_cast<uint32_t>(name.size()), amount);
}

enum class Stored { done, read_only, too_large, limit };

struct Entry {
    std::string key;
    std::string value;
};

// A store, in which a processor keeps bytes by key; the operator grants it (--state). What a task writes is kept when
// it is done, and dropped when it failed.
class Store {
public:
    // Returns none if there is no store of that name.
    static std::optional<Store> open(const std::string &name) {
        int32_t number = wasmton_state(name.c_str());
        return number < 0 ? std::optional<Store>() : Store(number);
    }

    // Gets the value of a key; none if there is no such key.
    Stored get(std::string_view key, std::optional<std::string> &value) const {
        wasmton_bytes found;
        int answer = wasmton_state_get(number, bytes(Bytes(key)), &found);
        value = found.data == nullptr ? std::optional<std::string>() : std::string(found.data, found.length);
        return static_cast<Stored>(answer);
    }

    // Sets the value of a key.
    Stored set(std::string_view key, std::string_view value) const {
        return static_cast<Stored>(wasmton_state_set(number, bytes(Bytes(key)), bytes(Bytes(value))));
    }

    // Removes a key; one that is not there is no error.
    Stored remove(std::string_view key) const {
        return static_cast<Stored>(wasmton_state_delete(number, bytes(Bytes(key))));
    }

    // Gets the first entries whose keys are at least `from` and below `to`, none for the end of the store.
    Stored scan(std::string_view from, Bytes to, size_t limit, std::vector<Entry> &entries) const {
        std::vector<wasmton_entry> found(limit);
        int answer = wasmton_state_scan(number, bytes(Bytes(from)), bytes(to), found.data(), &limit);
        return copy(answer, found, limit, entries);
    }

    // The same for keys that begin with `prefix`.
    Stored scan_prefix(std::string_view prefix, size_t limit, std::vector<Entry> &entries) const {
        std::vector<wasmton_entry> found(limit);
        int answer = wasmton_state_scan_prefix(number, bytes(Bytes(prefix)), found.data(), &limit);
        return copy(answer, found, limit, entries);
    }

private:
    explicit Store(int32_t number) : number(number) {}

    static Stored copy(int answer, const std::vector<wasmton_entry> &found, size_t count, std::vector<Entry> &entries) {
        entries.clear();
        for (size_t i = 0; i < count; i++) {
            entries.push_back({{found[i].key.data, found[i].key.length}, {found[i].value.data, found[i].value.length}});
        }
        return static_cast<Stored>(answer);
    }

    int32_t number;
};

// A request to an HTTP server, plain or by TLS, which the operator grants (--allow-net).
struct HttpRequest {
    std::string_view method;
    std::string_view url;
    std::vector<Header> headers = {};
    Bytes body = {};
    int32_t timeout = -1;  // milliseconds for the whole exchange; -1 for no limit but the task's deadline
};

struct HttpHeader {
    std::string name;  // in lower case
    std::string value;
};

struct HttpResponse {
    int error;  // 0, or WASMTON_HTTP_DENIED and so on; then the body is the reason in words
    int status;
    std::vector<HttpHeader> headers;
    std::string body;
};

// Sends a request and waits for the response.
inline HttpResponse send(const HttpRequest &request) {
    std::vector<wasmton_header> headers;
    for (const Header &header : request.headers) {
        headers.push_back({bytes(Bytes(header.name)), bytes(header.value)});
    }
    wasmton_http_request sent = wasmton_http_request_to(nullptr, nullptr);
    sent.method = bytes(Bytes(request.method));
    sent.url = bytes(Bytes(request.url));
    sent.body = bytes(request.body);
    sent.headers = headers.data();
    sent.header_count = headers.size();
    sent.timeout = request.timeout;
    wasmton_http_response received;
    HttpResponse response{wasmton_http_send(&sent, &received), received.status, {}, {}};
    response.body.assign(bytes(received.body).value_or(""));
    for (size_t i = 0; i < received.header_count; i++) {
        const wasmton_header &header = received.headers[i];
        response.headers.push_back({{header.name.data, header.name.length}, {header.value.data, header.value.length}});
    }
    return response;
}

inline Task task(const wasmton_record &from) {
    Task task{
        {from.topic.data, from.topic.length}, from.partition, from.offset, {}, bytes(from.key), bytes(from.value), {},
        from.attempt,
    };
    if (from.timestamp >= 0) {
        task.timestamp = from.timestamp;
    }
    task.headers.reserve(from.header_count);
    for (size_t i = 0; i < from.header_count; i++) {
        const wasmton_header &header = from.headers[i];
        task.headers.push_back({{header.name.data, header.name.length}, bytes(header.value)});
    }
    return task;
}

}  // namespace wasmton

// Makes a function the processor: a wasmton::Verdict (const wasmton::Task &).
#define WASMTON_PROCESSOR(process)                                          \
    extern "C" int wasmton_process(const wasmton_record *record) {          \
        return process(wasmton::task(*record)).finish();                    \
    }

#endif
