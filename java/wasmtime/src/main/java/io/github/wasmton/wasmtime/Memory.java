package io.github.wasmton.wasmtime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * A linear memory. It belongs to its {@link Store} and lives as long as that Store; only a {@link #buffer} outlives it.
 */
public final class Memory implements AutoCloseable {
    static {
        NativeLibrary.register(Memory.class);
    }

    /**
     * Number of uncollected buffers that triggers a collection. Each may be all that keeps 4 GiB of address space
     * alive, of which there are 128 TiB, and the collector does not know.
     */
    private static final int MANY = 8192;
    private static final AtomicInteger UNCOLLECTED = new AtomicInteger();
    private static final AtomicInteger SINCE_COLLECTED = new AtomicInteger();

    final Store store;
    final int index;
    /**
     * A buffer of the whole memory at the time of the last request. Volatile, so that no thread sees a partly
     * constructed buffer.
     */
    private volatile ByteBuffer mapped;

    Memory(Store store, int index) {
        this.store = store;
        this.index = index;
    }

    /**
     * Creates a memory.
     *
     * @throws IllegalArgumentException if the type is shared or its sizes are out of range
     * @throws WasmtimeException        if the system has too little memory
     */
    public Memory(Store store, MemoryType type) {
        this(store, create(store, type));
    }

    private static int create(Store store, MemoryType type) {
        if (type.isShared()) {
            throw new IllegalArgumentException("a shared memory belongs to no Store: use SharedMemory");
        }
        return create(Store.handleOf(store), type.minimum(), type.maximum().orElse(-1), type.is64(), type.pageSize());
    }

    /** Returns the memory's type as it was created: its minimum is the initial size. */
    public MemoryType type() {
        return (MemoryType) Extern.type(store, index);
    }

    /**
     * Returns the whole memory as a buffer, little-endian, at position 0. Reads and writes go directly to the memory,
     * from any thread, without ordering between threads. A buffer stays valid forever: its mapping is kept while the
     * buffer is reachable, even after the Store is closed. When the memory grows, the buffer keeps showing the part it
     * covered before; ask for a new one to see the rest.
     *
     * @throws IllegalStateException    if the Store is closed or another thread is using it
     * @throws IllegalArgumentException if the memory is larger than 2 GiB, the limit of a ByteBuffer
     */
    public ByteBuffer buffer() {
        ByteBuffer whole = mapped;
        if (whole == null || whole.capacity() != dataSize()) {
            whole = map();
            mapped = whole;
        }
        return whole.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    private ByteBuffer map() {
        long handle = Store.handleOf(store);
        ByteBuffer whole = map(handle, index);
        NativeObject.whenUnreachable(whole, () -> {
            UNCOLLECTED.decrementAndGet();
            Store.unpin(handle);
        });
        if (UNCOLLECTED.incrementAndGet() >= MANY && SINCE_COLLECTED.incrementAndGet() >= MANY) {
            SINCE_COLLECTED.set(0);
            System.gc();
        }
        return whole;
    }

    /** Returns the size in pages of {@link MemoryType#pageSize} bytes, the unit of {@link #grow}. */
    public long size() {
        return size(Store.handleOf(store), index);
    }

    /** Returns the size in bytes. */
    public long dataSize() {
        return dataSize(Store.handleOf(store), index);
    }

    /**
     * Adds pages of 64 KiB.
     *
     * @return the size before, in pages; -1 if the memory cannot grow that far
     */
    public long grow(long pages) {
        return grow(Store.handleOf(store), index, pages);
    }

    /**
     * Copies bytes out of the memory.
     *
     * @throws IndexOutOfBoundsException if either range is out of bounds; nothing is copied then
     */
    public void read(long address, byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, target.length);
        read(Store.handleOf(store), index, address, target, offset, length);
    }

    /**
     * Copies bytes into the memory.
     *
     * @throws IndexOutOfBoundsException if either range is out of bounds; nothing is copied then
     */
    public void write(long address, byte[] source, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, source.length);
        write(Store.handleOf(store), index, address, source, offset, length);
    }

    /**
     * Reads the byte at an address.
     *
     * @throws IndexOutOfBoundsException if the address is out of bounds; the other accessors throw it too
     */
    public byte getByte(long address) {
        return (byte) load(address, Byte.BYTES);
    }

    /** Reads two bytes at an address as a little-endian integer. */
    public short getShort(long address) {
        return (short) load(address, Short.BYTES);
    }

    /** Reads four bytes at an address as a little-endian integer. */
    public int getInt(long address) {
        return (int) load(address, Integer.BYTES);
    }

    /** Reads eight bytes at an address as a little-endian integer. */
    public long getLong(long address) {
        return load(address, Long.BYTES);
    }

    /** Reads four bytes at an address as a little-endian float. */
    public float getFloat(long address) {
        return Float.intBitsToFloat(getInt(address));
    }

    /** Reads eight bytes at an address as a little-endian double. */
    public double getDouble(long address) {
        return Double.longBitsToDouble(getLong(address));
    }

    /** Reads a string in UTF-8. Malformed bytes become U+FFFD. */
    public String getString(long address, int length) {
        byte[] bytes = new byte[length];
        read(address, bytes, 0, length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Writes a byte at an address. */
    public void putByte(long address, byte value) {
        save(address, Byte.BYTES, value);
    }

    /** Writes an integer of two bytes at an address, little-endian. */
    public void putShort(long address, short value) {
        save(address, Short.BYTES, value);
    }

    /** Writes an integer of four bytes at an address, little-endian. */
    public void putInt(long address, int value) {
        save(address, Integer.BYTES, value);
    }

    /** Writes an integer of eight bytes at an address, little-endian. */
    public void putLong(long address, long value) {
        save(address, Long.BYTES, value);
    }

    /** Writes a float of four bytes at an address, little-endian. */
    public void putFloat(long address, float value) {
        putInt(address, Float.floatToRawIntBits(value));
    }

    /** Writes a double of eight bytes at an address, little-endian. */
    public void putDouble(long address, double value) {
        putLong(address, Double.doubleToRawLongBits(value));
    }

    /**
     * Writes a string in UTF-8, without a terminating zero.
     *
     * @return the number of bytes written
     */
    public int putString(long address, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        write(address, bytes, 0, bytes.length);
        return bytes.length;
    }

    private long load(long address, int bytes) {
        return load(Store.handleOf(store), index, address, bytes);
    }

    private void save(long address, int bytes, long value) {
        save(Store.handleOf(store), index, address, bytes, value);
    }

    /** Does nothing: a memory ends with its Store. */
    @Override
    public void close() {}

    private static native int create(long store, long minimum, long maximum, boolean is64, int pageSize);

    private static native long load(long store, int memory, long address, int bytes);

    private static native void save(long store, int memory, long address, int bytes, long value);

    private static native long size(long store, int memory);

    private static native long dataSize(long store, int memory);

    private static native long grow(long store, int memory, long pages);

    private static native ByteBuffer map(long store, int memory);

    private static native void read(long store, int memory, long address, byte[] target, int offset, int length);

    private static native void write(long store, int memory, long address, byte[] source, int offset, int length);
}
