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
     * Compiles bytes in the binary format, unless the engine's {@link Config#cache} has them compiled.
     *
     * @throws WasmtimeException if they are not valid WebAssembly
     */
    public static Module fromBinary(Engine engine, byte[] wasm) {
        if (!CodeFiles.keeps(engine.cache(), wasm.length)) {
            return compile(engine, wasm);
        }
        CodeFiles.Key key = new CodeFiles.Key(CodeFiles.sha256(wasm), engine.compatibility());
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
     * Compiles the text format.
     *
     * @throws WasmtimeException if it is not valid WebAssembly
     */
    public static Module fromWat(Engine engine, String wat) {
        return fromBinary(engine, wat.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Checks bytes in the binary format without compiling them.
     *
     * @throws WasmtimeException if they are not valid WebAssembly for that engine
     */
    public static void validate(Engine engine, byte[] wasm) {
        validate(handleOf(engine), wasm);
    }

    /**
     * Makes the module of what {@link #serialize} or {@link Engine#precompileModule} gave, in a fraction of the time
     * that compiling takes. <b>Only for bytes that you trust as you trust your own code:</b> they are run as they are,
     * and whoever can change them can do in this process what they like. The header is checked against accidents: bytes
     * of another kind, another version of wasmtime or other settings.
     *
     * @throws WasmtimeException if they are not such bytes, or not for this engine
     */
    public static Module deserialize(Engine engine, byte[] code) {
        return new Module(deserialize(handleOf(engine), code));
    }

    /**
     * As {@link #deserialize}, from a file, which is mapped into memory: that takes less time and memory than reading
     * it. The file must be as trusted, and must not be changed while the module or an instance of it lives; replace it
     * by renaming another.
     *
     * @throws WasmtimeException if it cannot be read or is not such a file, or not for this engine
     */
    public static Module deserializeFile(Engine engine, Path path) {
        return new Module(deserializeFile(handleOf(engine), path.toString()));
    }

    /** The compiled code, for {@link #deserialize}; the source is not needed any more. */
    public byte[] serialize() {
        return serialize(handleOf(this));
    }

    /** What the module needs to be given. */
    public List<ImportType> imports() {
        String[] flat = imports(handleOf(this));
        List<ImportType> imports = new ArrayList<>();
        for (int i = 0; i < flat.length; i += 3) {
            imports.add(new ImportType(flat[i], flat[i + 1], ExternTypes.parse(flat[i + 2])));
        }
        return imports;
    }

    /** What its instances give. */
    public List<ExportType> exports() {
        String[] flat = exports(handleOf(this));
        List<ExportType> exports = new ArrayList<>();
        for (int i = 0; i < flat.length; i += 2) {
            exports.add(new ExportType(flat[i], ExternTypes.parse(flat[i + 1])));
        }
        return exports;
    }

    /** The name that its name section gives it. */
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
