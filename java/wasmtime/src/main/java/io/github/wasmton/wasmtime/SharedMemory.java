package io.github.wasmton.wasmtime;

import java.time.Duration;
import java.util.Objects;

import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * A linear memory that instances in several Stores of an {@link Engine} use at a time, each on its thread. It belongs to
 * no Store: any thread may use it, also while wasm runs with it, and {@link Extern#fromSharedMemory} brings it into a
 * Store. What is closed is this handle; the memory goes with the last Store and handle that have it.
 *
 * <p>Its Engine needs {@link Config#sharedMemory}. {@link StoreLimits} do not count it, its maximum does.
 *
 * <p>Numbers at addresses that are multiples of their size are read and written at once, and in one order with each
 * other and with wasm's atomic instructions. Other numbers, {@link #read} and {@link #write} may see and leave some bytes
 * of one writer and some of another, and say nothing about order: use a number, or {@link #atomicWait32} and
 * {@link #atomicNotify}, to tell others that they are there.
 */
public final class SharedMemory extends NativeObject {
    static {
        NativeLibrary.register(SharedMemory.class);
    }

    /** How a wait ended. */
    public enum WaitResult {
        /** By {@link SharedMemory#atomicNotify} or wasm's {@code memory.atomic.notify}. */
        OK,
        /** At once, as another value was there than the expected one. */
        MISMATCH,
        /** As nobody woke the thread in that time. */
        TIMED_OUT
    }

    private static final WaitResult[] RESULTS = WaitResult.values();
    private static final Duration LONGEST = Duration.ofDays(366);

    private SharedMemory(long handle) {
        super(handle, SharedMemory::destroy);
    }

    /**
     * Makes a memory.
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

    /** One that a Store has, by a handle of its own. */
    static SharedMemory of(Store store, int index) {
        return new SharedMemory(of(handleOf(store), index));
    }

    /** Brings it into a Store; its number there. */
    int addTo(Store store) {
        return add(handleOf(this), handleOf(store));
    }

    /** The memory's type, as it was made: its minimum is the size at first. */
    public MemoryType type() {
        return (MemoryType) ExternTypes.parse(describe(handleOf(this)));
    }

    /** The size in bytes. It only grows. */
    public long size() {
        return size(handleOf(this));
    }

    /**
     * Adds pages, for all who have the memory.
     *
     * @return the size before, in pages; -1 if it cannot grow so far
     */
    public long grow(long pages) {
        return grow(handleOf(this), pages);
    }

    /**
     * Copies bytes out of the memory.
     *
     * @throws IndexOutOfBoundsException if either range is not there; nothing is copied then
     */
    public void read(long address, byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, target.length);
        read(handleOf(this), address, target, offset, length);
    }

    /**
     * Copies bytes into the memory.
     *
     * @throws IndexOutOfBoundsException if either range is not there; nothing is copied then
     */
    public void write(long address, byte[] source, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, source.length);
        write(handleOf(this), address, source, offset, length);
    }

    /**
     * The byte at an address.
     *
     * @throws IndexOutOfBoundsException if it is not there; so do the other accessors
     */
    public byte getByte(long address) {
        return (byte) load(handleOf(this), address, Byte.BYTES);
    }

    /** The little-endian number of two bytes at an address. */
    public short getShort(long address) {
        return (short) load(handleOf(this), address, Short.BYTES);
    }

    /** The little-endian number of four bytes at an address. */
    public int getInt(long address) {
        return (int) load(handleOf(this), address, Integer.BYTES);
    }

    /** The little-endian number of eight bytes at an address. */
    public long getLong(long address) {
        return load(handleOf(this), address, Long.BYTES);
    }

    /** Writes a byte to an address. */
    public void putByte(long address, byte value) {
        save(handleOf(this), address, Byte.BYTES, value);
    }

    /** Writes a number of two bytes to an address, little-endian. */
    public void putShort(long address, short value) {
        save(handleOf(this), address, Short.BYTES, value);
    }

    /** Writes a number of four bytes to an address, little-endian. */
    public void putInt(long address, int value) {
        save(handleOf(this), address, Integer.BYTES, value);
    }

    /** Writes a number of eight bytes to an address, little-endian. */
    public void putLong(long address, long value) {
        save(handleOf(this), address, Long.BYTES, value);
    }

    /**
     * Wakes threads that wait at an address, in {@code memory.atomic.wait} of wasm or here.
     *
     * @param count so many at most
     * @return how many it woke
     * @throws IllegalArgumentException if the address is not a multiple of 4
     */
    public int atomicNotify(long address, int count) {
        return notify(handleOf(this), address, count);
    }

    /**
     * Lets this thread wait until it is woken at an address, if the number there is the expected one.
     *
     * @param timeout so long at most; {@link Thread#interrupt} does not end it before
     * @throws IllegalArgumentException if the address is not a multiple of 4
     */
    public WaitResult atomicWait32(long address, int expected, Duration timeout) {
        return wait(address, Integer.BYTES, expected, timeout);
    }

    /**
     * Lets this thread wait until it is woken at an address, if the number there is the expected one.
     *
     * @param timeout so long at most; {@link Thread#interrupt} does not end it before
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

    private static native long grow(long memory, long pages);

    private static native long load(long memory, long address, int bytes);

    private static native void save(long memory, long address, int bytes, long value);

    private static native void read(long memory, long address, byte[] target, int offset, int length);

    private static native void write(long memory, long address, byte[] source, int offset, int length);

    private static native int notify(long memory, long address, int count);

    private static native int wait(long memory, long address, int bytes, long expected, long nanos);

    private static native void destroy(long memory);
}
