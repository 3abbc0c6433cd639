package io.github.wasmton.wasmtime;

import io.github.wasmton.wasmtime.internal.EngineObject;
import io.github.wasmton.wasmtime.internal.NativeLibrary;

/**
 * A compiler and its settings, shared by Modules and Stores. Thread-safe. Closing an Engine does not affect the Modules
 * and Stores made from it.
 */
public final class Engine extends EngineObject {
    static {
        NativeLibrary.register(Engine.class);
    }

    private final CodeCache cache;

    /** Creates an engine with the default settings. */
    public Engine() {
        this(new Config());
    }

    /**
     * Creates an engine.
     *
     * @throws WasmtimeException if the settings contradict each other, or this CPU does not support them
     */
    public Engine(Config config) {
        this(create(config.settings()), config.cache());
    }

    Engine(long handle, CodeCache cache) {
        super(handle, Engine::destroy, cache, Engine::compatibility);
        this.cache = cache;
    }

    CodeCache cache() {
        return cache;
    }

    /** Advances the epoch by one; see {@link Config#epochInterruption}. Fast, and callable from any thread. */
    public void incrementEpoch() {
        incrementEpoch(handleOf(this));
    }

    /**
     * Compiles wasm in the binary or the text format for {@link Module#deserialize}. The result can be stored, or sent
     * to a machine where the same version of this library has an engine with the same settings.
     *
     * @throws WasmtimeException if the bytes are not valid WebAssembly
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
