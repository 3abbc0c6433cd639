package io.github.kawamuray.wasmtime;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.stream.Collectors;

import io.github.kawamuray.wasmtime.internal.WasiSettings;
import io.github.wasmton.wasmtime.Linker.Name;
import io.github.wasmton.wasmtime.internal.WasiLinker;

/**
 * Definitions, by name, of the items that modules import: one {@link io.github.wasmton.wasmtime.Linker} for each
 * {@link Store} that it is used with. A definition made with one Store is not seen with another.
 */
public class Linker extends WasiLinker implements Disposable {
    /** Weak, so that a Linker does not keep the Stores of requests that have ended. */
    private final Map<Store<?>, io.github.wasmton.wasmtime.Linker> delegates = new WeakHashMap<>();
    /** The Stores whose Linkers have WASI. */
    private final Set<Store<?>> withWasi = Collections.newSetFromMap(new WeakHashMap<>());
    private boolean closed;

    /** Creates an empty Linker. */
    public Linker(Engine engine) {}

    private io.github.wasmton.wasmtime.Linker in(Store<?> store) {
        if (closed) {
            throw new IllegalStateException("the Linker is closed");
        }
        io.github.wasmton.wasmtime.Linker delegate = delegates.computeIfAbsent(store,
                owner -> new io.github.wasmton.wasmtime.Linker(owner.delegate));
        if (hasWasi() && store.wasi != null && withWasi.add(store)) {
            Exceptions.run(() -> store.wasi.addToLinker(delegate));
        }
        return delegate;
    }

    /** Instantiates a module, and defines its exports under that name. */
    public <T> void module(Store<T> store, String name, Module module) {
        Exceptions.run(() -> in(store).module(name, module.delegate));
    }

    /** Defines an item. */
    public <T> void define(Store<T> store, String module, String name, Extern item) {
        Exceptions.run(() -> in(store).define(module, name, item.delegate()));
    }

    /** Returns the definition of that name; empty if there is none. */
    public <T> Optional<Extern> get(Store<T> store, String module, String name) {
        return in(store).get(module, name).map(Extern::new);
    }

    /** Returns all definitions. */
    public <T> Collection<ExternItem> externs(Store<T> store) {
        return in(store).externs().entrySet().stream().map(definition -> new ExternItem(definition.getKey().module(),
                definition.getKey().name(), new Extern(definition.getValue()))).toList();
    }

    /** Returns the definitions of a module. */
    public <T> Collection<ExternItem> externsOfModule(Store<T> store, String module) {
        return externs(store).stream().filter(item -> item.module().equals(module)).toList();
    }

    /** Returns the names of all modules. */
    public <T> Set<String> modules(Store<T> store) {
        return in(store).names().stream().map(Name::module).collect(Collectors.toSet());
    }

    @Override
    public void dispose() {
        closed = true;
        List.copyOf(delegates.values()).forEach(io.github.wasmton.wasmtime.Linker::close);
    }

    /**
     * Not supported.
     *
     * @throws UnsupportedOperationException always
     */
    public long innerPtr() {
        throw WasiSettings.noPointer();
    }
}
