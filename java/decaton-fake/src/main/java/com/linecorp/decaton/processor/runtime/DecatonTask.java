package com.linecorp.decaton.processor.runtime;

import java.util.Objects;

import com.linecorp.decaton.processor.TaskMetadata;

public final class DecatonTask<T> {
    final TaskMetadata metadata;
    final T taskData;

    public DecatonTask(TaskMetadata metadata, T taskData, byte[] taskDataBytes) {
        this.metadata = Objects.requireNonNull(metadata, "metadata");
        this.taskData = Objects.requireNonNull(taskData, "taskData");
        Objects.requireNonNull(taskDataBytes, "taskDataBytes");
    }
}
