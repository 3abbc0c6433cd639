package com.linecorp.decaton.processor.runtime;

import java.util.Objects;

import com.linecorp.decaton.processor.TaskMetadata;

public final class DecatonTask<T> {
    final TaskMetadata metadata;
    final T taskData;
    final byte[] taskDataBytes;

    public DecatonTask(TaskMetadata metadata, T taskData, byte[] taskDataBytes) {
        this.metadata = Objects.requireNonNull(metadata, "metadata");
        this.taskData = Objects.requireNonNull(taskData, "taskData");
        this.taskDataBytes = Objects.requireNonNull(taskDataBytes, "taskDataBytes");
    }
}
