package io.github.kawamuray.wasmtime;

/** Loads the native library before its first use. This is optional: the first use loads it, too. */
public final class NativeLibraryLoader {
    private NativeLibraryLoader() {}

    /** Loads the library, unless it is loaded. */
    public static synchronized void init() {
        load();
    }

    /** Loads the library, unless it is loaded. */
    public static synchronized void load() {
        new io.github.wasmton.wasmtime.Store().close();
    }
}
