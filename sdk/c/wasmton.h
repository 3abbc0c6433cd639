// Protocol 1 of Wasmton for C and C++: the functions that the host provides, and helpers over them (wasmton.c).
//
// This header is the reference of the protocol; docs/protocol-1.md describes it. To write a processor, include it,
// define wasmton_process, and compile wasmton.c with your sources.
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

// Returns the size of a setting's value, and copies the value to the buffer if it fits; -1 if there is no such setting.
WASMTON_IMPORT(setting)
int32_t wasmton_v1_setting(const char *name, uint32_t name_length, char *buffer, uint32_t capacity);

// The same for the name of the setting with that index, from 0; -1 behind the last one.
WASMTON_IMPORT(setting_name) int32_t wasmton_v1_setting_name(uint32_t index, char *buffer, uint32_t capacity);

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

// Returns the value of a setting, NUL-terminated, which is the caller's to free; NULL if there is no such setting.
char *wasmton_setting(const char *name);

// The same for the name of the setting with that index, from 0; NULL behind the last one.
char *wasmton_setting_name(uint32_t index);

#ifdef __cplusplus
}
#endif

#endif
