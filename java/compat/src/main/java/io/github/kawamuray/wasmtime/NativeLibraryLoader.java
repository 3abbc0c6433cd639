package io.github.kawamuray.wasmtime;

/** The way to load the native library before it is first used. There is no need to. */
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
