package io.github.wasmton.wasmtime;

import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * The compiler and its settings, shared by Modules and Stores. Any number of threads may use it. Closing an Engine
 * leaves the Modules and Stores made of it alone.
 */
public final class Engine extends NativeObject {
    static {
        NativeLibrary.register(Engine.class);
    }

    private final CodeCache cache;

    /** An engine with the default settings. */
    public Engine() {
        this(new Config());
    }

    /**
     * An engine with those settings.
     *
     * @throws WasmtimeException if the settings do not go together or this processor cannot do what they ask
     */
    public Engine(Config config) {
        this(create(config.settings()), config.cache());
    }

    Engine(long handle, CodeCache cache) {
        super(handle, Engine::destroy);
        this.cache = cache;
    }

    CodeCache cache() {
        return cache;
    }

    /** Stands for all but the wasm that decides over what is compiled. */
    String compatibility() {
        return compatibility(handleOf(this));
    }

    /** Lets the epoch go on by one; see {@link Config#epochInterruption}. For any thread, and fast. */
    public void incrementEpoch() {
        incrementEpoch(handleOf(this));
    }

    /**
     * Compiles bytes in the binary or the text format for {@link Module#deserialize}, to be kept or sent to where the
     * same version of this library has an engine of the same settings.
     *
     * @throws WasmtimeException if they are not valid WebAssembly
     */
    public byte[] precompileModule(byte[] wasm) {
        return precompileModule(handleOf(this), wasm);
    }

    private static native byte[] precompileModule(long engine, byte[] wasm);

    private static native String compatibility(long engine);

    private static native long create(String[] settings);

    private static native void incrementEpoch(long engine);

    private static native void destroy(long engine);
}
