package com.linecorp.decaton.processor;

public class TaskMetadata {
    private final long timestampMillis;

    TaskMetadata(long timestampMillis) {
        this.timestampMillis = timestampMillis;
    }

    public static TaskMetadataBuilder builder() {
        return new TaskMetadataBuilder();
    }

    public long timestampMillis() {
        return timestampMillis;
    }

    public long retryCount() {
        return 0;
    }

    public static class TaskMetadataBuilder {
        private long timestampMillis;

        TaskMetadataBuilder() {
        }

        public TaskMetadataBuilder timestampMillis(long newTimestampMillis) {
            timestampMillis = newTimestampMillis;
            return this;
        }

        public TaskMetadata build() {
            return new TaskMetadata(timestampMillis);
        }
    }
}
