package io.github.kawamuray.wasmtime;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

import io.github.wasmton.wasmtime.ImportType;
import io.github.wasmton.wasmtime.Linker.Name;

/** An instantiated module: {@link io.github.wasmton.wasmtime.Instance}. */
public class Instance implements Disposable {
    private final io.github.wasmton.wasmtime.Instance delegate;

    /**
     * Instantiates a module with items for its imports, in the order of {@link Module#imports}. Its start function
     * runs.
     *
     * @throws WasmtimeException             if there are too few or too many items, or one is of another type
     * @throws UnsupportedOperationException if the module imports two different items by the same name
     */
    public Instance(Store<?> store, Module module, Collection<Extern> imports) {
        delegate = Exceptions.call(() -> instantiate(store, module.delegate, List.copyOf(imports)));
    }

    private static io.github.wasmton.wasmtime.Instance instantiate(Store<?> store,
            io.github.wasmton.wasmtime.Module module, List<Extern> items) {
        List<ImportType> imports = module.imports();
        if (imports.size() != items.size()) {
            throw new WasmtimeException("the module has " + imports.size() + " imports, not " + items.size());
        }
        Map<Name, Extern> defined = new HashMap<>();
        try (io.github.wasmton.wasmtime.Linker linker = new io.github.wasmton.wasmtime.Linker(store.delegate)) {
            for (int i = 0; i < items.size(); i++) {
                Name name = new Name(imports.get(i).module(), imports.get(i).name());
                Extern item = items.get(i);
                Extern before = defined.putIfAbsent(name, item);
                if (before == null) {
                    linker.define(name.module(), name.name(), item.delegate());
                } else if (before != item) {
                    throw new UnsupportedOperationException("the module imports " + name.module() + "::" + name.name()
                            + " twice: pass the same Extern for both");
                }
            }
            return linker.instantiate(module);
        }
    }

    /** Returns the exported function of that name; empty if there is none. */
    public <T> Optional<Func> getFunc(Store<T> store, String name) {
        return find(name, Extern.Type.FUNC, Extern::func);
    }

    /** Returns the exported memory of that name; empty if there is none. */
    public <T> Optional<Memory> getMemory(Store<T> store, String name) {
        return find(name, Extern.Type.MEMORY, Extern::memory);
    }

    private <R> Optional<R> find(String name, Extern.Type type, Function<Extern, R> as) {
        return delegate.getExport(name).map(Extern::new).filter(item -> item.type() == type).map(as);
    }

    @Override
    public void dispose() {}
}
