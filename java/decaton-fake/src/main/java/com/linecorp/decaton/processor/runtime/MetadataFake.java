package com.linecorp.decaton.processor.runtime;

import java.nio.charset.StandardCharsets;

import com.linecorp.decaton.processor.TaskMetadata;
import org.apache.kafka.common.header.Header;

/** Reads the header {@code dt_meta}, in which Decaton's client puts a task's metadata as a protobuf message. */
final class MetadataFake {
    private MetadataFake() {
    }

    static TaskMetadata of(ConsumedRecord record) {
        TaskMetadata.TaskMetadataBuilder metadata = TaskMetadata.builder()
                .timestampMillis(record.recordTimestampMillis());
        Header header = record.headers().lastHeader("dt_meta");
        if (header == null) {
            return metadata.build();
        }
        byte[] bytes = header.value();
        int[] at = {0};
        while (at[0] < bytes.length) {
            int tag = (int) varint(bytes, at);
            long value = varint(bytes, at);
            switch (tag) {
                case 1 << 3 -> metadata.timestampMillis(value);
                case 2 << 3 | 2 -> metadata.sourceApplicationId(text(bytes, at, value));
                case 3 << 3 | 2 -> metadata.sourceInstanceId(text(bytes, at, value));
                case 4 << 3 -> metadata.retryCount(value);
                case 5 << 3 -> metadata.scheduledTimeMillis(value);
                default -> throw new IllegalArgumentException("an unknown field of dt_meta: " + tag);
            }
        }
        return metadata.build();
    }

    private static long varint(byte[] bytes, int[] at) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = bytes[at[0]++];
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    private static String text(byte[] bytes, int[] at, long length) {
        at[0] += (int) length;
        return new String(bytes, at[0] - (int) length, (int) length, StandardCharsets.UTF_8);
    }
}
