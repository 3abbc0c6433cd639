package com.linecorp.decaton.processor;

public class TaskMetadata {
    TaskMetadata() {
    }

    public static TaskMetadataBuilder builder() {
        throw new UnsupportedOperationException("signatures only");
    }

    public long timestampMillis() {
        throw new UnsupportedOperationException("signatures only");
    }

    public String sourceApplicationId() {
        throw new UnsupportedOperationException("signatures only");
    }

    public String sourceInstanceId() {
        throw new UnsupportedOperationException("signatures only");
    }

    public long scheduledTimeMillis() {
        throw new UnsupportedOperationException("signatures only");
    }

    public long retryCount() {
        throw new UnsupportedOperationException("signatures only");
    }

    public static class TaskMetadataBuilder {
        TaskMetadataBuilder() {
        }

        public TaskMetadataBuilder timestampMillis(long timestampMillis) {
            throw new UnsupportedOperationException("signatures only");
        }

        public TaskMetadataBuilder sourceApplicationId(String sourceApplicationId) {
            throw new UnsupportedOperationException("signatures only");
        }

        public TaskMetadataBuilder sourceInstanceId(String sourceInstanceId) {
            throw new UnsupportedOperationException("signatures only");
        }

        public TaskMetadataBuilder retryCount(long retryCount) {
            throw new UnsupportedOperationException("signatures only");
        }

        public TaskMetadataBuilder scheduledTimeMillis(long scheduledTimeMillis) {
            throw new UnsupportedOperationException("signatures only");
        }

        public TaskMetadata build() {
            throw new UnsupportedOperationException("signatures only");
        }
    }
}
