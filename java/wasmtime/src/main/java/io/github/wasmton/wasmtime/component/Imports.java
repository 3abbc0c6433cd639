package io.github.wasmton.wasmtime.component;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

import io.github.wasmton.wasmtime.component.ComponentLinker.Definition;
import io.github.wasmton.wasmtime.component.ComponentLinker.HostFunction;
import io.github.wasmton.wasmtime.component.ComponentLinker.Implementation;
import io.github.wasmton.wasmtime.component.ComponentLinker.Name;
import io.github.wasmton.wasmtime.component.ComponentType.FuncType;
import io.github.wasmton.wasmtime.component.ComponentType.InterfaceType;
import io.github.wasmton.wasmtime.component.ComponentType.ResourceType;
import io.github.wasmton.wasmtime.internal.ComponentHost;

/** A linker's definitions for the imports of one component, by number, with the plans of its functions. */
final class Imports {
    /** Stands for the answer of a function that is not async. */
    private static final long NO_ANSWER = 0;

    /** A function, or the destructor of a resource. */
    @FunctionalInterface
    private interface Host {
        /** Returns the packed result; null for none, or if it comes later, as the answer of that number. */
        byte[] call(InstanceResources caller, byte[] values, long answer);
    }

    /** The component's exports. */
    final Exports exports;
    private final ComponentLinker linker;
    private final List<String> names = new ArrayList<>();
    private final List<Host> hosts = new ArrayList<>();
    private final Map<String, Class<?>> classes = new HashMap<>();
    private final TypedCodecs codecs;

    Imports(ComponentLinker linker, Component component) {
        this.linker = linker;
        exports = new Exports(component.exports(), new Resources(classes));
        codecs = new TypedCodecs(exports);
        // Resources first: functions refer to them.
        for (boolean types : new boolean[] {true, false}) {
            component.imports().forEach((name, type) -> {
                if (type instanceof InterfaceType items) {
                    items.items().forEach((member, item) -> add(new Name(name, member), item, types));
                } else {
                    add(new Name("", name), type, types);
                }
            });
        }
    }

    /** Returns interface and name of each definition, as the component has them. */
    String[] names() {
        return names.toArray(String[]::new);
    }

    /** Returns the definitions for one instance. */
    ComponentHost host(InstanceResources resources) {
        return new ComponentHost() {
            @Override
            public byte[] call(int number, byte[] values) {
                return hosts.get(number).call(resources, values, NO_ANSWER);
            }

            @Override
            public byte[] callAsync(int number, byte[] values, long answer) {
                return hosts.get(number).call(resources, values, answer);
            }
        };
    }

    private void add(Name name, ComponentType type, boolean types) {
        if (types && type instanceof ResourceType resource) {
            Class<?> defined = linker.resource(name);
            Implementation implementation = linker.implementation(name);
            if (defined == null && implementation != null) {
                defined = ResourceInterface.nestedIn(implementation.type(), name.name());
            }
            if (defined != null) {
                classes.put(resource.name(), defined);
                add(name, (caller, bytes, answer) -> {
                    caller.drop(resource.name(), new PackedReader(bytes, null, caller).getInt());
                    return null;
                });
            }
        } else if (!types && type instanceof FuncType func) {
            Definition<HostFunction> function = linker.function(name);
            if (function != null) {
                Plan plan = Plan.of(func, name.toString(), codecs);
                add(name, (caller, bytes, answer) -> call(plan, function.of(caller), bytes, answer, caller));
            } else {
                addMethod(name, func);
            }
        }
    }

    private void addMethod(Name name, FuncType type) {
        Class<?> self = classOfMethod(name);
        Implementation implementation = linker.implementation(name);
        Method method = null;
        if (self != null) {
            String function = name.name().substring(name.name().indexOf('.') + 1);
            method = Proxies.method(ResourceInterface.methods(self), function);
        } else if (implementation != null) {
            method = Proxies.method(Proxies.methods(implementation.type()), name.name());
        }
        if (method != null) {
            Plan plan = Plan.ofMethod(type, name.toString(), method, codecs, self);
            if (self == null && implementation.object().shared() == null) {
                HostFunction function = Proxies.function(method, null);
                add(name, (caller, bytes, answer) -> call(plan, args -> {
                    Object[] all = new Object[args.length + 1];
                    all[0] = implementation.object().of(caller);
                    System.arraycopy(args, 0, all, 1, args.length);
                    return function.call(all);
                }, bytes, answer, caller));
            } else {
                Object bound = self == null ? implementation.object().shared() : null;
                HostFunction function = Proxies.function(method, bound);
                add(name, (caller, bytes, answer) -> call(plan, function, bytes, answer, caller));
            }
        }
    }

    /** Returns the class of the resource that a function is a method of; null if it is none. */
    private Class<?> classOfMethod(Name name) {
        if (!name.name().startsWith("[method]")) {
            return null;
        }
        String resource = name.name().substring("[method]".length(), name.name().indexOf('.'));
        return classes.get(name.interfaceName().isEmpty() ? resource : name.interfaceName() + '#' + resource);
    }

    private static byte[] call(Plan plan, HostFunction function, byte[] bytes, long answer,
            InstanceResources caller) {
        Object result;
        try {
            result = function.call(plan.readArguments(bytes, caller));
        } catch (ComponentException e) {
            if (plan.canFail) {
                return plan.writeError(e, caller);
            }
            throw e;
        }
        if (answer != NO_ANSWER && plan.isStageOfResult(result)) {
            AsyncCalls.answerLater(plan, (CompletionStage<?>) result, answer, caller);
            return null;
        }
        return plan.writeResult(result, caller);
    }

    private void add(Name name, Host host) {
        names.add(name.interfaceName());
        names.add(name.name());
        hosts.add(host);
    }
}
