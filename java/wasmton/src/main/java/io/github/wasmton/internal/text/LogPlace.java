package io.github.wasmton.internal.text;

import org.slf4j.MDC;

/** Place of a record in SLF4J's MDC, for the log lines that a thread writes until it is closed. */
public final class LogPlace implements AutoCloseable {
    private static final String TOPIC = "topic";
    private static final String PARTITION = "partition";
    private static final String OFFSET = "offset";

    private final String topic = MDC.get(TOPIC);
    private final String partition = MDC.get(PARTITION);
    private final String offset = MDC.get(OFFSET);

    /** Sets the place; a negative partition or offset is not known. */
    public LogPlace(String topic, int partition, long offset) {
        set(TOPIC, topic);
        set(PARTITION, partition < 0 ? null : Integer.toString(partition));
        set(OFFSET, offset < 0 ? null : Long.toString(offset));
    }

    private static void set(String key, String value) {
        if (value == null) {
            MDC.remove(key);
        } else {
            MDC.put(key, value);
        }
    }

    /** Restores what was there before. */
    @Override
    public void close() {
        set(TOPIC, topic);
        set(PARTITION, partition);
        set(OFFSET, offset);
    }
}
