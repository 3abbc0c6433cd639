package com.linecorp.decaton.processor.runtime;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

import com.linecorp.decaton.processor.TaskMetadata;
import org.apache.kafka.common.header.Header;

/** Reads and writes the header {@code dt_meta}: a task's metadata as a protobuf message. */
final class MetadataFake {
    static final String HEADER = "dt_meta";

    private MetadataFake() {
    }

    static TaskMetadata of(ConsumedRecord record) {
        TaskMetadata.TaskMetadataBuilder metadata = TaskMetadata.builder()
                .timestampMillis(record.recordTimestampMillis());
        Header header = record.headers().lastHeader(HEADER);
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

    static byte[] write(TaskMetadata metadata) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        number(message, 1, metadata.timestampMillis());
        text(message, 2, metadata.sourceApplicationId());
        text(message, 3, metadata.sourceInstanceId());
        number(message, 4, metadata.retryCount());
        number(message, 5, metadata.scheduledTimeMillis());
        return message.toByteArray();
    }

    private static void number(ByteArrayOutputStream message, int field, long value) {
        varint(message, field << 3);
        varint(message, value);
    }

    private static void text(ByteArrayOutputStream message, int field, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        varint(message, field << 3 | 2);
        varint(message, bytes.length);
        message.writeBytes(bytes);
    }

    private static void varint(ByteArrayOutputStream message, long value) {
        long left = value;
        for (; (left & ~0x7fL) != 0; left >>>= 7) {
            message.write((int) left & 0x7f | 0x80);
        }
        message.write((int) left);
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
