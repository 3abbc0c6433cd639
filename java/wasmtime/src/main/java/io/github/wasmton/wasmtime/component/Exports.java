package io.github.wasmton.wasmtime.component;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

import io.github.wasmton.wasmtime.component.ComponentLinker.Name;
import io.github.wasmton.wasmtime.component.ComponentType.FuncType;
import io.github.wasmton.wasmtime.component.ComponentType.InterfaceType;
import io.github.wasmton.wasmtime.internal.KnownNames;

/** The exports of a linked component. Plans and Java interfaces are made once for all of its instances. Thread-safe. */
final class Exports {
    /** An exported function, with a plan for its values. */
    record Function(Name name, FuncType type, Plan plan) {}

    private record TypedName(String interfaceName, Class<?> type) {}

    final Map<String, ComponentType> all;
    final Resources resources;
    private final Map<Name, Function> functions = new ConcurrentHashMap<>();
    private final Map<TypedName, TypedInterface> interfaces = new ConcurrentHashMap<>();

    Exports(Map<String, ComponentType> all, Resources resources) {
        this.all = all;
        this.resources = resources;
    }

    /** Returns the items of an exported interface, or with an empty name all exports. */
    Map<String, ComponentType> items(String interfaceName) {
        return interfaceName.isEmpty() ? all
                : all.get(interfaceName) instanceof InterfaceType found ? found.items() : Map.of();
    }

    /**
     * Returns a function with the plan for values without a class of the user's.
     *
     * @throws NoSuchElementException        if there is no such function; the message lists what there is
     * @throws UnsupportedOperationException if Java has no values of one of its types
     */
    Function function(Name name) {
        return functions.computeIfAbsent(name, any -> {
            FuncType type = type(name);
            return new Function(name, type, Plan.of(type, name.toString(), new Codecs(resources)));
        });
    }

    /**
     * Returns a Java interface that stands for the functions of an exported interface, or with an empty name for the
     * exports.
     *
     * @throws IllegalArgumentException if a class does not stand for its type, or there is no function for a method;
     *                                  the message names the first
     */
    TypedInterface typed(String interfaceName, Class<?> type) {
        TypedName name = new TypedName(interfaceName, type);
        TypedInterface known = interfaces.get(name);
        if (known == null) {
            TypedInterface made = make(interfaceName, type);
            TypedInterface other = interfaces.putIfAbsent(name, made);
            known = other == null ? made : other;
        }
        return known;
    }

    private TypedInterface make(String interfaceName, Class<?> type) {
        Map<String, ComponentType> items = items(interfaceName);
        TypedCodecs codecs = new TypedCodecs(this);
        Map<Method, Function> methods = new HashMap<>();
        Map<Method, TypedInterface> parts = new HashMap<>();
        Proxies.functions(type, items, interfaceName).forEach((method, item) -> {
            if (items.get(item) instanceof InterfaceType) {
                parts.put(method, typed(item, method.getReturnType()));
            } else {
                Name name = new Name(interfaceName, item);
                methods.put(method, new Function(name, type(name),
                        Plan.of(type(name), name.toString(), method, codecs)));
            }
        });
        return new TypedInterface(type, methods, parts);
    }

    /**
     * Returns the type of a function.
     *
     * @throws NoSuchElementException if there is no such function; the message lists what there is
     */
    FuncType type(Name name) {
        if (items(name.interfaceName()).get(name.name()) instanceof FuncType func) {
            return func;
        }
        throw none(name);
    }

    NoSuchElementException none(Name name) {
        return new NoSuchElementException("no exported function '" + name + "'; " + KnownNames.text(
                functions().stream().map(Name::toString).collect(Collectors.joining(", "))));
    }

    /** Returns the names of all functions. */
    List<Name> functions() {
        List<Name> names = new ArrayList<>();
        all.forEach((exported, type) -> {
            if (type instanceof FuncType) {
                names.add(new Name("", exported));
            } else if (type instanceof InterfaceType items) {
                items.items().forEach((member, item) -> {
                    if (item instanceof FuncType) {
                        names.add(new Name(exported, member));
                    }
                });
            }
        });
        return names;
    }
}
