package io.github.wasmton.wasmtime.internal;

/** The base of a linker that takes WASI from its Store. */
public abstract class WasiLinker {
    private volatile boolean wasi;

    /** Makes a linker define the functions of WASI. */
    public static void addWasi(WasiLinker linker) {
        linker.wasi = true;
    }

    /** Returns whether a linker defines the functions of WASI. */
    protected final boolean hasWasi() {
        return wasi;
    }
}
