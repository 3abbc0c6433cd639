package io.github.wasmton.wasmtime;

import java.time.Duration;
import java.util.Objects;

import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * A linear memory that instances in several Stores of an {@link Engine} use concurrently, each on its own thread. It
 * belongs to no Store: any thread may use it, also while wasm runs with it, and {@link Extern#fromSharedMemory} adds it
 * to a Store. {@link #close} closes this handle only; the memory is freed with the last Store and handle that have it.
 *
 * <p>Its Engine needs {@link Config#sharedMemory}. {@link StoreLimits} do not count it; its maximum limits it.
 *
 * <p>Accessors for integers are atomic and sequentially consistent at addresses that are multiples of the size, with
 * each other and with wasm's atomic instructions. At other addresses, and in {@link #read} and {@link #write}, a reader
 * may see some bytes of one writer and some of another, in any order. Publish such data with an aligned integer, or
 * with {@link #atomicWait32} and {@link #atomicNotify}.
 */
public final class SharedMemory extends NativeObject {
    static {
        NativeLibrary.register(SharedMemory.class);
    }

    /** The end of a wait. */
    public enum WaitResult {
        /** Woken by {@link SharedMemory#atomicNotify} or wasm's {@code memory.atomic.notify}. */
        OK,
        /** Returned at once, because the value differed from the expected one. */
        MISMATCH,
        /** Ended by the timeout. */
        TIMED_OUT
    }

    private static final WaitResult[] RESULTS = WaitResult.values();
    private static final Duration LONGEST = Duration.ofDays(366);

    private SharedMemory(long handle) {
        super(handle, SharedMemory::destroy);
    }

    /**
     * Creates a memory.
     *
     * @throws IllegalArgumentException if the type is not shared or its sizes are out of range
     * @throws WasmtimeException        if the Engine's Config has no sharedMemory, or there is not enough memory
     */
    public SharedMemory(Engine engine, MemoryType type) {
        this(create(engine, type));
    }

    private static long create(Engine engine, MemoryType type) {
        Objects.requireNonNull(engine, "engine");
        if (!type.isShared()) {
            throw new IllegalArgumentException("the type is not shared: use Memory, or MemoryType.shared");
        }
        return create(handleOf(engine), type.minimum(), type.maximum().orElse(-1), type.is64(), type.pageSize());
    }

    /** Returns a new handle of a memory that a Store has. */
    static SharedMemory of(Store store, int index) {
        return new SharedMemory(of(handleOf(store), index));
    }

    /** Adds the memory to a Store and returns its number there. */
    int addTo(Store store) {
        return add(handleOf(this), handleOf(store));
    }

    /** Returns the memory's type as it was created: its minimum is the initial size. */
    public MemoryType type() {
        return (MemoryType) ExternTypes.parse(describe(handleOf(this)));
    }

    /** Returns the size in pages of {@link MemoryType#pageSize} bytes, the unit of {@link #grow}. */
    public long size() {
        return size(handleOf(this));
    }

    /** Returns the size in bytes. */
    public long dataSize() {
        return dataSize(handleOf(this));
    }

    /**
     * Adds pages, for all users of the memory.
     *
     * @return the size before, in pages; -1 if the memory cannot grow that far
     */
    public long grow(long pages) {
        return grow(handleOf(this), pages);
    }

    /**
     * Copies bytes out of the memory.
     *
     * @throws IndexOutOfBoundsException if either range is out of bounds; nothing is copied then
     */
    public void read(long address, byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, target.length);
        read(handleOf(this), address, target, offset, length);
    }

    /**
     * Copies bytes into the memory.
     *
     * @throws IndexOutOfBoundsException if either range is out of bounds; nothing is copied then
     */
    public void write(long address, byte[] source, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, source.length);
        write(handleOf(this), address, source, offset, length);
    }

    /**
     * Reads the byte at an address.
     *
     * @throws IndexOutOfBoundsException if the address is out of bounds; the other accessors throw it too
     */
    public byte getByte(long address) {
        return (byte) load(handleOf(this), address, Byte.BYTES);
    }

    /** Reads two bytes at an address as a little-endian integer. */
    public short getShort(long address) {
        return (short) load(handleOf(this), address, Short.BYTES);
    }

    /** Reads four bytes at an address as a little-endian integer. */
    public int getInt(long address) {
        return (int) load(handleOf(this), address, Integer.BYTES);
    }

    /** Reads eight bytes at an address as a little-endian integer. */
    public long getLong(long address) {
        return load(handleOf(this), address, Long.BYTES);
    }

    /** Writes a byte at an address. */
    public void putByte(long address, byte value) {
        save(handleOf(this), address, Byte.BYTES, value);
    }

    /** Writes an integer of two bytes at an address, little-endian. */
    public void putShort(long address, short value) {
        save(handleOf(this), address, Short.BYTES, value);
    }

    /** Writes an integer of four bytes at an address, little-endian. */
    public void putInt(long address, int value) {
        save(handleOf(this), address, Integer.BYTES, value);
    }

    /** Writes an integer of eight bytes at an address, little-endian. */
    public void putLong(long address, long value) {
        save(handleOf(this), address, Long.BYTES, value);
    }

    /**
     * Wakes threads that wait at an address, in wasm's {@code memory.atomic.wait} or in this class.
     *
     * @param count the maximum number of threads to wake
     * @return the number of threads woken
     * @throws IllegalArgumentException if the address is not a multiple of 4
     */
    public int atomicNotify(long address, int count) {
        return notify(handleOf(this), address, count);
    }

    /**
     * Blocks this thread until it is woken at an address, if the integer there equals the expected one.
     *
     * @param timeout the maximum time to wait; {@link Thread#interrupt} does not end the wait
     * @throws IllegalArgumentException if the address is not a multiple of 4
     */
    public WaitResult atomicWait32(long address, int expected, Duration timeout) {
        return wait(address, Integer.BYTES, expected, timeout);
    }

    /**
     * Blocks this thread until it is woken at an address, if the integer there equals the expected one.
     *
     * @param timeout the maximum time to wait; {@link Thread#interrupt} does not end the wait
     * @throws IllegalArgumentException if the address is not a multiple of 8
     */
    public WaitResult atomicWait64(long address, long expected, Duration timeout) {
        return wait(address, Long.BYTES, expected, timeout);
    }

    private WaitResult wait(long address, int bytes, long expected, Duration timeout) {
        long nanos = timeout.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : timeout.toNanos();
        return RESULTS[wait(handleOf(this), address, bytes, expected, nanos)];
    }

    private static native long create(long engine, long minimum, long maximum, boolean is64, int pageSize);

    private static native long of(long store, int item);

    private static native int add(long memory, long store);

    private static native String describe(long memory);

    private static native long size(long memory);

    private static native long dataSize(long memory);

    private static native long grow(long memory, long pages);

    private static native long load(long memory, long address, int bytes);

    private static native void save(long memory, long address, int bytes, long value);

    private static native void read(long memory, long address, byte[] target, int offset, int length);

    private static native void write(long memory, long address, byte[] source, int offset, int length);

    private static native int notify(long memory, long address, int count);

    private static native int wait(long memory, long address, int bytes, long expected, long nanos);

    private static native void destroy(long memory);
}
