package io.github.wasmton.guest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Memory that tasks for a guest of protocol 1 are packed into, where Rust reads them: {@link PackedRecord}s, each
 * behind its size, an int. It allocates nothing for tasks of the same topic and with the same names of headers as the
 * one before. One thread at a time uses it, from {@link #begin} to {@link #end}.
 */
final class TaskBuffer {
    private static final VarHandle IN_USE;

    static {
        try {
            IN_USE = MethodHandles.lookup().findVarHandle(TaskBuffer.class, "inUse", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final int SIZE = 4;
    private static final int FIRST_CAPACITY = 4 * 1024;
    /** Capacity for batches, after which a batch ends unless its first task is larger. */
    private static final int BATCH_CAPACITY = 128 * 1024;

    private final Consumer<ByteBuffer> announce;
    private boolean inUse;
    private ByteBuffer buffer;
    private int length;

    private String topic = "";
    private byte[] topicBytes = {};
    /** Names of headers by their position in the task before, and their bytes. */
    private String[] names = {};
    private byte[][] nameBytes = {};

    /**
     * Makes a buffer.
     *
     * @param announce tells Rust the memory that holds the tasks from now on
     */
    TaskBuffer(Consumer<ByteBuffer> announce) {
        this.announce = announce;
        allocate(FIRST_CAPACITY);
    }

    /**
     * Begins with no task.
     *
     * @throws IllegalStateException if another thread is using it
     */
    void begin() {
        if (!IN_USE.compareAndSet(this, false, true)) {
            throw new IllegalStateException("the Guest is in use by another call; one thread at a time may use it");
        }
        length = 0;
    }

    void end() {
        IN_USE.setRelease(this, false);
    }

    /** Makes room for a batch. */
    void forBatch() {
        if (buffer.capacity() < BATCH_CAPACITY) {
            allocate(BATCH_CAPACITY);
        }
    }

    /** Returns the bytes that are packed. */
    int length() {
        return length;
    }

    /** Packs a task behind those that are there. Returns false, and packs nothing, if it does not fit. */
    boolean add(Task task) {
        List<Task.Header> headers = task.headers();
        int count = headers.size();
        byte[] topic = topicBytes(task.topic());
        byte[] key = task.key();
        byte[] value = task.value();
        int size = count == 0 ? PackedRecord.FIXED : headersSize(task, headers, count);
        size = sum(task, sum(task, sum(task, size, topic), key), value);
        if (size > buffer.capacity() - SIZE - length) {
            if (length > 0) {
                return false;
            }
            allocate(capacityFor(task, size));
        }
        ByteBuffer out = buffer;
        int at = length;
        out.putInt(at, size);
        at += SIZE;
        out.putInt(at, task.partition()).putInt(at + 4, task.attempt());
        out.putLong(at + 8, task.offset()).putLong(at + 16, task.timestamp());
        out.putInt(at + 24, topic.length).putInt(at + 28, PackedRecord.length(key));
        out.putInt(at + 32, PackedRecord.length(value)).putInt(at + 36, count);
        at = put(out, put(out, put(out, at + PackedRecord.FIXED, topic), key), value);
        for (int i = 0; i < count; i++) {
            byte[] header = headers.get(i).value();
            out.putInt(at, nameBytes[i].length).putInt(at + 4, PackedRecord.length(header));
            at = put(out, put(out, at + PackedRecord.FIXED_OF_HEADER, nameBytes[i]), header);
        }
        length = at;
        return true;
    }

    /** Returns the bytes of a record without its topic, key and value, and keeps the names of its headers. */
    private int headersSize(Task task, List<Task.Header> headers, int count) {
        if (names.length < count) {
            names = Arrays.copyOf(names, count);
            nameBytes = Arrays.copyOf(nameBytes, count);
        }
        int size = PackedRecord.FIXED;
        for (int i = 0; i < count; i++) {
            Task.Header header = headers.get(i);
            String name = header.name();
            if (!name.equals(names[i])) {
                names[i] = name;
                nameBytes[i] = name.getBytes(UTF_8);
            }
            size = sum(task, sum(task, size + PackedRecord.FIXED_OF_HEADER, nameBytes[i]), header.value());
        }
        return size;
    }

    private byte[] topicBytes(String name) {
        if (!name.equals(topic)) {
            topic = name;
            topicBytes = name.getBytes(UTF_8);
        }
        return topicBytes;
    }

    private static int sum(Task task, int size, byte[] bytes) {
        int sum = bytes == null ? size : size + bytes.length;
        if (sum < 0) {
            throw tooLarge(task);
        }
        return sum;
    }

    private static int put(ByteBuffer out, int at, byte[] bytes) {
        if (bytes == null) {
            return at;
        }
        out.put(at, bytes, 0, bytes.length);
        return at + bytes.length;
    }

    private static int capacityFor(Task task, int size) {
        if (size > Integer.MAX_VALUE - SIZE) {
            throw tooLarge(task);
        }
        int needed = size + SIZE;
        return needed > 1 << 30 ? needed : Math.max(FIRST_CAPACITY, Integer.highestOneBit(needed - 1) << 1);
    }

    private static ArithmeticException tooLarge(Task task) {
        return new ArithmeticException("the record " + task + " has more than 2 GiB");
    }

    private void allocate(int capacity) {
        buffer = ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
        announce.accept(buffer);
    }
}
