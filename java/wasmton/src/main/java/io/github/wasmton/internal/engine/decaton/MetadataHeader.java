package io.github.wasmton.internal.engine.decaton;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

import org.apache.kafka.common.header.Header;

import com.linecorp.decaton.processor.TaskMetadata;
import com.linecorp.decaton.processor.runtime.ConsumedRecord;

/**
 * The header {@code dt_meta}, which holds a task's metadata from Decaton's client and its retries: a protobuf message
 * with 1 the timestamp, 2 and 3 the sending application and instance, 4 the number of retries, 5 the scheduled time.
 */
final class MetadataHeader {
    static final String NAME = "dt_meta";

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private MetadataHeader() {
    }

    /**
     * Returns the metadata of a record; for one without the header, its timestamp.
     *
     * @throws IllegalArgumentException if the header is no such message
     */
    static TaskMetadata of(ConsumedRecord record) {
        TaskMetadata.TaskMetadataBuilder metadata = TaskMetadata.builder()
                .timestampMillis(record.recordTimestampMillis());
        Header header = record.headers().lastHeader(NAME);
        if (header != null && header.value() != null) {
            read(ByteBuffer.wrap(header.value()), metadata);
        }
        return metadata.build();
    }

    private static void read(ByteBuffer message, TaskMetadata.TaskMetadataBuilder metadata) {
        try {
            while (message.hasRemaining()) {
                long tag = varint(message);
                switch ((int) tag & 7) {
                    case VARINT -> number(tag >>> 3, varint(message), metadata);
                    case BYTES -> text(tag >>> 3, bytes(message, varint(message)), metadata);
                    case FIXED64 -> bytes(message, Long.BYTES);
                    case FIXED32 -> bytes(message, Integer.BYTES);
                    default -> throw new IllegalArgumentException("it has a field of an unknown kind");
                }
            }
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("it ends within a field", e);
        }
    }

    private static void number(long field, long value, TaskMetadata.TaskMetadataBuilder metadata) {
        switch ((int) field) {
            case 1 -> metadata.timestampMillis(value);
            case 4 -> metadata.retryCount(value);
            case 5 -> metadata.scheduledTimeMillis(value);
            default -> { }  // of a later version
        }
    }

    private static void text(long field, byte[] value, TaskMetadata.TaskMetadataBuilder metadata) {
        switch ((int) field) {
            case 2 -> metadata.sourceApplicationId(new String(value, UTF_8));
            case 3 -> metadata.sourceInstanceId(new String(value, UTF_8));
            default -> { }  // of a later version
        }
    }

    private static long varint(ByteBuffer message) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = message.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("it has a number of more than 64 bits");
    }

    private static byte[] bytes(ByteBuffer message, long length) {
        if (length < 0 || length > message.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[(int) length];
        message.get(bytes);
        return bytes;
    }
}
