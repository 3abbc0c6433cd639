package io.github.wasmton.wasmtime.component;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.component.ComponentType.FuncType;
import io.github.wasmton.wasmtime.component.ComponentType.InterfaceType;
import io.github.wasmton.wasmtime.component.ComponentType.ResourceType;
import io.github.wasmton.wasmtime.internal.ComponentHost;
import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;
import io.github.wasmton.wasmtime.internal.WasiLinker;

/**
 * What components import, by name: Java functions, resources that are Java objects, and WASI. It belongs to its
 * {@link Store}. A definition serves each version of an interface that is compatible with its own.
 */
public final class ComponentLinker extends WasiLinker {
    static {
        NativeLibrary.register(ComponentLinker.class);
    }

    /** A Java function that components call. */
    @FunctionalInterface
    public interface HostFunction {
        /**
         * Runs the function. The component calls it on the thread that entered it. An exception comes out of the call
         * that entered the component, as the same object; but a {@link ComponentException} is returned to the component
         * if the function has a result type.
         *
         * <p>It may stand for an {@code async func}; the component then goes on when it returns. A function that is
         * called by a component with async functions cannot use the component's Store.
         *
         * @param args the arguments, of the classes that the package lists
         * @return the result; ignored if the function has none
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

    private final Store store;
    private final Map<Name, HostFunction> functions = new ConcurrentHashMap<>();
    private final Map<Name, Class<?>> resources = new ConcurrentHashMap<>();
    private final Map<String, Implementation> objectsByInterface = new ConcurrentHashMap<>();
    private final HostObjects objects = new HostObjects();

    private record Implementation(Class<?> type, Object object) {}

    /** Creates a linker without definitions for components in that Store. */
    public ComponentLinker(Store store) {
        NativeObject.checkOpen(Objects.requireNonNull(store, "store"));
        this.store = store;
    }

    /** Returns the Store that instances come to. */
    public Store store() {
        return store;
    }

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
        if (functions.putIfAbsent(new Name(interfaceName, name), function) != null) {
            throw new IllegalArgumentException(new Name(interfaceName, name) + " is already defined");
        }
        return this;
    }

    /**
     * Defines functions of an interface by the methods of a Java object: each abstract method of {@code type} stands
     * for the function of its name, as {@code findAll} for {@code find-all}, with classes as in {@link
     * ComponentInstance#as}. They are checked when a component is instantiated. A public class that is nested in
     * {@code type} and named as a resource, as {@code Counter} for {@code counter}, is the class of its values, as if
     * {@link #resource} named it.
     *
     * @param interfaceName the interface's name; empty for functions outside of an interface
     * @param type          a Java interface
     * @throws IllegalArgumentException if {@code type} is not an interface, or the name is already defined
     */
    public <T> ComponentLinker define(String interfaceName, Class<T> type, T object) {
        Objects.requireNonNull(object, "object");
        Objects.requireNonNull(interfaceName, "interfaceName");
        if (!type.isInterface()) {
            throw new IllegalArgumentException(type.getName() + " is not an interface");
        }
        if (objectsByInterface.putIfAbsent(interfaceName, new Implementation(type, object)) != null) {
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
     * Instantiates a component with these definitions.
     *
     * @throws io.github.wasmton.wasmtime.WasmtimeException if an import is missing; it is named
     * @throws UnsupportedOperationException if Java has no values of a type of a function that is defined here
     * @throws IllegalStateException         if the Store or Component is closed, or the Store is in use
     */
    public ComponentInstance instantiate(Component component) {
        Imports imports = new Imports(component.imports());
        int instance = instantiate(NativeObject.handleOf(store), NativeObject.handleOf(component), imports.host(),
                imports.names.toArray(String[]::new), hasWasi());
        return new ComponentInstance(store, instance, component.exports(), imports.values);
    }

    /**
     * Instantiates a component whose functions outside of an interface are the methods of a Java interface.
     *
     * @throws IllegalArgumentException if a class does not stand for its type; the message names the first
     * @see #instantiate(Component)
     * @see ComponentInstance#as(Class)
     */
    public <T> T instantiate(Component component, Class<T> type) {
        Objects.requireNonNull(type, "type");
        return instantiate(component).as(type);
    }

    /** The definitions that one component imports, by number. */
    private final class Imports {
        /** Interface and name of each, as the component has them. */
        final List<String> names = new ArrayList<>();
        private final List<ComponentHost> hosts = new ArrayList<>();
        private final Map<String, Class<?>> classes = new HashMap<>();
        final Resources values = new Resources(objects, classes);
        private final TypedCodecs codecs = new TypedCodecs(values);

        Imports(Map<String, ComponentType> imports) {
            // Resources first: functions refer to them.
            for (boolean types : new boolean[] {true, false}) {
                imports.forEach((name, type) -> {
                    if (type instanceof InterfaceType items) {
                        items.items().forEach((member, item) -> add(new Name(name, member), item, types));
                    } else {
                        add(new Name("", name), type, types);
                    }
                });
            }
        }

        private void add(Name name, ComponentType type, boolean types) {
            if (types && type instanceof ResourceType resource) {
                Class<?> defined = find(resources, name);
                Implementation implementation = implementation(name);
                if (defined == null && implementation != null) {
                    defined = ResourceInterface.nestedIn(implementation.type, name.name);
                }
                if (defined != null) {
                    classes.put(resource.name(), defined);
                    add(name, (number, bytes) -> {
                        values.drop(resource.name(), new PackedReader(bytes, null).getInt());
                        return null;
                    });
                }
            } else if (!types && type instanceof FuncType func) {
                HostFunction function = find(functions, name);
                if (function != null) {
                    Plan plan = Plan.of(func, name.toString(), new Codecs(values));
                    add(name, (number, bytes) -> call(plan, function, bytes));
                } else {
                    addMethod(name, func);
                }
            }
        }

        private void addMethod(Name name, FuncType type) {
            Class<?> self = classOfMethod(name);
            Implementation implementation = implementation(name);
            Method method = null;
            if (self != null) {
                String function = name.name.substring(name.name.indexOf('.') + 1);
                method = Proxies.method(ResourceInterface.methods(self), function);
            } else if (implementation != null) {
                method = Proxies.method(Proxies.methods(implementation.type), name.name);
            }
            if (method != null) {
                Plan plan = Plan.ofMethod(type, name.toString(), method, codecs, self);
                HostFunction host = Proxies.function(method, self == null ? implementation.object : null);
                add(name, (number, bytes) -> call(plan, host, bytes));
            }
        }

        /** Returns the class of the resource that a function is a method of; null if it is none. */
        private Class<?> classOfMethod(Name name) {
            if (!name.name.startsWith("[method]")) {
                return null;
            }
            String resource = name.name.substring("[method]".length(), name.name.indexOf('.'));
            return classes.get(name.interfaceName.isEmpty() ? resource : name.interfaceName + '#' + resource);
        }

        private Implementation implementation(Name name) {
            return objectsByInterface.get(Versions.find(name.interfaceName, objectsByInterface.keySet()));
        }

        private void add(Name name, ComponentHost host) {
            names.add(name.interfaceName());
            names.add(name.name());
            hosts.add(host);
        }

        ComponentHost host() {
            ComponentHost[] all = hosts.toArray(ComponentHost[]::new);
            return (number, bytes) -> all[number].call(number, bytes);
        }
    }

    private static byte[] call(Plan plan, HostFunction function, byte[] bytes) {
        Object result;
        try {
            result = function.call(plan.readArguments(bytes));
        } catch (ComponentException e) {
            if (plan.canFail) {
                return plan.writeError(e);
            }
            throw e;
        }
        return plan.writeResult(result);
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

    private static native int instantiate(long store, long component, ComponentHost host, String[] names, boolean wasi);
}
