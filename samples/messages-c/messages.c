// A whole task processor in C: appends each task, unchanged, as a line to the file /messages.

#include <stdint.h>
#include <stdio.h>

// Results of run.
enum { DONE = 0, RETRY = 1, DEAD_LETTER = 2 };

// Copies the task into the buffer and returns its length; -1 if it does not fit, or there is none.
__attribute__((import_module("decaton"), import_name("poll_task")))
int32_t poll_task(int64_t address, int32_t length);

// Not on the stack, which is 64 KiB. One byte more for the end of the line.
static char buffer[(1 << 20) + 1];

// Processes one task. The host calls it once for each attempt.
__attribute__((export_name("run")))
int32_t run(void) {
    int32_t length = poll_task((intptr_t)buffer, sizeof buffer - 1);
    if (length < 0) {
        fprintf(stderr, "the task is longer than %zu bytes\n", sizeof buffer - 1);
        return DEAD_LETTER;
    }
    buffer[length] = '\n';
    FILE *file = fopen("/messages", "a");
    if (file == NULL) {
        perror("cannot open /messages; was the directory / granted?");
        return RETRY;
    }
    // One write for the whole line: other instances append to the same file.
    setvbuf(file, NULL, _IONBF, 0);
    int written = fwrite(buffer, (size_t)length + 1, 1, file) == 1;
    int closed = fclose(file) == 0;
    return written && closed ? DONE : RETRY;
}
