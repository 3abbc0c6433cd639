package io.github.kawamuray.wasmtime;

import io.github.kawamuray.wasmtime.internal.WasiSettings;
import io.github.kawamuray.wasmtime.wasi.WasiCtx;
import io.github.wasmton.wasmtime.wasi.Wasi;

/**
 * The owner of instances and their items, with an object for host functions: {@link io.github.wasmton.wasmtime.Store}.
 * An item knows its Store. The methods of other classes take one as 0.19.0 does, and do not look at it.
 *
 * @param <T> the class of that object
 */
public class Store<T> implements Disposable {
    final io.github.wasmton.wasmtime.Store delegate;
    /** The WASI context; null without one. */
    final Wasi wasi;
    private final T data;

    /** Creates a Store with a default engine, without data. */
    public static Store<Void> withoutData() {
        return new Store<>(null);
    }

    /** Creates a Store with a default engine and WASI, without data. */
    public static Store<Void> withoutData(WasiCtx wasi) {
        return new Store<>(null, wasi);
    }

    /** Creates a Store with a default engine. */
    public Store(T data) {
        this(data, (WasiCtx) null);
    }

    /** Creates a Store of an engine. */
    public Store(T data, Engine engine) {
        this(data, engine, null);
    }

    /** Creates a Store with a default engine and WASI. */
    public Store(T data, WasiCtx wasi) {
        this(data, new io.github.wasmton.wasmtime.Store(), wasi);
    }

    /** Creates a Store of an engine with WASI. */
    public Store(T data, Engine engine, WasiCtx wasi) {
        this(data, new io.github.wasmton.wasmtime.Store(engine.delegate), wasi);
    }

    private Store(T data, io.github.wasmton.wasmtime.Store delegate, WasiSettings wasi) {
        this.data = data;
        this.delegate = delegate;
        this.wasi = wasi == null ? null : Exceptions.call(() -> new Wasi(delegate, WasiSettings.config(wasi)));
    }

    /** Returns this Store's engine, by a new handle: closing it does not affect the Store. */
    public Engine engine() {
        return new Engine(delegate.engine());
    }

    /** Returns the object that this Store was created with. */
    public T data() {
        return data;
    }

    /** Makes wasm trap once the engine's epoch has advanced by that many ticks. */
    public void setEpochDeadline(long ticks) {
        delegate.setEpochDeadline(ticks);
    }

    @Override
    public void dispose() {
        delegate.close();
    }

    /** Collects references that wasm no longer holds. */
    public void gc() {
        delegate.gc();
    }

    /**
     * Not supported.
     *
     * @throws UnsupportedOperationException always
     */
    public long innerPtr() {
        throw WasiSettings.noPointer();
    }
}
