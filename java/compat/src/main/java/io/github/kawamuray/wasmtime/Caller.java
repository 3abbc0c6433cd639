package io.github.kawamuray.wasmtime;

import java.util.Optional;

/**
 * The instance that called a host function: {@link io.github.wasmton.wasmtime.Caller}.
 *
 * @param <T> the class of the Store's data
 */
public class Caller<T> implements Disposable {
    private final io.github.wasmton.wasmtime.Caller delegate;
    private final Store<T> store;

    Caller(io.github.wasmton.wasmtime.Caller delegate, Store<T> store) {
        this.delegate = delegate;
        this.store = store;
    }

    /** Returns an export of the calling instance by its name; empty if there is none. */
    public Optional<Extern> getExport(String name) {
        return delegate.getExport(name).map(Extern::new);
    }

    /** Returns the Store's data. */
    public T data() {
        return store.data();
    }

    @Override
    public void dispose() {
        delegate.close();
    }
}
