package io.github.kawamuray.wasmtime.internal;

import io.github.wasmton.wasmtime.wasi.WasiConfig;

/** The base of WasiCtx, for the package of Store: its settings, which are not part of the API. */
public abstract class WasiSettings {
    /** The settings so far. */
    protected final WasiConfig.Builder builder;

    /** Creates settings that start as a copy. */
    protected WasiSettings(WasiConfig config) {
        builder = config.toBuilder();
    }

    /** Returns the settings of a WasiCtx. */
    public static WasiConfig config(WasiSettings settings) {
        return settings.builder.build();
    }

    /** Returns the exception of methods that give or take the address of a native object. */
    public static UnsupportedOperationException noPointer() {
        return new UnsupportedOperationException("objects have no native address here: pass the object itself");
    }
}
