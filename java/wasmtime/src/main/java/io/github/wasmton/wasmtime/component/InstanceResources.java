package io.github.wasmton.wasmtime.component;

import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

import io.github.wasmton.wasmtime.Store;

/**
 * The Java objects of one instance: those that its linker's definitions made for it, and its resources. Rust keeps this
 * as long as the Store. So this refers to the Store and the instance weakly, and a forgotten Store is closed.
 */
final class InstanceResources {
    private record Held(String resource, Object object) {}

    /**
     * The Store and the instance, kept reachable by anything of the instance that is in use and outlasts a call. The
     * instance is null while its start function runs.
     */
    record Owner(Store store, ComponentInstance instance) {}

    private final Map<Integer, Held> objects = new ConcurrentHashMap<>();
    private final AtomicInteger next = new AtomicInteger();
    /** The objects that definitions made for this instance. */
    private final Map<Function<Store, ?>, Object> made = new ConcurrentHashMap<>();
    private final WeakReference<Store> store;
    /** Set once the instance is there. Its start function may call Java before. */
    private volatile WeakReference<ComponentInstance> instance;

    InstanceResources(Store store) {
        this.store = new WeakReference<>(store);
    }

    void belongTo(ComponentInstance owner) {
        instance = new WeakReference<>(owner);
    }

    /** Returns the instance; null while its start function runs. During a call it is there. */
    ComponentInstance instance() {
        return instance == null ? null : instance.get();
    }

    /** Returns what owns this. Called during a call. */
    Owner owner() {
        return new Owner(store.get(), instance());
    }

    /** Returns the object that a definition makes for this instance. Called during a call. */
    @SuppressWarnings("unchecked")
    <T> T make(Function<Store, T> definition) {
        Object known = made.get(definition);
        if (known == null) {
            // Not in the map's lock: it may call the component.
            Object fresh = Objects.requireNonNull(definition.apply(store.get()), "what definePerInstance makes");
            known = made.putIfAbsent(definition, fresh);
            known = known == null ? fresh : known;
        }
        return (T) known;
    }

    /** Gives an object to the component. */
    int add(String resource, Object object) {
        Held held = new Held(resource, object);
        int number;
        do {
            number = next.incrementAndGet() & Integer.MAX_VALUE;
        } while (objects.putIfAbsent(number, held) != null);
        return number;
    }

    /** Returns an object that the component lends. */
    Object get(String resource, int number) {
        return check(resource, objects.get(number));
    }

    /** Takes an object back. */
    Object remove(String resource, int number) {
        return check(resource, objects.remove(number));
    }

    /** Drops a Java object that the component owned. */
    void drop(String resource, int number) {
        if (remove(resource, number) instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                throw Resources.sneaky(e);
            }
        }
    }

    /** Returns how many objects the component has. */
    int count() {
        return objects.size();
    }

    private static Object check(String resource, Held held) {
        if (held == null || !held.resource.equals(resource)) {
            throw new IllegalStateException("the component has no such " + resource);
        }
        return held.object;
    }
}
