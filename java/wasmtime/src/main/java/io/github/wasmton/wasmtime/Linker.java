package io.github.wasmton.wasmtime;

import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * Names for what modules import. One thread at a time uses a Linker, and a host function that is called while
 * {@link #module} instantiates cannot: it gets an {@link IllegalStateException}.
 */
public final class Linker extends NativeObject {
    static {
        NativeLibrary.register(Linker.class);
    }

    private record Name(String module, String name) {}

    private final Store store;
    /** A look-up takes a number in the Store for good, so each name is looked up once; what it means never changes. */
    private final Map<Name, Extern> found = new ConcurrentHashMap<>();

    /** An empty Linker for modules in that Store. */
    public Linker(Store store) {
        super(create(handleOf(store)), Linker::destroy);
        this.store = store;
    }

    /** The Store that everything defined here lives in. */
    public Store store() {
        return store;
    }

    /**
     * Defines an item of this Linker's Store.
     *
     * @throws WasmtimeException        if the name is taken
     * @throws IllegalArgumentException if the item belongs to another Store
     */
    public void define(String module, String name, Extern item) {
        store.checkOwns(item.store, "Extern");
        define(handleOf(this), handleOf(store), module, name, item.index);
    }

    /**
     * Instantiates a module, runs its {@code _initialize} if it is a reactor, and defines its exports under that name.
     * The exports of a command, which has {@code _start}, instantiate it anew at each call.
     *
     * @throws WasmtimeException if an import is missing or of another type, or a name is taken
     */
    public void module(String name, Module module) {
        module(handleOf(this), handleOf(store), name, handleOf(module));
    }

    /**
     * Instantiates a module with what is defined here. Its start function runs, {@code _initialize} does not.
     *
     * @throws WasmtimeException if an import is missing or of another type
     */
    public Instance instantiate(Module module) {
        return new Instance(store, instantiate(handleOf(this), handleOf(store), handleOf(module)));
    }

    /** The definition of that name, empty if there is none. */
    public Optional<Extern> get(String module, String name) {
        checkOpen(this);
        checkOpen(store);
        return Optional.ofNullable(found.computeIfAbsent(new Name(module, name), this::find));
    }

    /**
     * The definition of that name.
     *
     * @throws NoSuchElementException if there is none; the message names what is there
     */
    public Extern getOneByName(String module, String name) {
        return get(module, name).orElseThrow(() -> new NoSuchElementException("no definition " + module + "::" + name
                + "; there are: " + names(handleOf(this), handleOf(store))));
    }

    private Extern find(Name name) {
        long item = get(handleOf(this), handleOf(store), name.module, name.name);
        return item < 0 ? null : Extern.of(store, item);
    }

    private static native long create(long store);

    private static native void define(long linker, long store, String module, String name, int item);

    private static native void module(long linker, long store, String name, long module);

    private static native int instantiate(long linker, long store, long module);

    private static native long get(long linker, long store, String module, String name);

    private static native String names(long linker, long store);

    private static native void destroy(long linker);
}
