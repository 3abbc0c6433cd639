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
        this(create(config.maxWasmStack, config.signalsBasedTraps));
    }

    Engine(long handle) {
        super(handle, Engine::destroy);
    }

    private static native long create(long maxWasmStack, boolean signalsBasedTraps);

    private static native void destroy(long engine);
}
