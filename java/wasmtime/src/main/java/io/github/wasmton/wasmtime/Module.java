package io.github.wasmton.wasmtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.github.wasmton.wasmtime.internal.CodeFiles;
import io.github.wasmton.wasmtime.internal.EngineObject;
import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * Compiled WebAssembly code, to be instantiated in any Store of the same engine. Thread-safe. Closing it does not
 * affect its instances.
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
     * @throws UncheckedIOException if the file cannot be read
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
     * Compiles wasm in the binary format, unless the engine's {@link Config#cache} has the code.
     *
     * @throws WasmtimeException if the bytes are not valid WebAssembly
     */
    public static Module fromBinary(Engine engine, byte[] wasm) {
        if (!CodeFiles.keeps(engine.cache(), wasm.length)) {
            return compile(engine, wasm);
        }
        CodeFiles.Key key = new CodeFiles.Key(CodeFiles.sha256(wasm), EngineObject.compatibilityOf(engine));
        return CodeFiles.load(engine.cache(), key, new CodeFiles.Compilation<Module>() {
            @Override
            public Module compile() {
                return Module.compile(engine, wasm);
            }

            @Override
            public void save(Module compiled, Path file) throws IOException {
                Files.write(file, compiled.serialize());
            }

            @Override
            public Module load(Path file) {
                return deserializeFile(engine, file);
            }

            @Override
            public void debug(String message) {
                System.getLogger(CodeCache.class.getName()).log(System.Logger.Level.DEBUG, message);
            }
        });
    }

    private static Module compile(Engine engine, byte[] wasm) {
        return new Module(compile(handleOf(engine), wasm));
    }

    /**
     * Compiles wasm in the text format.
     *
     * @throws WasmtimeException if it is not valid WebAssembly
     */
    public static Module fromWat(Engine engine, String wat) {
        return fromBinary(engine, wat.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Validates wasm in the binary format without compiling it.
     *
     * @throws WasmtimeException if the bytes are not valid WebAssembly for that engine
     */
    public static void validate(Engine engine, byte[] wasm) {
        validate(handleOf(engine), wasm);
    }

    /**
     * Creates a module from the result of {@link #serialize} or {@link Engine#precompileModule}, in a fraction of the
     * time of a compilation. <b>Only for bytes that you trust as you trust your own code:</b> they run unchecked, and
     * whoever can change them controls this process. Only the header is checked, against accidents: other kinds of
     * data, another version of wasmtime, other settings.
     *
     * @throws WasmtimeException if the bytes are of another kind, or not for this engine
     */
    public static Module deserialize(Engine engine, byte[] code) {
        return new Module(deserialize(handleOf(engine), code));
    }

    /**
     * Creates a module from a file, as {@link #deserialize} does from bytes. The file is mapped into memory, which
     * takes less time and memory than reading it. The file has to be as trusted, and must not change while the module
     * or an instance of it exists; replace it by renaming another.
     *
     * @throws WasmtimeException if the file cannot be read, is of another kind, or not for this engine
     */
    public static Module deserializeFile(Engine engine, Path path) {
        return new Module(deserializeFile(handleOf(engine), path.toString()));
    }

    /** Returns the compiled code for {@link #deserialize}, which does not need the source. */
    public byte[] serialize() {
        return serialize(handleOf(this));
    }

    /** Returns the module's imports. */
    public List<ImportType> imports() {
        String[] flat = imports(handleOf(this));
        List<ImportType> imports = new ArrayList<>();
        for (int i = 0; i < flat.length; i += 3) {
            imports.add(new ImportType(flat[i], flat[i + 1], ExternTypes.parse(flat[i + 2])));
        }
        return imports;
    }

    /** Returns the module's exports. */
    public List<ExportType> exports() {
        String[] flat = exports(handleOf(this));
        List<ExportType> exports = new ArrayList<>();
        for (int i = 0; i < flat.length; i += 2) {
            exports.add(new ExportType(flat[i], ExternTypes.parse(flat[i + 1])));
        }
        return exports;
    }

    /** Returns the name from the module's name section, if any. */
    public Optional<String> name() {
        return Optional.of(name(handleOf(this))).filter(name -> !name.isEmpty());
    }

    private static native void validate(long engine, byte[] wasm);

    private static native long deserialize(long engine, byte[] code);

    private static native long deserializeFile(long engine, String path);

    private static native byte[] serialize(long module);

    private static native String[] imports(long module);

    private static native String[] exports(long module);

    private static native String name(long module);

    private static native long compile(long engine, byte[] wasm);

    private static native void destroy(long module);
}
