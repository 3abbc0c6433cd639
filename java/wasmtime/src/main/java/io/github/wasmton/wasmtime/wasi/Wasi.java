package io.github.wasmton.wasmtime.wasi;

import java.util.List;

import io.github.wasmton.wasmtime.Linker;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.component.ComponentLinker;
import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;
import io.github.wasmton.wasmtime.internal.WasiDescription;
import io.github.wasmton.wasmtime.internal.WasiLinker;

/**
 * WASI for the modules (preview 1) and components (0.2 and 0.3) of one {@link Store}. It belongs to that Store and ends
 * with it.
 */
public final class Wasi implements AutoCloseable {
    static {
        NativeLibrary.register(Wasi.class);
    }

    private final Store store;

    /**
     * Creates a WASI context in a Store. A Store has one; a second replaces the first.
     *
     * @throws io.github.wasmton.wasmtime.WasmtimeException if a directory or file cannot be opened; it is named
     * @throws IllegalStateException                        if the Store is closed or in use
     */
    public Wasi(Store store, WasiConfig config) {
        this.store = store;
        install(NativeObject.handleOf(store), WasiDescription.of(config));
    }

    /**
     * Defines the functions of {@code wasi_snapshot_preview1}. They run on the thread that entered the guest. They have
     * no sockets: WASI 0.1 cannot open any, so {@link WasiConfig#network} grants nothing to modules.
     *
     * @throws io.github.wasmton.wasmtime.WasmtimeException if the Linker already has them
     * @throws IllegalStateException    if the Store or Linker is closed or in use
     * @throws IllegalArgumentException if the Linker belongs to another Store, which may have no WASI context
     */
    public void addToLinker(Linker linker) {
        if (linker.store() != store) {
            throw new IllegalArgumentException("the Linker belongs to another Store than this Wasi");
        }
        addToLinker(NativeObject.handleOf(linker), NativeObject.handleOf(store));
    }

    /**
     * Defines the functions of WASI 0.2 and 0.3 ({@code wasi:cli}, {@code wasi:filesystem} and so on) for components,
     * with {@code wasi:sockets} and outgoing {@code wasi:http} under {@link WasiConfig#network}. They take the context
     * of the Store that a component is instantiated in. Your own definitions in the linker take precedence over these.
     * A component with async functions, or of WASI 0.3, cannot read a Java stream as its input, and a Java stream gets
     * its output when the call has ended.
     */
    public static void addToLinker(ComponentLinker linker) {
        WasiLinker.addWasi(linker);
    }

    /**
     * Returns what the network policy refused to the Store's components so far: each refusal once, with the rule of
     * {@link NetworkAccess} that would allow it. A Store keeps the first 100.
     *
     * @throws IllegalStateException if the Store is closed or in use
     */
    public List<String> refusals() {
        return List.of(refusals(NativeObject.handleOf(store)));
    }

    /** Does nothing: the context ends with its Store. */
    @Override
    public void close() {}

    private static native void install(long store, WasiDescription wasi);

    private static native void addToLinker(long linker, long store);

    private static native String[] refusals(long store);

    /** Throws an {@link IllegalArgumentException} if a part of {@link NetworkAccess} is invalid. */
    static native void checkNetwork(String[] connect, String[] listen, String caFile);
}
