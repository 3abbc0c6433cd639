package io.github.wasmton.internal.engine;

import java.nio.ByteBuffer;

import io.github.wasmton.guest.Task;

/** The key of tasks that are processed in order: those with the same bytes in one partition. */
public record TaskKey(int partition, ByteBuffer key) {
    /** Returns the key of a task; {@code null} if it has none. */
    public static TaskKey of(Task task) {
        return task.key() == null ? null : new TaskKey(task.partition(), ByteBuffer.wrap(task.key()));
    }
}
