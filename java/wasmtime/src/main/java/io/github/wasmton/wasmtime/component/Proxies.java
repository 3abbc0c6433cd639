package io.github.wasmton.wasmtime.component;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import io.github.wasmton.wasmtime.component.ComponentType.FuncType;
import io.github.wasmton.wasmtime.component.ComponentType.InterfaceType;
import io.github.wasmton.wasmtime.internal.JavaNames;
import io.github.wasmton.wasmtime.internal.KnownNames;

/** Java interfaces whose methods stand for functions of WIT. */
final class Proxies {
    static final Object[] NO_ARGUMENTS = {};

    private Proxies() {}

    /** Returns the methods of a class or interface that stand for functions. */
    static List<Method> methods(Class<?> type) {
        return Arrays.stream(type.getMethods()).filter(TypedCodecs::isFunction).toList();
    }

    /** Returns the method that stands for a function; null if there is none. */
    static Method method(List<Method> methods, String function) {
        String name = JavaNames.function(function);
        return methods.stream().filter(method -> JavaNames.matches(method.getName(), name)).findAny()
                .orElse(null);
    }

    /**
     * Finds the function that each abstract method of an interface stands for, or the exported interface.
     *
     * @throws IllegalArgumentException if a method has none; it is named
     */
    static Map<Method, String> functions(Class<?> type, Map<String, ComponentType> items, String where) {
        if (!type.isInterface()) {
            throw new IllegalArgumentException(type.getName() + " is not an interface");
        }
        return functions(type, methods(type), items, where);
    }

    /** Finds the function that each of an interface's methods stands for. */
    static Map<Method, String> functions(Class<?> type, List<Method> methods, Map<String, ComponentType> items,
            String where) {
        List<String> names = items.entrySet().stream().filter(item -> item.getValue() instanceof FuncType)
                .map(Map.Entry::getKey).toList();
        Map<Method, String> functions = new LinkedHashMap<>();
        for (Method method : methods) {
            functions.put(method, names.stream()
                    .filter(name -> JavaNames.matches(method.getName(), JavaNames.function(name))).findFirst()
                    .or(() -> exportedInterface(method, items))
                    .orElseThrow(() -> new IllegalArgumentException(type.getName() + '.' + method.getName()
                            + ": the component exports no such function" + (where.isEmpty() ? "" : " in " + where)
                            + "; " + KnownNames.text(names.stream().sorted().collect(Collectors.joining(", "))))));
        }
        return functions;
    }

    /** Finds the exported interface that a method returns, by its name without or with the package's name. */
    private static Optional<String> exportedInterface(Method method, Map<String, ComponentType> items) {
        if (method.getParameterCount() > 0 || !method.getReturnType().isInterface()) {
            return Optional.empty();
        }
        for (int form = 0; form < 2; form++) {
            int tried = form;
            List<String> found = items.keySet().stream().filter(name -> items.get(name) instanceof InterfaceType)
                    .filter(name -> JavaNames.matches(method.getName(), JavaNames.exportedInterface(name).get(tried)))
                    .toList();
            if (found.size() == 1) {
                return Optional.of(found.get(0));
            }
        }
        return Optional.empty();
    }

    /** Calls a method that stands for no function: of Object, where {@code text} is the string, or a default one. */
    static Object other(Object proxy, Method method, Object[] args, String text) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return switch (method.getName()) {
                case "equals" -> proxy == args[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> text;
            };
        }
        return defaultMethod(method).bindTo(proxy).invokeWithArguments(args);
    }

    /** Returns a default method of an interface, which need not be public. */
    private static MethodHandle defaultMethod(Method method) throws IllegalAccessException {
        Class<?> type = method.getDeclaringClass();
        return MethodHandles.privateLookupIn(type, MethodHandles.lookup()).unreflectSpecial(method, type);
    }

    /** Makes a host function that calls an object's method. If {@code object} is null, the first argument is it. */
    static ComponentLinker.HostFunction function(Method method, Object object) {
        MethodHandle handle;
        try {
            handle = MethodHandles.privateLookupIn(method.getDeclaringClass(), MethodHandles.lookup())
                    .unreflect(method);
        } catch (IllegalAccessException e) {
            throw new IllegalArgumentException(method + " cannot be called from here. Its module has to open "
                    + method.getDeclaringClass().getPackageName() + " to io.github.wasmton.wasmtime", e);
        }
        MethodHandle bound = object == null ? handle : handle.bindTo(object);
        int arguments = bound.type().parameterCount();
        MethodHandle generic = bound.asType(MethodType.genericMethodType(arguments))
                .asSpreader(Object[].class, arguments);
        return args -> {
            try {
                return (Object) generic.invokeExact(args);
            } catch (Throwable e) {
                throw Resources.sneaky(e);
            }
        };
    }
}
