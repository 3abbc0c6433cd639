package com.linecorp.decaton.processor;

public class LoggingContext implements AutoCloseable {
    public static final String OFFSET_KEY = "dt_offset";
    public static final String TOPIC_KEY = "dt_topic";
    public static final String PARTITION_KEY = "dt_partition";

    LoggingContext() {
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException("signatures only");
    }
}
