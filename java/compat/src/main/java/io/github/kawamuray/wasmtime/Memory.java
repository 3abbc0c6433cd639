package io.github.kawamuray.wasmtime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import io.github.kawamuray.wasmtime.internal.WasiSettings;

/** A linear memory: {@link io.github.wasmton.wasmtime.Memory}. */
public class Memory implements Disposable {
    final io.github.wasmton.wasmtime.Memory delegate;

    Memory(io.github.wasmton.wasmtime.Memory delegate) {
        this.delegate = delegate;
    }

    /** Creates a memory. */
    public <T> Memory(Store<T> store, MemoryType type) {
        this(Exceptions.call(() -> new io.github.wasmton.wasmtime.Memory(store.delegate, type.delegate())));
    }

    /**
     * Not supported.
     *
     * @throws UnsupportedOperationException always
     */
    public Memory(long innerPtr) {
        throw WasiSettings.noPointer();
    }

    /** Returns the whole memory as a buffer, big-endian as those of 0.19.0 are; wasm itself is little-endian. */
    public <T> ByteBuffer buffer(Store<T> store) {
        return delegate.buffer().order(ByteOrder.BIG_ENDIAN);
    }

    /** Returns the size in bytes. */
    public <T> long dataSize(Store<T> store) {
        return delegate.dataSize();
    }

    /** Returns the size in pages. */
    public <T> int size(Store<T> store) {
        return (int) delegate.size();
    }

    /**
     * Adds pages.
     *
     * @return the size before, in pages
     * @throws WasmtimeException if the memory cannot grow that far
     */
    public <T> int grow(Store<T> store, long pages) {
        long before = Exceptions.call(() -> delegate.grow(pages));
        if (before < 0) {
            throw new WasmtimeException("the memory of " + size(store) + " pages cannot grow by " + pages);
        }
        return (int) before;
    }

    @Override
    public void dispose() {}
}
