// The helpers of wasmton.h, and the export `run`, which takes one task after the other, or batches.

#include "wasmton.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIXED = 40, FIXED_OF_HEADER = 8, FIXED_OF_REQUEST = 20, FIXED_OF_RESPONSE = 12 };
enum { FIRST_CAPACITY = 64 * 1024, MOST_TEXT = 8 * 1024, FIRST_STORED = 4 * 1024 };

static void *allocate(void *old, size_t size) {
    void *memory = realloc(old, size);
    if (memory == NULL) {
        fprintf(stderr, "there is no memory for %zu bytes\n", size);
        abort();
    }
    return memory;
}

// ---- records, as docs/protocol-1.md lays them out; nothing in them is aligned ----

static int32_t read_int(const char *at) {
    int32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static int64_t read_long(const char *at) {
    int64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

// Reads bytes of that length, -1 for none, and moves on.
static wasmton_bytes read_bytes(const char **at, int32_t length) {
    wasmton_bytes bytes = {NULL, 0};
    if (length >= 0) {
        bytes.data = *at;
        bytes.length = (size_t)length;
        *at += length;
    }
    return bytes;
}

static void fill_headers(const char *at, size_t count, wasmton_header *headers) {
    for (size_t i = 0; i < count; i++) {
        int32_t name = read_int(at), length = read_int(at + 4);
        at += FIXED_OF_HEADER;
        headers[i].name = read_bytes(&at, name);
        headers[i].value = read_bytes(&at, length);
    }
}

typedef struct {
    wasmton_header *list;
    size_t capacity;
} header_list;

static wasmton_header *room_for_headers(size_t count, header_list *headers) {
    if (count > headers->capacity) {
        headers->list = allocate(headers->list, count * sizeof *headers->list);
        headers->capacity = count;
    }
    return headers->list;
}

static const wasmton_header *read_headers(const char *at, size_t count, header_list *headers) {
    fill_headers(at, count, room_for_headers(count, headers));
    return headers->list;
}

// Reads a record without its headers, and returns where these begin.
static const char *read_fixed(const char *at, wasmton_record *record) {
    record->partition = read_int(at);
    record->attempt = (uint32_t)read_int(at + 4);
    record->offset = read_long(at + 8);
    record->timestamp = read_long(at + 16);
    int32_t topic = read_int(at + 24), key = read_int(at + 28), value = read_int(at + 32);
    record->header_count = (size_t)read_int(at + 36);
    at += FIXED;
    record->topic = read_bytes(&at, topic);
    record->key = read_bytes(&at, key);
    record->value = read_bytes(&at, value);
    return at;
}

static char *write_int(char *at, int32_t value) {
    memcpy(at, &value, sizeof value);
    return at + sizeof value;
}

static char *write_long(char *at, int64_t value) {
    memcpy(at, &value, sizeof value);
    return at + sizeof value;
}

static char *write_bytes(char *at, wasmton_bytes bytes) {
    if (bytes.length > 0) {
        memcpy(at, bytes.data, bytes.length);
    }
    return at + bytes.length;
}

static int32_t length_of(wasmton_bytes bytes) {
    return bytes.data == NULL ? -1 : (int32_t)bytes.length;
}

static size_t size_of_headers(const wasmton_header *headers, size_t count) {
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        size += FIXED_OF_HEADER + headers[i].name.length + headers[i].value.length;
    }
    return size;
}

static void write_headers(char *at, const wasmton_header *headers, size_t count) {
    for (size_t i = 0; i < count; i++) {
        at = write_int(at, (int32_t)headers[i].name.length);
        at = write_int(at, length_of(headers[i].value));
        at = write_bytes(write_bytes(at, headers[i].name), headers[i].value);
    }
}

static char *packed;

// Makes room for what is packed. Returns 0 if it is more than the host takes.
static int make_room(size_t size) {
    static size_t capacity;
    if (size > INT32_MAX) {
        return 0;
    }
    if (size > capacity) {
        packed = allocate(packed, capacity = size);
    }
    return 1;
}

int wasmton_produce(const wasmton_record *record) {
    size_t size = FIXED + record->topic.length + record->key.length + record->value.length +
                  size_of_headers(record->headers, record->header_count);
    if (!make_room(size)) {
        return WASMTON_TOO_LARGE;
    }
    char *at = write_int(packed, record->partition);
    at = write_int(at, 0);
    at = write_long(at, -1);
    at = write_long(at, record->timestamp);
    at = write_int(at, (int32_t)record->topic.length);
    at = write_int(at, length_of(record->key));
    at = write_int(at, length_of(record->value));
    at = write_int(at, (int32_t)record->header_count);
    at = write_bytes(write_bytes(write_bytes(at, record->topic), record->key), record->value);
    write_headers(at, record->headers, record->header_count);
    return wasmton_v1_produce(packed, (uint32_t)size);
}

wasmton_record wasmton_record_to(const char *topic) {
    wasmton_record record;
    memset(&record, 0, sizeof record);
    record.topic = wasmton_text(topic);
    record.partition = -1;
    record.offset = -1;
    record.timestamp = -1;
    return record;
}

wasmton_bytes wasmton_text(const char *text) {
    wasmton_bytes bytes = {text, text == NULL ? 0 : strlen(text)};
    return bytes;
}

int wasmton_is(wasmton_bytes bytes, const char *text) {
    return bytes.data != NULL && bytes.length == strlen(text) && memcmp(bytes.data, text, bytes.length) == 0;
}

// ---- verdicts ----

static int finished;

static int finish(int verdict, const char *format, va_list arguments) {
    char reason[MOST_TEXT];
    int length = vsnprintf(reason, sizeof reason, format, arguments);
    wasmton_v1_finish(verdict, reason, length < 0 ? 0 : length < MOST_TEXT ? (uint32_t)length : MOST_TEXT - 1);
    finished = 1;
    return verdict;
}

#define VERDICT(name, verdict)            \
    int name(const char *format, ...) {   \
        va_list arguments;                \
        va_start(arguments, format);      \
        finish(verdict, format, arguments); \
        va_end(arguments);                \
        return verdict;                   \
    }

VERDICT(wasmton_retry, WASMTON_RETRY)
VERDICT(wasmton_dead_letter, WASMTON_DEAD_LETTER)
VERDICT(wasmton_skip, WASMTON_SKIP)
VERDICT(wasmton_stop, WASMTON_STOP)

static char *buffer;
static uint32_t capacity;

// Makes room for what did not fit. Returns 1 if there was no room before.
static int grow_buffer(int32_t size) {
    if ((uint32_t)size <= capacity) {
        return 0;
    }
    // It grows in steps of at least half its size.
    capacity = size < FIRST_CAPACITY ? FIRST_CAPACITY : (uint32_t)size + (uint32_t)size / 2;
    buffer = allocate(buffer, capacity);
    return 1;
}

#ifdef WASMTON_BATCH

void wasmton_select(size_t index) {
    wasmton_v1_select((uint32_t)index);
}

static void process_batch(int32_t size) {
    static wasmton_record *tasks;
    static size_t most;
    const char *end = buffer + size;
    size_t count = 0, headers = 0;
    for (const char *at = buffer; at < end; at += sizeof(int32_t) + (size_t)read_int(at)) {
        if (count == most) {
            most = most == 0 ? 128 : 2 * most;
            tasks = allocate(tasks, most * sizeof *tasks);
        }
        read_fixed(at + sizeof(int32_t), &tasks[count]);
        headers += tasks[count++].header_count;
    }
    static header_list all;
    wasmton_header *next = room_for_headers(headers, &all);
    const char *at = buffer;
    for (size_t i = 0; i < count; at += sizeof(int32_t) + (size_t)read_int(at), i++) {
        fill_headers(read_fixed(at + sizeof(int32_t), &tasks[i]), tasks[i].header_count, next);
        tasks[i].headers = next;
        next += tasks[i].header_count;
    }
    wasmton_process_batch(tasks, count);
}

__attribute__((export_name("run"))) void run(void) {
    int32_t size;
    while ((size = wasmton_v1_next_batch(buffer, capacity)) >= 0) {
        if (!grow_buffer(size)) {
            process_batch(size);
        }
    }
}

#else

__attribute__((export_name("run"))) void run(void) {
    int32_t size;
    while ((size = wasmton_v1_next(buffer, capacity)) >= 0) {
        if (grow_buffer(size)) {
            continue;
        }
        wasmton_record task;
        static header_list headers;
        const char *at = read_fixed(buffer, &task);
        task.headers = read_headers(at, task.header_count, &headers);
        finished = 0;
        int verdict = wasmton_process(&task);
        // A task is done without a word, and the functions for verdicts have given theirs already.
        if (finished ? verdict == WASMTON_DONE : verdict != WASMTON_DONE) {
            wasmton_v1_finish(verdict, "", 0);
        }
    }
}

#endif

// ---- log, counters and settings ----

void wasmton_log(int level, const char *format, ...) {
    if (!wasmton_v1_log_enabled(level)) {
        return;
    }
    char line[MOST_TEXT];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length >= 0) {
        wasmton_v1_log(level, line, length < MOST_TEXT ? (uint32_t)length : MOST_TEXT - 1);
    }
}

void wasmton_count(const char *name, uint32_t amount) {
    wasmton_v1_count(name, (uint32_t)strlen(name), amount);
}

char *wasmton_setting(const char *name) {
    uint32_t name_length = (uint32_t)strlen(name);
    int32_t length = wasmton_v1_setting(name, name_length, NULL, 0);
    if (length < 0) {
        return NULL;
    }
    char *value = allocate(NULL, (size_t)length + 1);
    wasmton_v1_setting(name, name_length, value, (uint32_t)length);
    value[length] = '\0';
    return value;
}

char *wasmton_setting_name(uint32_t index) {
    int32_t length = wasmton_v1_setting_name(index, NULL, 0);
    if (length < 0) {
        return NULL;
    }
    char *name = allocate(NULL, (size_t)length + 1);
    wasmton_v1_setting_name(index, name, (uint32_t)length);
    name[length] = '\0';
    return name;
}

// ---- stores, and responses, which share a buffer ----

static char *stored;
static uint32_t stored_capacity;

// Makes the buffer for results, before the first one.
static void begin_result(void) {
    if (stored == NULL) {
        stored = allocate(NULL, stored_capacity = FIRST_STORED);
    }
}

// Makes room for a result that did not fit. Returns 1 if there was no room before.
static int grow(int32_t size) {
    if (size <= 0 || (uint32_t)size <= stored_capacity) {
        return 0;
    }
    stored_capacity = (uint32_t)size + (uint32_t)size / 2;
    stored = allocate(stored, stored_capacity);
    return 1;
}

int32_t wasmton_state(const char *name) {
    return wasmton_v1_state_open(name, (uint32_t)strlen(name));
}

int wasmton_state_get(int32_t store, wasmton_bytes key, wasmton_bytes *value) {
    int32_t size;
    value->data = NULL;
    value->length = 0;
    begin_result();
    do {
        size = wasmton_v1_state_get(store, key.data, (uint32_t)key.length, stored, stored_capacity);
    } while (grow(size));
    if (size < -1) {
        return -size;
    }
    if (size >= 0) {
        value->data = stored;
        value->length = (size_t)size;
    }
    return WASMTON_STATE_DONE;
}

int wasmton_state_set(int32_t store, wasmton_bytes key, wasmton_bytes value) {
    return wasmton_v1_state_set(store, key.data, (uint32_t)key.length, value.data, (uint32_t)value.length);
}

int wasmton_state_delete(int32_t store, wasmton_bytes key) {
    return wasmton_v1_state_delete(store, key.data, (uint32_t)key.length);
}

int wasmton_state_scan(int32_t store, wasmton_bytes from, wasmton_bytes to, wasmton_entry *entries, size_t *count) {
    int32_t size;
    uint32_t most = *count > INT32_MAX ? INT32_MAX : (uint32_t)*count;
    begin_result();
    do {
        size = wasmton_v1_state_scan(store, from.data, (uint32_t)from.length, to.data,
            to.data == NULL ? -1 : (int32_t)to.length, most, stored, stored_capacity);
    } while (grow(size));
    *count = 0;
    if (size < 0) {
        return -size;
    }
    const char *at = stored, *end = stored + size;
    while (at < end) {
        int32_t key = read_int(at), value = read_int(at + 4);
        at += FIXED_OF_HEADER;
        entries[*count].key = read_bytes(&at, key);
        entries[*count].value = read_bytes(&at, value);
        ++*count;
    }
    return WASMTON_STATE_DONE;
}

int wasmton_state_scan_prefix(int32_t store, wasmton_bytes prefix, wasmton_entry *entries, size_t *count) {
    // The end is the prefix without its last bytes of 255, and one more than the last byte that is left.
    static char end[64 * 1024];
    if (prefix.length > sizeof end) {
        *count = 0;
        return WASMTON_STATE_TOO_LARGE;
    }
    size_t length = prefix.length;
    while (length > 0 && (unsigned char)prefix.data[length - 1] == 255) {
        length--;
    }
    wasmton_bytes to = {NULL, 0};
    if (length > 0) {
        memcpy(end, prefix.data, length);
        end[length - 1]++;
        to.data = end;
        to.length = length;
    }
    return wasmton_state_scan(store, prefix, to, entries, count);
}

// ---- HTTP ----

wasmton_http_request wasmton_http_request_to(const char *method, const char *url) {
    wasmton_http_request request;
    memset(&request, 0, sizeof request);
    request.method = wasmton_text(method);
    request.url = wasmton_text(url);
    request.timeout = -1;
    return request;
}

int wasmton_http_send(const wasmton_http_request *request, wasmton_http_response *response) {
    static header_list headers;
    size_t size = FIXED_OF_REQUEST + request->method.length + request->url.length + request->body.length +
                  size_of_headers(request->headers, request->header_count);
    memset(response, 0, sizeof *response);
    if (!make_room(size)) {
        response->body = wasmton_text("the request is too large");
        return WASMTON_HTTP_INVALID;
    }
    char *at = write_int(packed, request->timeout);
    at = write_int(at, (int32_t)request->method.length);
    at = write_int(at, (int32_t)request->url.length);
    at = write_int(at, length_of(request->body));
    at = write_int(at, (int32_t)request->header_count);
    at = write_bytes(write_bytes(write_bytes(at, request->method), request->url), request->body);
    write_headers(at, request->headers, request->header_count);
    begin_result();
    int32_t answer = wasmton_v1_http_send(packed, (uint32_t)size, stored, stored_capacity);
    int32_t length = answer;
    if (answer < 0 || grow(answer)) {
        do {
            length = wasmton_v1_http_read(stored, stored_capacity);
        } while (grow(length));
    }
    if (answer < 0) {
        response->body.data = stored;
        response->body.length = length < 0 ? 0 : (size_t)length;
        return answer;
    }
    const char *from = stored + FIXED_OF_RESPONSE;
    response->status = read_int(stored);
    response->body = read_bytes(&from, read_int(stored + 4));
    response->header_count = (size_t)read_int(stored + 8);
    response->headers = read_headers(from, response->header_count, &headers);
    return 0;
}
