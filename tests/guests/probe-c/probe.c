// A processor of protocol 1 that obeys its tasks: a word and its arguments. The probes in other languages do the same,
// so that one test holds for all.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wasmton.h"

static char line[64 * 1024];
static size_t used;

static void put(const char *text, size_t length) {
    if (used + length < sizeof line) {
        memcpy(line + used, text, length);
        used += length;
        line[used] = '\0';
    }
}

static void put_text(const char *text) {
    put(text, strlen(text));
}

// Hexadecimal digits; a hyphen for none at all.
static void put_hex(wasmton_bytes bytes) {
    if (bytes.data == NULL) {
        put_text("-");
    }
    for (size_t i = 0; i < bytes.length; i++) {
        char digits[3];
        snprintf(digits, sizeof digits, "%02x", (unsigned char)bytes.data[i]);
        put_text(digits);
    }
}

// Logs the whole record in one line.
static void tell_record(const wasmton_record *task) {
    char numbers[128];
    used = 0;
    put(task->topic.data, task->topic.length);
    snprintf(numbers, sizeof numbers, " %d %lld %lld %u key=", task->partition, (long long)task->offset,
        (long long)task->timestamp, task->attempt);
    put_text(numbers);
    put_hex(task->key);
    put_text(" value=");
    put_hex(task->value);
    for (size_t i = 0; i < task->header_count; i++) {
        put_text(" ");
        put(task->headers[i].name.data, task->headers[i].name.length);
        put_text("=");
        put_hex(task->headers[i].value);
    }
    wasmton_log(WASMTON_INFO, "%s", line);
}

static int produced(int answer) {
    static const char *const answers[] = {"", "topic-denied", "too-large", "queue-full"};
    return answer == WASMTON_PRODUCED ? WASMTON_DONE : wasmton_skip("%s", answers[answer]);
}

static int produce(const char *topic, const char *value, size_t length) {
    wasmton_record record = wasmton_record_to(topic);
    record.value.data = value;
    record.value.length = length;
    return wasmton_produce(&record);
}

// Produces each word to the topic.
static int produce_words(char *topic) {
    int answer = WASMTON_PRODUCED;
    for (char *word; answer == WASMTON_PRODUCED && (word = strtok(NULL, " ")) != NULL;) {
        answer = produce(topic, word, strlen(word));
    }
    return produced(answer);
}

// Produces a number of records of a size.
static int produce_size(const char *topic) {
    int count = atoi(strtok(NULL, " "));
    size_t size = (size_t)atoi(strtok(NULL, " "));
    char *value = calloc(size, 1);
    int answer = WASMTON_PRODUCED;
    while (answer == WASMTON_PRODUCED && count-- > 0) {
        answer = produce(topic, value, size);
    }
    free(value);
    return produced(answer);
}

static int produce_whole(const char *topic, int partition) {
    const wasmton_header headers[] = {
        {wasmton_text("one"), wasmton_text("1")},
        {wasmton_text("one"), wasmton_text(NULL)},
        {wasmton_text("\xc3\xa9"), wasmton_text("")},
    };
    wasmton_record record = wasmton_record_to(topic);
    record.partition = partition;
    record.timestamp = 1700000000123;
    record.key = wasmton_text("key");
    record.headers = headers;
    record.header_count = 3;
    return produced(wasmton_produce(&record));
}

static void tell_setting(const char *name) {
    char *value = wasmton_setting(name);
    wasmton_log(WASMTON_INFO, "%s", value == NULL ? "none" : value);
    free(value);
}

static void tell_names(void) {
    used = 0;
    line[0] = '\0';
    char *name;
    for (uint32_t i = 0; (name = wasmton_setting_name(i)) != NULL; i++) {
        put_text(i > 0 ? " " : "");
        put_text(name);
        free(name);
    }
    wasmton_log(WASMTON_INFO, "%s", line);
}

// Sends a request: METHOD URL TIMEOUT BODY and headers, a hyphen for none.
static int send(const char *method) {
    wasmton_http_request request = wasmton_http_request_to(method, strtok(NULL, " "));
    wasmton_header headers[8];
    request.timeout = atoi(strtok(NULL, " "));
    const char *body = strtok(NULL, " ");
    request.body = wasmton_text(strcmp(body, "-") == 0 ? NULL : body);
    for (char *name; (name = strtok(NULL, " ")) != NULL;) {
        headers[request.header_count].name = wasmton_text(name);
        headers[request.header_count++].value = wasmton_text(strtok(NULL, " "));
    }
    request.headers = headers;
    wasmton_http_response response;
    int failure = wasmton_http_send(&request, &response);
    if (failure != 0) {
        return wasmton_skip("http %d: %.*s", failure, (int)response.body.length, response.body.data);
    }
    char number[64];
    used = 0;
    snprintf(number, sizeof number, "%d ", response.status);
    put_text(number);
    if (response.body.length > 100) {
        snprintf(number, sizeof number, "%zu bytes", response.body.length);
        put_text(number);
    } else {
        put(response.body.data, response.body.length);
    }
    for (size_t i = 0; i < response.header_count; i++) {
        if (strncmp(response.headers[i].name.data, "x-", 2) == 0) {
            put_text(" ");
            put(response.headers[i].name.data, response.headers[i].name.length);
            put_text("=");
            put(response.headers[i].value.data, response.headers[i].value.length);
        }
    }
    wasmton_log(WASMTON_INFO, "%s", line);
    return WASMTON_DONE;
}

int wasmton_process(const wasmton_record *task) {
    static int tasks;
    tasks++;
    if (task->value.length == 0 || wasmton_is(task->value, "record")) {
        tell_record(task);
        return WASMTON_DONE;
    }
    char *text = malloc(task->value.length + 1);
    memcpy(text, task->value.data, task->value.length);
    text[task->value.length] = '\0';
    char *word = strtok(text, " ");
    int verdict = WASMTON_DONE;
    if (strcmp(word, "nothing") == 0) {
    } else if (strcmp(word, "retry") == 0) {
        verdict = wasmton_retry("later");
    } else if (strcmp(word, "dead-letter") == 0) {
        verdict = wasmton_dead_letter("broken: \xc3\xbc");
    } else if (strcmp(word, "skip") == 0) {
        verdict = wasmton_skip("not ours");
    } else if (strcmp(word, "stop") == 0) {
        verdict = wasmton_stop("never");
    } else if (strcmp(word, "count") == 0) {
        wasmton_log(WASMTON_INFO, "%d", tasks);
    } else if (strcmp(word, "log") == 0) {
        static const char *const names[] = {"trace", "debug", "info", "warn", "error"};
        for (int level = WASMTON_TRACE; level <= WASMTON_ERROR; level++) {
            wasmton_log(level, "%s \xc3\xbc", names[level]);
        }
    } else if (strcmp(word, "setting") == 0) {
        tell_setting(strtok(NULL, " "));
    } else if (strcmp(word, "settings") == 0) {
        tell_names();
    } else if (strcmp(word, "produce") == 0) {
        verdict = produce_words(strtok(NULL, " "));
    } else if (strcmp(word, "produce-size") == 0) {
        verdict = produce_size(strtok(NULL, " "));
    } else if (strcmp(word, "produce-whole") == 0) {
        char *topic = strtok(NULL, " ");
        verdict = produce_whole(topic, atoi(strtok(NULL, " ")));
    } else if (strcmp(word, "produce-and-retry") == 0) {
        produce_words(strtok(NULL, " "));
        verdict = wasmton_retry("later");
    } else if (strcmp(word, "produce-and-trap") == 0) {
        produce_words(strtok(NULL, " "));
        abort();
    } else if (strcmp(word, "forward") == 0) {
        wasmton_record record = *task;
        record.topic = wasmton_text(strtok(NULL, " "));
        record.partition = -1;
        verdict = produced(wasmton_produce(&record));
    } else if (strcmp(word, "count-up") == 0) {
        char *name = strtok(NULL, " ");
        wasmton_count(name, (uint32_t)strtoul(strtok(NULL, " "), NULL, 10));
    } else if (strcmp(word, "http") == 0) {
        verdict = send(strtok(NULL, " "));
    } else if (strcmp(word, "print") == 0) {
        printf("out\n");
        fprintf(stderr, "err\n");
    } else if (strcmp(word, "trap") == 0) {
        fprintf(stderr, "on purpose\n");
        abort();
    } else if (strcmp(word, "exit") == 0) {
        exit(atoi(strtok(NULL, " ")));
    } else if (strcmp(word, "loop") == 0) {
        for (volatile int i = 0;; i++) {
        }
    } else {
        verdict = wasmton_skip("no such word: %s", word);
    }
    free(text);
    return verdict;
}
