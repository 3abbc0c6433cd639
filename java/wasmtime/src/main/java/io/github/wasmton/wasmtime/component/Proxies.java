package io.github.wasmton.wasmtime.component;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import io.github.wasmton.wasmtime.component.ComponentType.FuncType;
import io.github.wasmton.wasmtime.internal.KnownNames;

/** Java interfaces whose methods stand for functions of WIT. */
final class Proxies {
    private static final Object[] NO_ARGUMENTS = {};

    private Proxies() {}

    /** Calls of one method. */
    interface Call {
        Object call(Object[] args);
    }

    /** Makes the call of a method that stands for the function of a name. */
    interface Binding {
        Call bind(Method method, String name);
    }

    private static List<Method> methods(Class<?> type) {
        return Arrays.stream(type.getMethods()).filter(TypedCodecs::isFunction).toList();
    }

    /** Returns the method that stands for a function; null if there is none. */
    static Method method(Class<?> type, String function) {
        String name = JavaNames.camel(function);
        return methods(type).stream().filter(method -> JavaNames.matches(method.getName(), name)).findAny()
                .orElse(null);
    }

    /**
     * Finds the function that each abstract method of an interface stands for.
     *
     * @throws IllegalArgumentException if a method has none; it is named
     */
    static Map<Method, String> functions(Class<?> type, Map<String, ComponentType> items, String where) {
        if (!type.isInterface()) {
            throw new IllegalArgumentException(type.getName() + " is not an interface");
        }
        List<String> names = items.entrySet().stream().filter(item -> item.getValue() instanceof FuncType)
                .map(Map.Entry::getKey).toList();
        Map<Method, String> functions = new LinkedHashMap<>();
        for (Method method : methods(type)) {
            functions.put(method, names.stream()
                    .filter(name -> JavaNames.matches(method.getName(), JavaNames.camel(name))).findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(type.getName() + '.' + method.getName()
                            + ": the component exports no such function" + (where.isEmpty() ? "" : " in " + where)
                            + "; " + KnownNames.text(names.stream().sorted().collect(Collectors.joining(", "))))));
        }
        return functions;
    }

    /** Makes an object of an interface. Default methods run as they are. */
    static <T> T of(Class<T> type, Map<Method, String> functions, Binding binding) {
        Map<Method, Call> calls = new HashMap<>();
        functions.forEach((method, name) -> calls.put(method, binding.bind(method, name)));
        InvocationHandler handler = (proxy, method, args) -> {
            Call call = calls.get(method);
            if (call != null) {
                return call.call(args == null ? NO_ARGUMENTS : args);
            }
            if (method.getDeclaringClass() == Object.class) {
                return switch (method.getName()) {
                    case "equals" -> proxy == args[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    default -> type.getName() + " of a component";
                };
            }
            return defaultMethod(method).bindTo(proxy).invokeWithArguments(args == null ? NO_ARGUMENTS : args);
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    /** Returns a default method of an interface, which need not be public. */
    private static MethodHandle defaultMethod(Method method) throws IllegalAccessException {
        Class<?> type = method.getDeclaringClass();
        return MethodHandles.privateLookupIn(type, MethodHandles.lookup()).unreflectSpecial(method, type);
    }

    /** Makes a host function of an object's method. */
    static ComponentLinker.HostFunction function(Method method, Object object) {
        MethodHandle handle;
        try {
            handle = MethodHandles.privateLookupIn(method.getDeclaringClass(), MethodHandles.lookup())
                    .unreflect(method).bindTo(object);
        } catch (IllegalAccessException e) {
            throw new IllegalArgumentException(method + " cannot be called from here. Its module has to open "
                    + method.getDeclaringClass().getPackageName() + " to io.github.wasmton.wasmtime", e);
        }
        MethodHandle generic = handle.asType(MethodType.genericMethodType(method.getParameterCount()))
                .asSpreader(Object[].class, method.getParameterCount());
        return args -> {
            try {
                return (Object) generic.invokeExact(args);
            } catch (Throwable e) {
                throw Resources.sneaky(e);
            }
        };
    }
}
