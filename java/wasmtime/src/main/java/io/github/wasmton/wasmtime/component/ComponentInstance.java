package io.github.wasmton.wasmtime.component;

import java.util.HashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/** An instantiated component. It belongs to its {@link Store} and lives as long as that Store. */
public final class ComponentInstance {
    static {
        NativeLibrary.register(ComponentInstance.class);
    }

    private final Store store;
    private final int index;
    private final Exports exports;
    private final boolean runsOnFibers;
    private final InstanceResources resources;
    private final Map<ComponentLinker.Name, ComponentFunc> funcs = new ConcurrentHashMap<>();
    /** The numbers of all functions, if they run on fibers: none can be asked for while calls run. */
    private final Map<ComponentLinker.Name, Integer> numbers = new HashMap<>();

    ComponentInstance(Store store, int index, Exports exports, InstanceResources resources) {
        this.store = store;
        this.index = index;
        this.exports = exports;
        this.resources = resources;
        resources.belongTo(this);
        runsOnFibers = runsOnFibers(NativeObject.handleOf(store));
        if (runsOnFibers) {
            exports.functions().forEach(name -> numbers.put(name, number(name)));
        }
    }

    /** Returns the Store that the instance belongs to. */
    public Store store() {
        return store;
    }

    /** Returns what the component exports, by name. */
    public Map<String, ComponentType> exports() {
        return exports.all;
    }

    InstanceResources resources() {
        return resources;
    }

    boolean runsOnFibers() {
        return runsOnFibers;
    }

    /**
     * Returns a function that the component exports outside of an interface.
     *
     * @throws NoSuchElementException        if there is no such function; the message lists what there is
     * @throws UnsupportedOperationException if Java has no values of one of its types
     */
    public ComponentFunc getFunc(String name) {
        return getFunc("", name);
    }

    /**
     * Returns a function of an interface that the component exports. Functions of a resource are named as in {@code
     * [constructor]counter}, {@code [method]counter.increment} and {@code [static]counter.sum}.
     *
     * @param interfaceName the interface's name, as in {@code example:store/types@1.0.0}. A version that is compatible
     *                      with the exported one will do
     * @throws NoSuchElementException        if there is no such function; the message lists what there is
     * @throws UnsupportedOperationException if Java has no values of one of its types
     */
    public ComponentFunc getFunc(String interfaceName, String name) {
        NativeObject.checkOpen(store);
        return func(new ComponentLinker.Name(exported(interfaceName), name));
    }

    /**
     * Returns the functions that the component exports outside of an interface, as an object of a Java interface. A
     * method without parameters may also stand for an exported interface, as {@code taskHandler} for {@code
     * acme:shop/task-handler}; it returns a Java interface for that.
     *
     * @see #as(String, Class)
     */
    public <T> T as(Class<T> type) {
        return as("", type);
    }

    /**
     * Returns the functions of an exported interface, as an object of a Java interface: each of its abstract methods
     * stands for the function of its name, as {@code findAll} for {@code find-all}. Records, sealed interfaces, enums
     * and sets of enums stand for WIT's types; the package lists which. They are matched by name and checked here,
     * once. A Java interface stands for a resource: its methods are the resource's, and {@code close}, if it extends
     * {@link AutoCloseable}, drops it. {@code newCounter} stands for the constructor of the resource {@code counter},
     * {@code counterSum} for its static function {@code sum}. A subclass of {@link ComponentException} in a method's
     * throws clause, with a constructor that takes the error's value, stands for the error of a result. For an {@code
     * async func} a method may return a {@link java.util.concurrent.CompletableFuture} of the result: see {@link
     * ComponentFunc#callAsync}. One that returns the plain result waits.
     *
     * @param interfaceName the interface's name; empty for functions outside of an interface
     * @throws IllegalArgumentException if a class does not stand for its type, or there is no function for a method;
     *                                  the message names the first
     */
    public <T> T as(String interfaceName, Class<T> type) {
        NativeObject.checkOpen(store);
        return type.cast(exports.typed(exported(interfaceName), type).of(this));
    }

    /** Returns the name of an interface as the component exports it. */
    private String exported(String interfaceName) {
        return Versions.find(Objects.requireNonNull(interfaceName, "interfaceName"), exports.all.keySet());
    }

    /** Returns a function by the name that the component has for it. */
    ComponentFunc func(ComponentLinker.Name name) {
        ComponentFunc known = funcs.get(name);
        return known != null ? known : funcs.computeIfAbsent(name, this::find);
    }

    private ComponentFunc find(ComponentLinker.Name name) {
        Exports.Function function = exports.function(name);
        int func = runsOnFibers ? numbers.get(name) : number(name);
        if (func < 0) {
            throw exports.none(name);
        }
        return new ComponentFunc(this, func, function);
    }

    private int number(ComponentLinker.Name name) {
        return func(NativeObject.handleOf(store), index, name.interfaceName(), name.name());
    }

    private static native boolean runsOnFibers(long store);

    private static native int func(long store, int instance, String interfaceName, String name);
}
