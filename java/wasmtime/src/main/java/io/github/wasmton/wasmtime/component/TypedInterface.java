package io.github.wasmton.wasmtime.component;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;

/** A Java interface that stands for exported functions of a component, checked for all of its instances. */
final class TypedInterface {
    private final Class<?> type;
    private final Map<Method, Exports.Function> functions;
    /** The methods that stand for an exported interface. */
    private final Map<Method, TypedInterface> parts;

    TypedInterface(Class<?> type, Map<Method, Exports.Function> functions, Map<Method, TypedInterface> parts) {
        this.type = type;
        this.functions = functions;
        this.parts = parts;
    }

    /** Returns an object of the interface that calls the functions of an instance. Default methods run as they are. */
    Object of(ComponentInstance instance) {
        Map<Method, Object> made = new HashMap<>();
        parts.forEach((method, part) -> made.put(method, part.of(instance)));
        InvocationHandler handler = (proxy, method, args) -> {
            Object[] given = args == null ? Proxies.NO_ARGUMENTS : args;
            Exports.Function function = functions.get(method);
            if (function != null) {
                return instance.func(function.name()).invoke(function.plan(), given);
            }
            Object part = made.get(method);
            return part != null ? part
                    : Proxies.other(proxy, method, given, type.getName() + " of a component");
        };
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
    }
}
