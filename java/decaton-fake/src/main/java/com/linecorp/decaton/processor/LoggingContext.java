package com.linecorp.decaton.processor;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.MDC;

/** A logging context that names the record on the thread that processes it. */
public class LoggingContext implements AutoCloseable {
    public static final String OFFSET_KEY = "dt_offset";
    public static final String TOPIC_KEY = "dt_topic";
    public static final String PARTITION_KEY = "dt_partition";

    private final boolean enabled;

    public LoggingContext(boolean enabled, ConsumerRecord<byte[], byte[]> record) {
        this.enabled = enabled;
        if (enabled) {
            MDC.put(OFFSET_KEY, Long.toString(record.offset()));
            MDC.put(TOPIC_KEY, record.topic());
            MDC.put(PARTITION_KEY, Integer.toString(record.partition()));
        }
    }

    @Override
    public void close() {
        if (enabled) {
            MDC.remove(OFFSET_KEY);
            MDC.remove(TOPIC_KEY);
            MDC.remove(PARTITION_KEY);
        }
    }
}
