package io.github.wasmton.wasmtime.internal;

import java.util.function.LongConsumer;
import java.util.function.LongFunction;

/** The base of the engine, for the packages that compile: its code cache, which is not part of the API. */
public abstract class EngineObject extends NativeObject {
    private final CodeFiles cache;
    private final LongFunction<String> compatibility;

    /** Takes ownership, as {@link NativeObject} does. {@code compatibility} returns {@link #compatibilityOf}. */
    protected EngineObject(long handle, LongConsumer destroy, CodeFiles cache, LongFunction<String> compatibility) {
        super(handle, destroy);
        this.cache = cache;
        this.compatibility = compatibility;
    }

    /** Returns the engine's cache of compiled code. */
    public static CodeFiles cacheOf(EngineObject engine) {
        return engine.cache;
    }

    /** Returns a hash of everything but the wasm that determines the compiled code. */
    public static String compatibilityOf(EngineObject engine) {
        return engine.compatibility.apply(handleOf(engine));
    }
}
