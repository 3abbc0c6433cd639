package io.github.wasmton.wasmtime.component;

import java.lang.ref.Reference;
import java.util.Objects;

import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.internal.ComponentHost;
import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * A component whose imports have been resolved and checked, ready to be instantiated in any Store of its engine, also
 * by several threads at a time. Later definitions in its {@link ComponentLinker} do not affect it. Close it when done;
 * its instances stay.
 *
 * <p>The imports are checked again if the Store already has an instance of this object, or if the Store has components
 * with async functions and this component has none. That takes as long as {@link ComponentLinker#instantiate}.
 */
public final class ComponentInstancePre extends NativeObject {
    static {
        NativeLibrary.register(ComponentInstancePre.class);
    }

    private final Imports imports;

    ComponentInstancePre(long handle, Imports imports) {
        super(handle, ComponentInstancePre::destroy);
        this.imports = imports;
    }

    /**
     * Creates an instance in a Store.
     *
     * @throws IllegalArgumentException if the Store is of another Engine than the Component
     * @throws IllegalStateException    if this or the Store is closed, the Store is in use, or the component uses WASI
     *                                  and the Store has none
     */
    public ComponentInstance instantiate(Store store) {
        InstanceResources resources = new InstanceResources(store);
        try {
            int instance = instantiate(handleOf(this), handleOf(store), imports.host(resources));
            return new ComponentInstance(store, instance, imports.exports, resources);
        } finally {
            Reference.reachabilityFence(store);
        }
    }

    /**
     * Creates an instance in a Store, as an object of a Java interface. Its methods are the functions outside of an
     * interface of WIT. The Java interface is checked once.
     *
     * @throws IllegalArgumentException if a class does not stand for its type; the message names the first
     * @see #instantiate(Store)
     * @see ComponentInstance#as(Class)
     */
    public <T> T instantiate(Store store, Class<T> type) {
        Objects.requireNonNull(type, "type");
        return instantiate(store).as(type);
    }

    private static native int instantiate(long instancePre, long store, ComponentHost host);

    private static native void destroy(long instancePre);
}
