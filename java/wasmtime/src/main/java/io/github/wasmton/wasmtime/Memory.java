package io.github.wasmton.wasmtime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

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

    final Store store;
    final int index;
    /** Over the whole memory as it was when last asked for; volatile, since an address must not be seen half made. */
    private volatile ByteBuffer mapped;

    Memory(Store store, int index) {
        this.store = store;
        this.index = index;
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
        NativeObject.whenUnreachable(whole, () -> Store.unpin(handle));
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

    /** Does nothing: a memory goes with its Store. */
    @Override
    public void close() {}

    private static native long size(long store, int memory);

    private static native long grow(long store, int memory, long pages);

    private static native ByteBuffer map(long store, int memory);

    private static native void read(long store, int memory, long address, byte[] target, int offset, int length);

    private static native void write(long store, int memory, long address, byte[] source, int offset, int length);
}
