package io.github.wasmton.wasmtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * Compiled WebAssembly code, to be instantiated in any Store of the same engine. Any number of threads may use it.
 * Closing it leaves its instances alone.
 */
public final class Module extends NativeObject {
    static {
        NativeLibrary.register(Module.class);
    }

    private Module(long handle) {
        super(handle, Module::destroy);
    }

    /**
     * Compiles a file in the binary or the text format.
     *
     * @throws UncheckedIOException if it cannot be read
     * @throws WasmtimeException    if it is not valid WebAssembly
     */
    public static Module fromFile(Engine engine, String path) {
        try {
            return fromBinary(engine, Files.readAllBytes(Path.of(path)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }

    /**
     * Compiles bytes in the binary format.
     *
     * @throws WasmtimeException if they are not valid WebAssembly
     */
    public static Module fromBinary(Engine engine, byte[] wasm) {
        return new Module(compile(handleOf(engine), wasm));
    }

    /**
     * Compiles the text format.
     *
     * @throws WasmtimeException if it is not valid WebAssembly
     */
    public static Module fromWat(Engine engine, String wat) {
        return fromBinary(engine, wat.getBytes(StandardCharsets.UTF_8));
    }

    private static native long compile(long engine, byte[] wasm);

    private static native void destroy(long module);
}
