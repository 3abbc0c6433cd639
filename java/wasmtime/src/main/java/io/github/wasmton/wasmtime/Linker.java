package io.github.wasmton.wasmtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

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

    /**
     * What a definition is known by.
     *
     * @param module the module that importers name
     * @param name   the name in that module
     */
    public record Name(String module, String name) {
        public Name {
            Objects.requireNonNull(module, "module");
            Objects.requireNonNull(name, "name");
        }
    }

    private final Store store;
    /** Looked up before. A host function takes some memory of the Store at each look-up, so once has to do. */
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
        found.clear();
    }

    /**
     * Instantiates a module, runs its {@code _initialize} if it is a reactor, and defines its exports under that name.
     * The exports of a command, which has {@code _start}, instantiate it anew at each call.
     *
     * @throws WasmtimeException if an import is missing or of another type, or a name is taken
     */
    public void module(String name, Module module) {
        module(handleOf(this), handleOf(store), name, handleOf(module));
        found.clear();
    }

    /**
     * Defines the exports of an instance of this Linker's Store under that name.
     *
     * @throws WasmtimeException        if a name is taken
     * @throws IllegalArgumentException if the instance belongs to another Store
     */
    public void instance(String name, Instance instance) {
        store.checkOwns(instance.store, "Instance");
        instance(handleOf(this), handleOf(store), name, instance.index);
        found.clear();
    }

    /**
     * Gives a definition another name besides.
     *
     * @throws WasmtimeException if there is no such definition, or the other name is taken
     */
    public void alias(String module, String name, String asModule, String asName) {
        alias(handleOf(this), module, name, asModule, asName);
        found.clear();
    }

    /**
     * Gives all definitions of a module another module's name besides.
     *
     * @throws WasmtimeException if one of the other names is taken
     */
    public void aliasModule(String module, String asModule) {
        aliasModule(handleOf(this), module, asModule);
        found.clear();
    }

    /** Whether a name that is taken can be defined again, in place of what it was; not by default. */
    public Linker allowShadowing(boolean allow) {
        allowShadowing(handleOf(this), allow);
        return this;
    }

    /**
     * Defines what a module imports and this Linker does not have yet, as functions that throw
     * {@link WasmtimeException} when they are called.
     *
     * @throws WasmtimeException if such an import is not a function, or the module was compiled by another Engine
     */
    public void defineUnknownImportsAsTraps(Module module) {
        defineUnknownImportsAsTraps(handleOf(this), handleOf(module));
        found.clear();
    }

    /**
     * Defines what a module imports and this Linker does not have yet, as functions that return zeros and nulls, and
     * globals, tables and memories that hold nothing else.
     *
     * @throws WasmtimeException if a type has no such value, or the module was compiled by another Engine
     */
    public void defineUnknownImportsAsDefaultValues(Module module) {
        defineUnknownImportsAsDefaultValues(handleOf(this), handleOf(store), handleOf(module));
        found.clear();
    }

    /**
     * Finds and checks what a module imports, once for any number of instances in this Linker's Store.
     *
     * @throws WasmtimeException if an import is missing or of another type, or the module is another Engine's
     */
    public InstancePre instantiatePre(Module module) {
        return new InstancePre(store, instantiatePre(handleOf(this), handleOf(store), handleOf(module)));
    }

    /** What is defined here, in sorted order. */
    public List<Name> names() {
        String[] flat = names(handleOf(this), handleOf(store));
        List<Name> names = new ArrayList<>();
        for (int i = 0; i < flat.length; i += 2) {
            names.add(new Name(flat[i], flat[i + 1]));
        }
        return names;
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
                + "; there are: " + names().stream().map(it -> it.module + "::" + it.name)
                        .collect(Collectors.joining(", "))));
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

    private static native String[] names(long linker, long store);

    private static native void instance(long linker, long store, String name, int instance);

    private static native void alias(long linker, String module, String name, String asModule, String asName);

    private static native void aliasModule(long linker, String module, String asModule);

    private static native void allowShadowing(long linker, boolean allow);

    private static native void defineUnknownImportsAsTraps(long linker, long module);

    private static native void defineUnknownImportsAsDefaultValues(long linker, long store, long module);

    private static native long instantiatePre(long linker, long store, long module);

    private static native void destroy(long linker);
}
