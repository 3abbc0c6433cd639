package com.linecorp.decaton.processor.runtime;

import com.linecorp.decaton.processor.TaskMetadata;

public final class DecatonTask<T> {
    public DecatonTask(TaskMetadata metadata, T taskData, byte[] taskDataBytes) {
        throw new UnsupportedOperationException("signatures only");
    }
}
