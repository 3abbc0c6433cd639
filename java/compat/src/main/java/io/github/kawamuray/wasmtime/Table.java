package io.github.kawamuray.wasmtime;

/** A table: {@link io.github.wasmton.wasmtime.Table}. It can only be passed on, by {@link Extern#fromTable}. */
public class Table implements Disposable {
    final io.github.wasmton.wasmtime.Table delegate;

    Table(io.github.wasmton.wasmtime.Table delegate) {
        this.delegate = delegate;
    }

    @Override
    public void dispose() {}
}
