package io.github.wasmton.wasmtime.component;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;

import io.github.wasmton.wasmtime.CodeCache;
import io.github.wasmton.wasmtime.Engine;
import io.github.wasmton.wasmtime.internal.CodeFiles;
import io.github.wasmton.wasmtime.internal.EngineObject;
import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * A compiled component, to be instantiated in any Store of the same engine. Thread-safe. Closing it does not affect its
 * instances.
 */
public final class Component extends NativeObject {
    static {
        NativeLibrary.register(Component.class);
    }

    private volatile Map<String, ComponentType> imports;
    private volatile Map<String, ComponentType> exports;

    private Component(long handle) {
        super(handle, Component::destroy);
    }

    /**
     * Compiles a file in the binary or the text format.
     *
     * @throws UncheckedIOException if the file cannot be read
     * @throws io.github.wasmton.wasmtime.WasmtimeException if it is not a valid component
     */
    public static Component fromFile(Engine engine, Path path) {
        try {
            return fromBinary(engine, Files.readAllBytes(path));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }

    /**
     * Compiles a component in the binary format, unless the engine's {@link io.github.wasmton.wasmtime.Config#cache}
     * has the code.
     *
     * @throws io.github.wasmton.wasmtime.WasmtimeException if the bytes are not a valid component
     */
    public static Component fromBinary(Engine engine, byte[] wasm) {
        if (!CodeFiles.keeps(EngineObject.cacheOf(engine), wasm.length)) {
            return new Component(compile(handleOf(engine), wasm));
        }
        CodeFiles.Key key = new CodeFiles.Key(CodeFiles.sha256(wasm), EngineObject.compatibilityOf(engine));
        return CodeFiles.load(EngineObject.cacheOf(engine), key, new CodeFiles.Compilation<Component>() {
            @Override
            public Component compile() {
                return new Component(Component.compile(handleOf(engine), wasm));
            }

            @Override
            public void save(Component compiled, Path file) throws IOException {
                Files.write(file, compiled.serialize());
            }

            @Override
            public Component load(Path file) {
                return deserializeFile(engine, file);
            }

            @Override
            public void debug(String message) {
                System.getLogger(CodeCache.class.getName()).log(System.Logger.Level.DEBUG, message);
            }
        });
    }

    /**
     * Compiles a component in the text format.
     *
     * @throws io.github.wasmton.wasmtime.WasmtimeException if it is not a valid component
     */
    public static Component fromWat(Engine engine, String wat) {
        return fromBinary(engine, wat.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Creates a component from the result of {@link #serialize}, in a fraction of the time of a compilation. <b>Only
     * for bytes that you trust as you trust your own code:</b> see
     * {@link io.github.wasmton.wasmtime.Module#deserialize}.
     *
     * @throws io.github.wasmton.wasmtime.WasmtimeException if the bytes are of another kind, or not for this engine
     */
    public static Component deserialize(Engine engine, byte[] code) {
        return new Component(deserialize(handleOf(engine), code));
    }

    /**
     * Creates a component from a file, as {@link #deserialize} does from bytes. The file is mapped into memory. It has
     * to be as trusted, and must not change while the component or an instance of it exists; replace it by renaming
     * another.
     *
     * @throws io.github.wasmton.wasmtime.WasmtimeException if the file cannot be read, is of another kind, or not for
     *                                                      this engine
     */
    public static Component deserializeFile(Engine engine, Path path) {
        return new Component(deserializeFile(handleOf(engine), path.toString()));
    }

    /** Returns the compiled code for {@link #deserialize}, which does not need the source. */
    public byte[] serialize() {
        return serialize(handleOf(this));
    }

    /** Returns what the component imports, by name: interfaces, and functions and types outside of one. */
    public Map<String, ComponentType> imports() {
        Map<String, ComponentType> found = imports;
        if (found == null) {
            found = Collections.unmodifiableMap(TypeParser.items(items(handleOf(this), true)));
            imports = found;
        }
        return found;
    }

    /** Returns what the component exports, by name: interfaces, and functions and types outside of one. */
    public Map<String, ComponentType> exports() {
        Map<String, ComponentType> found = exports;
        if (found == null) {
            found = Collections.unmodifiableMap(TypeParser.items(items(handleOf(this), false)));
            exports = found;
        }
        return found;
    }

    private static native long compile(long engine, byte[] wasm);

    private static native String[] items(long component, boolean imports);

    private static native byte[] serialize(long component);

    private static native long deserialize(long engine, byte[] code);

    private static native long deserializeFile(long engine, String path);

    private static native void destroy(long component);
}
