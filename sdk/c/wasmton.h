// Protocol 1 of Wasmton for C and C++: the functions that the host provides, and helpers over them (wasmton.c).
//
// This header is the reference of the protocol; docs/protocol-1.md describes it. To write a processor, include it,
// define wasmton_process, and compile wasmton.c with your sources. One that takes batches defines wasmton_process_batch
// instead, and is compiled with -DWASMTON_BATCH.
#ifndef WASMTON_H
#define WASMTON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- what the host provides: the import module wasmton_v1 ----
//
// Pointers and lengths must lie in the memory that the guest exports as `memory`. One that leads out of it is a trap. A
// pointer to 0 bytes is not looked at.

#define WASMTON_IMPORT(name) __attribute__((import_module("wasmton_v1"), import_name(#name)))

// Ends the current task, as done unless wasmton_v1_finish said otherwise, and takes the next one: copies its record to
// the buffer and returns the record's size. A size above the capacity means that the task was not taken and waits for a
// buffer of that size. -1 means that there is no task: return from run.
WASMTON_IMPORT(next) int32_t wasmton_v1_next(void *buffer, uint32_t capacity);

// For a guest that takes batches, in place of wasmton_v1_next. Takes the batch: copies it to the buffer as packed
// records, each behind its size, an i32. If the guest has taken it already, ends all its tasks. Returns the size of the
// whole batch. A size above the capacity means that the batch was not taken and waits for a buffer of that size. -1
// means that there is no batch: return from run.
WASMTON_IMPORT(next_batch) int32_t wasmton_v1_next_batch(void *buffer, uint32_t capacity);

// Makes a task of the batch the current one, by its index from 0: wasmton_v1_finish, _produce and _log are about it from
// now on. Before the first call, the log is about the batch. Traps if the guest has no such task.
WASMTON_IMPORT(select) void wasmton_v1_select(uint32_t index);

// Verdicts on a task.
enum {
    WASMTON_DONE = 0,
    WASMTON_RETRY = 1,        // it may work later
    WASMTON_DEAD_LETTER = 2,  // it will never work, and somebody should look at it
    WASMTON_SKIP = 3,         // it need not be processed
    WASMTON_STOP = 4,         // no task will work
};

// Gives the verdict on the current task, with a reason in UTF-8. A later call replaces it. Traps if there is no task.
WASMTON_IMPORT(finish) void wasmton_v1_finish(int32_t verdict, const char *reason, uint32_t length);

// Answers of wasmton_v1_produce.
enum {
    WASMTON_PRODUCED = 0,
    WASMTON_TOPIC_DENIED = 1,  // the topic was not granted (--output-topic)
    WASMTON_TOO_LARGE = 2,     // the record has more bytes than one may have (--output-record-bytes)
    WASMTON_QUEUE_FULL = 3,    // the task has produced as many bytes or records as it may (--output-task-bytes)
};

// Adds a packed record to the output of the current task, which is sent when the task is done. Traps if there is no
// task, or if the bytes are not a packed record.
WASMTON_IMPORT(produce) int32_t wasmton_v1_produce(const void *record, uint32_t length);

// Levels of the log.
enum { WASMTON_TRACE = 0, WASMTON_DEBUG = 1, WASMTON_INFO = 2, WASMTON_WARN = 3, WASMTON_ERROR = 4 };

// Writes one line in UTF-8 to the log, if the level is enabled.
WASMTON_IMPORT(log) void wasmton_v1_log(int32_t level, const char *text, uint32_t length);

// Returns 1 if lines of that level are logged, else 0.
WASMTON_IMPORT(log_enabled) int32_t wasmton_v1_log_enabled(int32_t level);

// Adds to one of the processor's own counters, at once and however the task ends. A name has up to 100 letters, digits,
// '_', '-' and '.'; a processor has up to 100 counters. What is refused is logged.
WASMTON_IMPORT(count) void wasmton_v1_count(const char *name, uint32_t length, uint32_t amount);

// Returns the size of a setting's value, and copies the value to the buffer if it fits; -1 if there is no such setting.
WASMTON_IMPORT(setting)
int32_t wasmton_v1_setting(const char *name, uint32_t name_length, char *buffer, uint32_t capacity);

// The same for the name of the setting with that index, from 0; -1 behind the last one.
WASMTON_IMPORT(setting_name) int32_t wasmton_v1_setting_name(uint32_t index, char *buffer, uint32_t capacity);

// Stores, in which a processor keeps bytes by key; the operator grants them (--state).
//
// What a task writes is kept when it is done, and dropped when it failed. All but wasmton_v1_state_open trap if there
// is no task, or no such store.

// Refusals of a store's functions; those that return a size return them below zero.
enum {
    WASMTON_STATE_DONE = 0,
    WASMTON_STATE_READ_ONLY = 1,  // the store is a table
    WASMTON_STATE_TOO_LARGE = 2,  // a key has more than 65,536 bytes, or a key and its value more than 1,000,000
    WASMTON_STATE_LIMIT = 3,      // the task has used its stores as much as it may; the log says which limit it was
};

// Returns the number of a store; -1 if there is none of that name.
WASMTON_IMPORT(state_open) int32_t wasmton_v1_state_open(const char *name, uint32_t length);

// Returns the size of a key's value, and copies the value to the buffer if it fits; -1 if there is no such key.
WASMTON_IMPORT(state_get)
int32_t wasmton_v1_state_get(int32_t store, const void *key, uint32_t key_length, void *buffer, uint32_t capacity);

// Sets the value of a key. Returns 0 or a refusal.
WASMTON_IMPORT(state_set)
int32_t wasmton_v1_state_set(
    int32_t store, const void *key, uint32_t key_length, const void *value, uint32_t value_length);

// Removes a key; one that is not there is no error. Returns 0 or a refusal.
WASMTON_IMPORT(state_delete) int32_t wasmton_v1_state_delete(int32_t store, const void *key, uint32_t key_length);

// Finds the first entries whose keys are at least `from` and below `to`, in the order of their bytes; to_length -1 is
// the end of the store. Returns the size of the packed entries, and copies them to the buffer if they fit. An entry is
// the sizes of key and value, an i32 each, then the key and the value.
WASMTON_IMPORT(state_scan)
int32_t wasmton_v1_state_scan(int32_t store, const void *from, uint32_t from_length, const void *to, int32_t to_length,
    uint32_t limit, void *buffer, uint32_t capacity);

// HTTP, plain and by TLS, as far as the operator grants servers (--allow-net).

// Failures of wasmton_v1_http_send.
enum {
    WASMTON_HTTP_DENIED = -1,      // the server is not granted
    WASMTON_HTTP_INVALID = -2,     // the method, the URL or a header is invalid
    WASMTON_HTTP_NO_NAME = -3,     // there is no such name
    WASMTON_HTTP_CONNECTION = -4,  // the connection was refused, or broke off
    WASMTON_HTTP_TLS = -5,         // the TLS failed; if a certificate was rejected, the log says why
    WASMTON_HTTP_TIMEOUT = -6,     // the connection or the whole exchange took too long
    WASMTON_HTTP_TOO_LARGE = -7,   // the response needs more memory than --max-host-memory allows
    WASMTON_HTTP_MALFORMED = -8,   // the response is not HTTP
    WASMTON_HTTP_LIMIT = -9,       // there are too many open sockets
};

// Sends a packed request and waits for the response, until the deadline of the task at most. Returns the size of the
// packed response, and copies it to the buffer if it fits; or a failure. A response that does not fit, and the reason
// of a failure in words, wait for wasmton_v1_http_read. Traps if there is no task, or if the bytes are not a request.
WASMTON_IMPORT(http_send)
int32_t wasmton_v1_http_send(const void *request, uint32_t length, void *buffer, uint32_t capacity);

// Returns the size of what wasmton_v1_http_send left, and copies it to the buffer, once, if it fits; -1 if there is
// nothing.
WASMTON_IMPORT(http_read) int32_t wasmton_v1_http_read(void *buffer, uint32_t capacity);

// ---- helpers, in wasmton.c ----

// Bytes. `data` is NULL where there are none at all: a record without a key, a tombstone's value.
typedef struct {
    const char *data;
    size_t length;
} wasmton_bytes;

// Returns the bytes of a text that ends with NUL; none for NULL.
wasmton_bytes wasmton_text(const char *text);

// Returns 1 if the bytes are those of the text.
int wasmton_is(wasmton_bytes bytes, const char *text);

typedef struct {
    wasmton_bytes name;
    wasmton_bytes value;
} wasmton_header;

// A record: a task, or one to produce.
typedef struct {
    wasmton_bytes topic;
    int32_t partition;  // -1: Kafka's partitioner chooses
    uint32_t attempt;   // from 1; not used to produce
    int64_t offset;     // not used to produce
    int64_t timestamp;  // milliseconds since 1970-01-01T00:00Z; -1 for none: the time at which it is sent
    wasmton_bytes key;
    wasmton_bytes value;
    const wasmton_header *headers;
    size_t header_count;
} wasmton_record;

// YOU define this. It processes a task and returns its verdict: WASMTON_DONE, or what wasmton_retry and the others
// return. The task is valid until it returns.
int wasmton_process(const wasmton_record *task);

// YOU define this instead, if you compile with -DWASMTON_BATCH. It processes the tasks of a batch, which are valid until
// it returns. All tasks are done, except those that it selects and gives another verdict, such as by wasmton_retry.
void wasmton_process_batch(const wasmton_record *tasks, size_t count);

// Makes a task of the batch the current one, by its index: verdicts, records and lines for the log are about it.
void wasmton_select(size_t index);

// Give a verdict with a reason, as printf writes it, and return it.
int wasmton_retry(const char *format, ...) __attribute__((format(printf, 1, 2)));
int wasmton_dead_letter(const char *format, ...) __attribute__((format(printf, 1, 2)));
int wasmton_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));
int wasmton_stop(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Returns an empty record for a topic, without a partition, a timestamp, a key and a value.
wasmton_record wasmton_record_to(const char *topic);

// Produces a record; returns WASMTON_PRODUCED or the reason why not. The bytes may be changed afterwards.
int wasmton_produce(const wasmton_record *record);

// Writes a line to the log, as printf writes it. Lines have 8 KiB at most.
void wasmton_log(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Adds to a counter, which the operator sees among the metrics.
void wasmton_count(const char *name, uint32_t amount);

// Returns the value of a setting, NUL-terminated, which is the caller's to free; NULL if there is no such setting.
char *wasmton_setting(const char *name);

// The same for the name of the setting with that index, from 0; NULL behind the last one.
char *wasmton_setting_name(uint32_t index);

// Returns the number of a store, which stays the same; -1 if there is none of that name.
int32_t wasmton_state(const char *name);

// Gets the value of a key, whose data is NULL if there is none. It is valid until the next call. Returns
// WASMTON_STATE_DONE or a refusal, as the next three do.
int wasmton_state_get(int32_t store, wasmton_bytes key, wasmton_bytes *value);

// Sets the value of a key.
int wasmton_state_set(int32_t store, wasmton_bytes key, wasmton_bytes value);

// Removes a key; one that is not there is no error.
int wasmton_state_delete(int32_t store, wasmton_bytes key);

typedef struct {
    wasmton_bytes key;
    wasmton_bytes value;
} wasmton_entry;

// Gets the first entries, up to `*count`, whose keys are at least `from` and below `to`, which may be wasmton_text(NULL)
// for the end of the store. Sets `*count` to their number. They are valid until the next call.
int wasmton_state_scan(int32_t store, wasmton_bytes from, wasmton_bytes to, wasmton_entry *entries, size_t *count);

// The same for keys that begin with `prefix`, which has 64 KiB at most.
int wasmton_state_scan_prefix(int32_t store, wasmton_bytes prefix, wasmton_entry *entries, size_t *count);

typedef struct {
    wasmton_bytes method;
    wasmton_bytes url;  // http or https
    wasmton_bytes body;
    const wasmton_header *headers;
    size_t header_count;
    int32_t timeout;  // milliseconds for the whole exchange; -1 for no limit but the task's deadline
} wasmton_http_request;

typedef struct {
    int status;
    wasmton_bytes body;
    const wasmton_header *headers;  // names are in lower case
    size_t header_count;
} wasmton_http_response;

// Returns a request without headers, a body and a time-out.
wasmton_http_request wasmton_http_request_to(const char *method, const char *url);

// Sends a request and waits for the response. Returns 0, or WASMTON_HTTP_DENIED and so on; then the status is 0 and the
// body is the reason in words. The response is valid until the next call.
int wasmton_http_send(const wasmton_http_request *request, wasmton_http_response *response);

#ifdef __cplusplus
}
#endif

#endif
