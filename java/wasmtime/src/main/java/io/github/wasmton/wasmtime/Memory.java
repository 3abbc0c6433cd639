package io.github.wasmton.wasmtime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * A linear memory. It belongs to its {@link Store} and lives as long as that; only a {@link #buffer} may be used
 * beyond.
 */
public final class Memory implements AutoCloseable {
    static {
        NativeLibrary.register(Memory.class);
    }

    /**
     * So many buffers that nobody has collected yet are too many: each may be all that keeps 4 GiB of address space, of
     * which there are 128 TiB, and the collector does not know.
     */
    private static final int MANY = 8192;
    private static final AtomicInteger UNCOLLECTED = new AtomicInteger();
    private static final AtomicInteger SINCE_COLLECTED = new AtomicInteger();

    final Store store;
    final int index;
    /** Over the whole memory as it was when last asked for; volatile, since an address must not be seen half made. */
    private volatile ByteBuffer mapped;

    Memory(Store store, int index) {
        this.store = store;
        this.index = index;
    }

    /**
     * Makes a memory.
     *
     * @throws IllegalArgumentException if the type is shared or its sizes are out of range
     * @throws WasmtimeException        if there is not enough memory for it
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

    /** The memory's type, as it was made: its minimum is the size at first. */
    public MemoryType type() {
        return (MemoryType) Extern.type(store, index);
    }

    /**
     * The whole memory as a buffer, little-endian, at position 0. Reads and writes go straight to the memory, from any
     * thread and without order between them. A buffer stays valid for ever: what it maps is kept while it can be
     * reached, even after the Store was closed. When the memory has grown it goes on to show the part it did; ask for a
     * new one to see the rest.
     *
     * @throws IllegalStateException    if the Store is closed or another thread is using it
     * @throws IllegalArgumentException if the memory is larger than a ByteBuffer can be, 2 GiB
     */
    public ByteBuffer buffer() {
        ByteBuffer whole = mapped;
        if (whole == null || whole.capacity() != size()) {
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

    /** The size in bytes. */
    public long size() {
        return size(Store.handleOf(store), index);
    }

    /**
     * Adds pages of 64 KiB.
     *
     * @return the size before, in pages; -1 if it cannot grow so far
     */
    public long grow(long pages) {
        return grow(Store.handleOf(store), index, pages);
    }

    /**
     * Copies bytes out of the memory.
     *
     * @throws IndexOutOfBoundsException if either range is not there; nothing is copied then
     */
    public void read(long address, byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, target.length);
        read(Store.handleOf(store), index, address, target, offset, length);
    }

    /**
     * Copies bytes into the memory.
     *
     * @throws IndexOutOfBoundsException if either range is not there; nothing is copied then
     */
    public void write(long address, byte[] source, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, source.length);
        write(Store.handleOf(store), index, address, source, offset, length);
    }

    /**
     * The byte at an address.
     *
     * @throws IndexOutOfBoundsException if it is not there; so do the other accessors
     */
    public byte getByte(long address) {
        return (byte) load(address, Byte.BYTES);
    }

    /** The little-endian number of two bytes at an address. */
    public short getShort(long address) {
        return (short) load(address, Short.BYTES);
    }

    /** The little-endian number of four bytes at an address. */
    public int getInt(long address) {
        return (int) load(address, Integer.BYTES);
    }

    /** The little-endian number of eight bytes at an address. */
    public long getLong(long address) {
        return load(address, Long.BYTES);
    }

    /** The little-endian float of four bytes at an address. */
    public float getFloat(long address) {
        return Float.intBitsToFloat(getInt(address));
    }

    /** The little-endian float of eight bytes at an address. */
    public double getDouble(long address) {
        return Double.longBitsToDouble(getLong(address));
    }

    /** Bytes in UTF-8 as a string; those that are none become U+FFFD. */
    public String getString(long address, int length) {
        byte[] bytes = new byte[length];
        read(address, bytes, 0, length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Writes a byte to an address. */
    public void putByte(long address, byte value) {
        save(address, Byte.BYTES, value);
    }

    /** Writes a number of two bytes to an address, little-endian. */
    public void putShort(long address, short value) {
        save(address, Short.BYTES, value);
    }

    /** Writes a number of four bytes to an address, little-endian. */
    public void putInt(long address, int value) {
        save(address, Integer.BYTES, value);
    }

    /** Writes a number of eight bytes to an address, little-endian. */
    public void putLong(long address, long value) {
        save(address, Long.BYTES, value);
    }

    /** Writes a float of four bytes to an address, little-endian. */
    public void putFloat(long address, float value) {
        putInt(address, Float.floatToRawIntBits(value));
    }

    /** Writes a float of eight bytes to an address, little-endian. */
    public void putDouble(long address, double value) {
        putLong(address, Double.doubleToRawLongBits(value));
    }

    /**
     * Writes a string in UTF-8, without a zero at its end.
     *
     * @return how many bytes it took
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

    /** Does nothing: a memory goes with its Store. */
    @Override
    public void close() {}

    private static native int create(long store, long minimum, long maximum, boolean is64, int pageSize);

    private static native long load(long store, int memory, long address, int bytes);

    private static native void save(long store, int memory, long address, int bytes, long value);

    private static native long size(long store, int memory);

    private static native long grow(long store, int memory, long pages);

    private static native ByteBuffer map(long store, int memory);

    private static native void read(long store, int memory, long address, byte[] target, int offset, int length);

    private static native void write(long store, int memory, long address, byte[] source, int offset, int length);
}
