package io.github.wasmton.wasmtime.component;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;
import io.github.wasmton.wasmtime.internal.WasiLinker;

/**
 * Definitions for the imports of components, by name: Java functions, resources that are Java objects, and WASI. A
 * linker belongs to no {@link Store}, so several threads may call its Java functions at a time. Thread-safe. A
 * definition serves each version of an interface that is compatible with its own.
 */
public final class ComponentLinker extends WasiLinker {
    static {
        NativeLibrary.register(ComponentLinker.class);
    }

    /** A Java function that components call. */
    @FunctionalInterface
    public interface HostFunction {
        /**
         * Runs the function. The component calls it on the thread that entered it, or on a thread of this library for
         * calls of {@link ComponentFunc#callAsync}. An exception comes out of the call that entered the component, as
         * the same object; but a {@link ComponentException} is returned to the component if the function has a result
         * type.
         *
         * <p>A function that stands for an {@code async func} may return a {@link CompletionStage} of its result. The
         * component goes on when the stage completes, on any thread; until then only the component waits. A stage that
         * completes exceptionally has the effect of a thrown exception. If a component with async functions calls the
         * function, it cannot use the component's Store, except by {@link ComponentFunc#callAsync} while another such
         * call runs.
         *
         * @param args the arguments, of the classes that the package lists
         * @return the result, or a stage of it; ignored if the function has none
         */
        Object call(Object[] args);
    }

    /** The name of a function or resource; the interface is empty for one outside of an interface. */
    record Name(String interfaceName, String name) {
        Name {
            Objects.requireNonNull(interfaceName, "interfaceName");
            Objects.requireNonNull(name, "name");
        }

        @Override
        public String toString() {
            return interfaceName.isEmpty() ? name : interfaceName + '#' + name;
        }
    }

    private final Map<Name, Definition<HostFunction>> functions = new ConcurrentHashMap<>();
    private final Map<Name, Class<?>> resources = new ConcurrentHashMap<>();
    private final Map<String, Implementation> objectsByInterface = new ConcurrentHashMap<>();

    /** A function or object of Java's: one for all instances, or the maker of one for each. The other is null. */
    record Definition<T>(T shared, Function<Store, ? extends T> maker) {
        T of(InstanceResources instance) {
            return shared != null ? shared : instance.make(maker);
        }
    }

    /** The definition of an interface by the methods of a type. */
    record Implementation(Class<?> type, Definition<?> object) {}

    /** Creates a linker without definitions. */
    public ComponentLinker() {}

    /**
     * Defines a function outside of an interface.
     *
     * @throws IllegalArgumentException if the name is already defined
     */
    public ComponentLinker define(String name, HostFunction function) {
        return define("", name, function);
    }

    /**
     * Defines a function of an interface. Functions of a resource are named as in {@code [constructor]counter}, {@code
     * [method]counter.increment} and {@code [static]counter.sum}.
     *
     * @param interfaceName the interface's name, as in {@code example:store/types@1.0.0}
     * @throws IllegalArgumentException if the name is already defined
     */
    public ComponentLinker define(String interfaceName, String name, HostFunction function) {
        Objects.requireNonNull(function, "function");
        return define(new Name(interfaceName, name), new Definition<>(function, null));
    }

    /**
     * Defines a function of an interface, or with an empty name outside of one, by a function for each instance. The
     * maker gets the instance's Store, and so what {@link Store#data} has of a request. It runs when the component
     * first calls the function.
     *
     * @throws IllegalArgumentException if the name is already defined
     */
    public ComponentLinker definePerInstance(String interfaceName, String name,
            Function<Store, ? extends HostFunction> maker) {
        Objects.requireNonNull(maker, "maker");
        return define(new Name(interfaceName, name), new Definition<>(null, maker));
    }

    private ComponentLinker define(Name name, Definition<HostFunction> function) {
        if (functions.putIfAbsent(name, function) != null) {
            throw new IllegalArgumentException(name + " is already defined");
        }
        return this;
    }

    /**
     * Defines functions of an interface by the methods of a Java object: each abstract method of {@code type} stands
     * for the function of its name, as {@code findAll} for {@code find-all}, with classes as in {@link
     * ComponentInstance#as}. They are checked when a component is linked. A public class that is nested in
     * {@code type} and named as a resource, as {@code Counter} for {@code counter}, is the class of its values, as if
     * {@link #resource} named it.
     *
     * @param interfaceName the interface's name; empty for functions outside of an interface
     * @param type          a Java interface
     * @throws IllegalArgumentException if {@code type} is not an interface, or the name is already defined
     */
    public <T> ComponentLinker define(String interfaceName, Class<T> type, T object) {
        Objects.requireNonNull(object, "object");
        return define(interfaceName, new Implementation(type, new Definition<>(object, null)));
    }

    /**
     * Defines functions of an interface by the methods of a Java object for each instance. The maker gets the
     * instance's Store, and so what {@link Store#data} has of a request. It runs when the component first calls one of
     * the functions.
     *
     * @throws IllegalArgumentException if {@code type} is not an interface, or the name is already defined
     * @see #define(String, Class, Object)
     */
    public <T> ComponentLinker definePerInstance(String interfaceName, Class<T> type,
            Function<Store, ? extends T> maker) {
        Objects.requireNonNull(maker, "maker");
        return define(interfaceName, new Implementation(type, new Definition<>(null, maker)));
    }

    private ComponentLinker define(String interfaceName, Implementation implementation) {
        Objects.requireNonNull(interfaceName, "interfaceName");
        if (!implementation.type.isInterface()) {
            throw new IllegalArgumentException(implementation.type.getName() + " is not an interface");
        }
        if (objectsByInterface.putIfAbsent(interfaceName, implementation) != null) {
            throw new IllegalArgumentException('\'' + interfaceName + "' is already defined by an object");
        }
        return this;
    }

    /**
     * Defines a resource of an interface whose values are Java objects of a class. A component that gets one owns it;
     * when the component drops it, an {@link AutoCloseable} is closed. What components still own when their Store is
     * closed is not closed with it. The abstract methods of the class stand for the resource's methods that are not
     * defined by themselves.
     *
     * @throws IllegalArgumentException if the name is already defined
     */
    public ComponentLinker resource(String interfaceName, String name, Class<?> type) {
        Objects.requireNonNull(type, "type");
        if (resources.putIfAbsent(new Name(interfaceName, name), type) != null) {
            throw new IllegalArgumentException(new Name(interfaceName, name) + " is already defined");
        }
        return this;
    }

    /**
     * Resolves and checks a component's imports, once for any number of instances in any Stores of its engine.
     *
     * @throws io.github.wasmton.wasmtime.WasmtimeException if an import is missing; it is named
     * @throws IllegalArgumentException      if a class does not stand for its type; the message names the first
     * @throws UnsupportedOperationException if Java has no values of a type of a function that is defined here
     * @throws IllegalStateException         if the Component is closed
     */
    public ComponentInstancePre instantiatePre(Component component) {
        Imports imports = new Imports(this, component);
        return new ComponentInstancePre(link(NativeObject.handleOf(component), imports.names(), hasWasi()), imports);
    }

    /**
     * Instantiates a component with these definitions. For more than one instance, {@link #instantiatePre} is cheaper.
     *
     * @see #instantiatePre
     * @see ComponentInstancePre#instantiate(Store)
     */
    public ComponentInstance instantiate(Store store, Component component) {
        NativeObject.checkOpen(store);
        try (ComponentInstancePre linked = instantiatePre(component)) {
            return linked.instantiate(store);
        }
    }

    /**
     * Instantiates a component whose functions outside of an interface are the methods of a Java interface.
     *
     * @throws IllegalArgumentException if a class does not stand for its type; the message names the first
     * @see #instantiate(Store, Component)
     * @see ComponentInstance#as(Class)
     */
    public <T> T instantiate(Store store, Component component, Class<T> type) {
        Objects.requireNonNull(type, "type");
        return instantiate(store, component).as(type);
    }

    /** Returns the definition of a function; null for none. */
    Definition<HostFunction> function(Name name) {
        return find(functions, name);
    }

    /** Returns the class of a resource; null for none. */
    Class<?> resource(Name name) {
        return find(resources, name);
    }

    /** Returns the definition of the name's interface by an object's methods; null for none. */
    Implementation implementation(Name name) {
        return objectsByInterface.get(Versions.find(name.interfaceName, objectsByInterface.keySet()));
    }

    private static <T> T find(Map<Name, T> definitions, Name name) {
        T exact = definitions.get(name);
        if (exact != null || name.interfaceName.indexOf('@') < 0) {
            return exact;
        }
        List<String> names = definitions.keySet().stream().filter(other -> other.name.equals(name.name))
                .map(Name::interfaceName).toList();
        return definitions.get(new Name(Versions.find(name.interfaceName, names), name.name));
    }

    private static native long link(long component, String[] names, boolean wasi);
}
