package io.github.kawamuray.wasmtime;

/** A global variable: {@link io.github.wasmton.wasmtime.Global}. */
public class Global implements Disposable {
    final io.github.wasmton.wasmtime.Global delegate;

    Global(io.github.wasmton.wasmtime.Global delegate) {
        this.delegate = delegate;
    }

    /** Returns the value. */
    public <T> Val get(Store<T> store) {
        return Val.of(Val.Type.of(delegate.type().content()), delegate.get());
    }

    /**
     * Changes the value.
     *
     * @throws IllegalStateException if the variable is not mutable
     * @throws WasmtimeException     if the value does not match the type
     */
    public <T> void set(Store<T> store, Val value) {
        if (!isMutable(store)) {
            throw new IllegalStateException("the global variable is not mutable");
        }
        Exceptions.run(() -> delegate.set(Val.unwrap(value)));
    }

    /** Returns whether the value can change. */
    public <T> boolean isMutable(Store<T> store) {
        return delegate.type().mutable();
    }

    @Override
    public void dispose() {}
}
