package io.github.wasmton.guest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Records in packed bytes: tasks on their way into Rust, and produced records on their way back. record.rs reads and
 * writes the same layout, and so do guests of protocol 1 (docs/protocol-1.md). Numbers are little-endian, as in
 * WebAssembly's memory:
 *
 * <pre>
 *  0  int   partition; -1 for none
 *  4  int   attempt, from 1; 0 for a produced record
 *  8  long  offset; -1 for none
 * 16  long  timestamp, milliseconds since 1970-01-01T00:00Z; -1 for none
 * 24  int   length of the topic
 * 28  int   length of the key; -1 for no key
 * 32  int   length of the value; -1 for no value
 * 36  int   number of headers
 * 40        topic, key, value; then for each header: int length of the name, int length of the value (-1 for no
 *           value), name, value
 * </pre>
 */
final class PackedRecord {
    static final int FIXED = 40;
    static final int FIXED_OF_HEADER = 8;

    private PackedRecord() {
    }

    /** Returns the bytes that a task takes when it is packed. */
    static long size(Task task) {
        long size = FIXED + task.topic().getBytes(UTF_8).length;
        size += Math.max(0, length(task.key())) + (long) Math.max(0, length(task.value()));
        for (Task.Header header : task.headers()) {
            size += FIXED_OF_HEADER + header.name().getBytes(UTF_8).length + (long) Math.max(0, length(header.value()));
        }
        return size;
    }

    /** Packs a task. */
    static byte[] of(Task task) {
        byte[] topic = task.topic().getBytes(UTF_8);
        List<Task.Header> headers = task.headers();
        byte[][] names = new byte[headers.size()][];
        int size = FIXED + topic.length + Math.max(0, length(task.key())) + Math.max(0, length(task.value()));
        for (int i = 0; i < names.length; i++) {
            names[i] = headers.get(i).name().getBytes(UTF_8);
            size += FIXED_OF_HEADER + names[i].length + Math.max(0, length(headers.get(i).value()));
        }
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(task.partition()).putInt(task.attempt()).putLong(task.offset()).putLong(task.timestamp());
        out.putInt(topic.length).putInt(length(task.key())).putInt(length(task.value())).putInt(names.length);
        out.put(topic);
        put(out, task.key());
        put(out, task.value());
        for (int i = 0; i < names.length; i++) {
            byte[] value = headers.get(i).value();
            out.putInt(names[i].length).putInt(length(value)).put(names[i]);
            put(out, value);
        }
        return out.array();
    }

    /** Returns the length that stands for these bytes, which may be {@code null}. */
    static int length(byte[] bytes) {
        return bytes == null ? -1 : bytes.length;
    }

    private static void put(ByteBuffer out, byte[] bytes) {
        if (bytes != null) {
            out.put(bytes);
        }
    }

    /** Unpacks the records that a task produced, one after the other. */
    static List<Output> outputs(ByteBuffer in) {
        in.order(ByteOrder.LITTLE_ENDIAN);
        Output first = output(in);
        if (!in.hasRemaining()) {
            return List.of(first);  // as most tasks do
        }
        List<Output> outputs = new ArrayList<>();
        outputs.add(first);
        while (in.hasRemaining()) {
            outputs.add(output(in));
        }
        return List.copyOf(outputs);
    }

    private static Output output(ByteBuffer in) {
        int partition = in.getInt();
        in.getInt();  // attempt
        in.getLong();  // offset
        long timestamp = in.getLong();
        int topic = in.getInt();
        int key = in.getInt();
        int value = in.getInt();
        int count = in.getInt();
        return new Output(text(in, topic), partition < 0 ? null : (Integer) partition,
                timestamp < 0 ? null : (Long) timestamp, bytes(in, key), bytes(in, value), headers(in, count));
    }

    private static List<Task.Header> headers(ByteBuffer in, int count) {
        if (count == 0) {
            return List.of();
        }
        List<Task.Header> headers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int name = in.getInt();
            int value = in.getInt();
            headers.add(new Task.Header(text(in, name), bytes(in, value)));
        }
        return headers;
    }

    private static String text(ByteBuffer in, int length) {
        return new String(bytes(in, length), UTF_8);
    }

    private static byte[] bytes(ByteBuffer in, int length) {
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }
}
