package io.github.wasmton.wasmtime;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

import io.github.wasmton.wasmtime.internal.KnownNames;
import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * Definitions by name of what modules import. One thread at a time may use a Linker. A host function that is called
 * while {@link #module} instantiates cannot use it, and gets an {@link IllegalStateException}.
 */
public final class Linker extends NativeObject {
    static {
        NativeLibrary.register(Linker.class);
    }

    /**
     * The name of a definition.
     *
     * @param module the module name that importers use
     * @param name   the name in that module
     */
    public record Name(String module, String name) {
        public Name {
            Objects.requireNonNull(module, "module");
            Objects.requireNonNull(name, "name");
        }
    }

    private final Store store;
    /**
     * Definitions found so far. A host function takes some memory of the Store at each lookup, so each is looked up
     * once.
     */
    private final Map<Name, Extern> found = new ConcurrentHashMap<>();

    /** Creates an empty Linker for modules in that Store. */
    public Linker(Store store) {
        super(create(handleOf(store)), Linker::destroy);
        this.store = store;
    }

    /** Returns the Store that owns everything defined here. */
    public Store store() {
        return store;
    }

    /**
     * Defines an item of this Linker's Store.
     *
     * @throws WasmtimeException        if the name is already defined
     * @throws IllegalArgumentException if the item belongs to another Store
     */
    public void define(String module, String name, Extern item) {
        store.checkOwns(item.store, "Extern");
        define(handleOf(this), handleOf(store), module, name, item.index);
        found.clear();
    }

    /**
     * Defines a function for every Store: an {@link InstancePre} that imports it can be instantiated in any. It stays
     * until this Linker, its InstancePres and the Stores that used them are closed.
     *
     * @throws WasmtimeException        if the name is already defined
     * @throws IllegalArgumentException if a type of the function is {@link WasmValType#OTHER_REF}
     */
    public void define(String module, String name, HostFunc function) {
        function.define(this, module, name);
        found.clear();
    }

    /**
     * Instantiates a module, runs its {@code _initialize} if it is a reactor, and defines its exports under that name.
     * If it is a command, which exports {@code _start}, each call of its exports instantiates it again.
     *
     * @throws WasmtimeException if an import is missing or of another type, or a name is already defined
     */
    public void module(String name, Module module) {
        try {
            module(handleOf(this), handleOf(store), name, handleOf(module));
        } finally {
            Reference.reachabilityFence(store);
        }
        found.clear();
    }

    /**
     * Defines the exports of an instance of this Linker's Store under that name.
     *
     * @throws WasmtimeException        if a name is already defined
     * @throws IllegalArgumentException if the instance belongs to another Store
     */
    public void instance(String name, Instance instance) {
        store.checkOwns(instance.store, "Instance");
        instance(handleOf(this), handleOf(store), name, instance.index);
        found.clear();
    }

    /**
     * Adds another name for a definition.
     *
     * @throws WasmtimeException if there is no such definition, or the other name is already defined
     */
    public void alias(String module, String name, String asModule, String asName) {
        alias(handleOf(this), module, name, asModule, asName);
        found.clear();
    }

    /**
     * Adds another module name for all definitions of a module.
     *
     * @throws WasmtimeException if one of the other names is already defined
     */
    public void aliasModule(String module, String asModule) {
        aliasModule(handleOf(this), module, asModule);
        found.clear();
    }

    /** Sets if a definition may replace another of the same name. Default: off. */
    public Linker allowShadowing(boolean allow) {
        allowShadowing(handleOf(this), allow);
        return this;
    }

    /**
     * Defines the imports of a module that this Linker lacks as functions that throw {@link WasmtimeException} when
     * they are called.
     *
     * @throws WasmtimeException if such an import is not a function, or the module was compiled by another Engine
     */
    public void defineUnknownImportsAsTraps(Module module) {
        defineUnknownImportsAsTraps(handleOf(this), handleOf(module));
        found.clear();
    }

    /**
     * Defines the imports of a module that this Linker lacks: functions return zeros and nulls, and globals, tables and
     * memories contain nothing else.
     *
     * @throws WasmtimeException if a type has no such value, or the module was compiled by another Engine
     */
    public void defineUnknownImportsAsDefaultValues(Module module) {
        defineUnknownImportsAsDefaultValues(handleOf(this), handleOf(store), handleOf(module));
        found.clear();
    }

    /**
     * Resolves and checks a module's imports, once for any number of instances in this Linker's Store.
     *
     * @throws WasmtimeException if an import is missing or of another type, or the module belongs to another Engine
     */
    public InstancePre instantiatePre(Module module) {
        return new InstancePre(store, instantiatePre(handleOf(this), handleOf(store), handleOf(module)));
    }

    /** Returns the names of all definitions, sorted. */
    public List<Name> names() {
        String[] flat = names(handleOf(this), handleOf(store));
        List<Name> names = new ArrayList<>();
        for (int i = 0; i < flat.length; i += 2) {
            names.add(new Name(flat[i], flat[i + 1]));
        }
        return names;
    }

    /** Returns all definitions by name, sorted. */
    public Map<Name, Extern> externs() {
        Map<Name, Extern> externs = new LinkedHashMap<>();
        for (Name name : names()) {
            externs.put(name, getOneByName(name.module, name.name));
        }
        return Collections.unmodifiableMap(externs);
    }

    /**
     * Instantiates a module with these definitions. Its start function runs, {@code _initialize} does not.
     *
     * @throws WasmtimeException if an import is missing or of another type
     */
    public Instance instantiate(Module module) {
        try {
            return new Instance(store, instantiate(handleOf(this), handleOf(store), handleOf(module)));
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /** Returns the definition of that name; empty if there is none. */
    public Optional<Extern> get(String module, String name) {
        checkOpen(this);
        checkOpen(store);
        return Optional.ofNullable(found.computeIfAbsent(new Name(module, name), this::find));
    }

    /**
     * Returns the definition of that name.
     *
     * @throws NoSuchElementException if there is no such definition; the message lists the definitions
     */
    public Extern getOneByName(String module, String name) {
        return get(module, name).orElseThrow(() -> new NoSuchElementException("no definition " + module + "::" + name
                + "; " + KnownNames.text(names().stream().map(it -> it.module + "::" + it.name)
                        .collect(Collectors.joining(", ")))));
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
