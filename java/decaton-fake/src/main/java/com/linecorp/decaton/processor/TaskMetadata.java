package com.linecorp.decaton.processor;

public class TaskMetadata {
    private final long timestampMillis;
    private final String sourceApplicationId;
    private final String sourceInstanceId;
    private final long retryCount;
    private final long scheduledTimeMillis;

    TaskMetadata(TaskMetadataBuilder builder) {
        timestampMillis = builder.timestampMillis;
        sourceApplicationId = builder.sourceApplicationId;
        sourceInstanceId = builder.sourceInstanceId;
        retryCount = builder.retryCount;
        scheduledTimeMillis = builder.scheduledTimeMillis;
    }

    public static TaskMetadataBuilder builder() {
        return new TaskMetadataBuilder();
    }

    public long timestampMillis() {
        return timestampMillis;
    }

    public String sourceApplicationId() {
        return sourceApplicationId;
    }

    public String sourceInstanceId() {
        return sourceInstanceId;
    }

    public long retryCount() {
        return retryCount;
    }

    public long scheduledTimeMillis() {
        return scheduledTimeMillis;
    }

    public static class TaskMetadataBuilder {
        private long timestampMillis;
        private String sourceApplicationId = "";
        private String sourceInstanceId = "";
        private long retryCount;
        private long scheduledTimeMillis;

        TaskMetadataBuilder() {
        }

        public TaskMetadataBuilder timestampMillis(long newTimestampMillis) {
            timestampMillis = newTimestampMillis;
            return this;
        }

        public TaskMetadataBuilder sourceApplicationId(String newSourceApplicationId) {
            sourceApplicationId = newSourceApplicationId;
            return this;
        }

        public TaskMetadataBuilder sourceInstanceId(String newSourceInstanceId) {
            sourceInstanceId = newSourceInstanceId;
            return this;
        }

        public TaskMetadataBuilder retryCount(long newRetryCount) {
            retryCount = newRetryCount;
            return this;
        }

        public TaskMetadataBuilder scheduledTimeMillis(long newScheduledTimeMillis) {
            scheduledTimeMillis = newScheduledTimeMillis;
            return this;
        }

        public TaskMetadata build() {
            return new TaskMetadata(this);
        }
    }
}
