package io.github.wasmton.wasmtime;

import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import io.github.wasmton.wasmtime.internal.KnownNames;
import io.github.wasmton.wasmtime.internal.NativeLibrary;

/** An instantiated module. It belongs to its {@link Store} and lives as long as that Store. */
public final class Instance {
    static {
        NativeLibrary.register(Instance.class);
    }

    final Store store;
    final int index;
    /**
     * Exports found so far. Each lookup takes a number in the Store until it closes, so each name is looked up once.
     */
    private final Map<String, Extern> exports = new ConcurrentHashMap<>();

    Instance(Store store, int index) {
        this.store = store;
        this.index = index;
    }

    /** Returns the export of that name; empty if there is none. */
    public Optional<Extern> getExport(String name) {
        Store.checkOpen(store);
        return Optional.ofNullable(exports.computeIfAbsent(name, this::find));
    }

    /**
     * Returns the exported function of that name.
     *
     * @throws NoSuchElementException if there is no such export; the message lists the exports
     * @throws IllegalStateException  if the export is of another kind
     */
    public Func getFunc(String name) {
        return require(name).func();
    }

    /**
     * Returns the exported memory of that name.
     *
     * @throws NoSuchElementException if there is no such export; the message lists the exports
     * @throws IllegalStateException  if the export is of another kind
     */
    public Memory getMemory(String name) {
        return require(name).memory();
    }

    private Extern require(String name) {
        return getExport(name).orElseThrow(() -> new NoSuchElementException(
                "no export '" + name + "'; " + KnownNames.text(exportNames(Store.handleOf(store), index))));
    }

    private Extern find(String name) {
        long export = export(Store.handleOf(store), index, name);
        return export < 0 ? null : Extern.of(store, export);
    }

    private static native long export(long store, int instance, String name);

    private static native String exportNames(long store, int instance);
}
