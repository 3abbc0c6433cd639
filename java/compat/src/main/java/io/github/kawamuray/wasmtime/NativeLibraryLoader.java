package io.github.kawamuray.wasmtime;

/** An optional way to load the native library early: its first use loads it, too. */
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
