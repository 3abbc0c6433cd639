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
 * Memory that tasks for a component or a guest of protocol 1 are packed into, where Rust reads them: {@link
 * PackedRecord}s, each behind its size, an int. Once the guest has a task, the same memory carries what a core module
 * exchanges with its stores, and in the end the records that it produced. It allocates nothing for tasks of the same
 * topic and with the same names of headers as the one before. One thread at a time uses it, from {@link #begin} to
 * {@link #end}.
 */
final class TaskBuffer {
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
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
    /** Capacity for a series, which ends there unless its first task is larger. */
    static final int SERIES_CAPACITY = 128 * 1024;
    /** Capacity for a batch, in bytes; a task that is larger gets more. */
    static final int BATCH_CAPACITY = 1024 * 1024;
    /** Length of the longest array. */
    private static final int MOST = Integer.MAX_VALUE - 8;

    private final Consumer<ByteBuffer> announce;
    private boolean inUse;
    /** The tasks until {@link #flush}: an array is faster to fill piece by piece. */
    private byte[] packed;
    private int length;
    /** Memory for Rust, as long as the array. */
    private ByteBuffer buffer;

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

    /** Makes room for that many bytes. */
    void reserve(int capacity) {
        if (packed.length < capacity) {
            allocate(capacity);
        }
    }

    /** Packs a task behind those that are there. Returns false, and packs nothing, if it does not fit. */
    boolean add(Task task) {
        int end = pack(task, packed, length);
        if (end < 0) {
            if (length > 0) {
                return false;
            }
            allocate(capacityFor(task));
            end = pack(task, packed, 0);
        }
        length = end;
        return true;
    }

    /** Packs a task at that place. Returns its end, or -1 if there is no room for it. */
    private int pack(Task task, byte[] out, int start) {
        byte[] topic = topicBytes(task.topic());
        byte[] key = task.key();
        byte[] value = task.value();
        List<Task.Header> headers = task.headers();
        int count = headers.size();
        int at = start + SIZE;
        if (out.length - at < (long) PackedRecord.FIXED + topic.length + size(key) + size(value)) {
            return -1;
        }
        INTS.set(out, at, task.partition());
        INTS.set(out, at + 4, task.attempt());
        LONGS.set(out, at + 8, task.offset());
        LONGS.set(out, at + 16, task.timestamp());
        INTS.set(out, at + 24, topic.length);
        INTS.set(out, at + 28, PackedRecord.length(key));
        INTS.set(out, at + 32, PackedRecord.length(value));
        INTS.set(out, at + 36, count);
        at = put(out, put(out, put(out, at + PackedRecord.FIXED, topic), key), value);
        if (count > 0) {
            at = packHeaders(headers, count, out, at);
            if (at < 0) {
                return -1;
            }
        }
        INTS.set(out, start, at - start - SIZE);
        return at;
    }

    private int packHeaders(List<Task.Header> headers, int count, byte[] out, int start) {
        if (names.length < count) {
            names = Arrays.copyOf(names, count);
            nameBytes = Arrays.copyOf(nameBytes, count);
        }
        int at = start;
        for (int i = 0; i < count; i++) {
            Task.Header header = headers.get(i);
            byte[] name = nameBytes(i, header.name());
            byte[] value = header.value();
            if (out.length - at < (long) PackedRecord.FIXED_OF_HEADER + name.length + size(value)) {
                return -1;
            }
            INTS.set(out, at, name.length);
            INTS.set(out, at + 4, PackedRecord.length(value));
            at = put(out, put(out, at + PackedRecord.FIXED_OF_HEADER, name), value);
        }
        return at;
    }

    private byte[] topicBytes(String name) {
        if (!name.equals(topic)) {
            topic = name;
            topicBytes = name.getBytes(UTF_8);
        }
        return topicBytes;
    }

    private byte[] nameBytes(int i, String name) {
        if (!name.equals(names[i])) {
            names[i] = name;
            nameBytes[i] = name.getBytes(UTF_8);
        }
        return nameBytes[i];
    }

    private static int size(byte[] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    private static int put(byte[] out, int at, byte[] bytes) {
        if (bytes == null) {
            return at;
        }
        System.arraycopy(bytes, 0, out, at, bytes.length);
        return at + bytes.length;
    }

    /** Copies the tasks to the memory for Rust, and returns their length. */
    int flush() {
        buffer.put(0, packed, 0, length);
        return length;
    }

    /** Returns the memory, which {@link #add} can replace. */
    ByteBuffer memory() {
        return buffer;
    }

    /**
     * Returns the records that Rust left in the memory, behind their length, when it said that there are some;
     * {@code null} if they did not fit.
     */
    List<Output> outputs() {
        int size = buffer.getInt(0);
        if (size < 0) {
            return null;
        }
        try {
            return PackedRecord.outputs(buffer.limit(SIZE + size).position(SIZE));
        } finally {
            buffer.clear();
        }
    }

    private static int capacityFor(Task task) {
        long needed = SIZE + PackedRecord.size(task);
        if (needed > MOST) {
            throw new ArithmeticException("the record " + task + " has more than 2 GiB");
        }
        return Math.max(FIRST_CAPACITY, (int) Math.min(MOST, Long.highestOneBit(needed - 1) << 1));
    }

    private void allocate(int capacity) {
        packed = new byte[capacity];
        buffer = ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
        announce.accept(buffer);
    }
}
