package io.github.kawamuray.wasmtime;

/** Compiled WebAssembly code: {@link io.github.wasmton.wasmtime.Module}. */
public class Module implements Disposable {
    final io.github.wasmton.wasmtime.Module delegate;

    /** Compiles wasm in the binary or the text format. */
    public Module(Engine engine, byte[] wasm) {
        this(Exceptions.call(() -> io.github.wasmton.wasmtime.Module.fromBinary(engine.delegate, wasm)));
    }

    private Module(io.github.wasmton.wasmtime.Module delegate) {
        this.delegate = delegate;
    }

    /** Compiles a file in the binary or the text format. */
    public static Module fromFile(Engine engine, String path) {
        return new Module(Exceptions.call(() -> io.github.wasmton.wasmtime.Module.fromFile(engine.delegate, path)));
    }

    /** Compiles wasm in the binary or the text format. */
    public static Module fromBinary(Engine engine, byte[] wasm) {
        return new Module(engine, wasm);
    }

    /** Returns the module's imports. */
    public ImportType[] imports() {
        return delegate.imports().stream().map(ImportType::new).toArray(ImportType[]::new);
    }

    @Override
    public void dispose() {
        delegate.close();
    }
}
