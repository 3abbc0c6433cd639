package io.github.wasmton.guest;

import java.util.Set;

/**
 * Grant of topics to which a guest of protocol 1 or of the world {@code decaton:processor} may produce records.
 * Anything else is an error that the guest can handle; a topic that was not granted is also a line in the log. A guest
 * of protocol 0 cannot produce, and does not load with such a grant.
 *
 * @param topics         the topics; that they exist is for whoever grants them to see to
 * @param maxRecordBytes most bytes that the key, the value and the headers of one record may have together
 * @param maxTaskBytes   most bytes that one task may produce, which are held until it is over; all of its records count
 *                       with 40 bytes each besides what is in them, and there may be 10,000 of them
 */
public record OutputAccess(Set<String> topics, int maxRecordBytes, int maxTaskBytes) {
    /**
     * Default limit of a record, 1,000,000: Kafka's producer and topics take 1 MiB by default, with what is around the
     * record.
     */
    public static final int DEFAULT_MAX_RECORD_BYTES = 1_000_000;
    /** Default limit of a task, 16 MiB. */
    public static final int DEFAULT_MAX_TASK_BYTES = 16 * 1024 * 1024;

    /** No topic. */
    public static final OutputAccess NONE = to();

    public OutputAccess {
        topics = Set.copyOf(topics);
        if (maxRecordBytes < 1 || maxTaskBytes < maxRecordBytes) {
            throw new IllegalArgumentException("a record may have at least one byte, and a task may produce at least"
                    + " one record: not " + maxRecordBytes + " bytes a record and " + maxTaskBytes + " a task");
        }
    }

    /** Grants these topics, with the default limits. */
    public static OutputAccess to(String... topics) {
        return new OutputAccess(Set.of(topics), DEFAULT_MAX_RECORD_BYTES, DEFAULT_MAX_TASK_BYTES);
    }
}
