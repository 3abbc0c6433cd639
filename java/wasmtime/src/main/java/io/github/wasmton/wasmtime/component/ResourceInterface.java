package io.github.wasmton.wasmtime.component;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.wasmton.wasmtime.internal.JavaNames;

/** A Java interface that stands for a component's resource, with its methods for the resource's methods. */
final class ResourceInterface {
    private final Class<?> type;
    private final String name;
    private final Map<Method, Call> calls = new HashMap<>();

    /** Calls a method of a resource. */
    private interface Call {
        Object call(ComponentResource self, Object[] args);
    }

    /** Takes the interface and the resource's name, as in {@code example:store/types@1.0.0#connection}. */
    ResourceInterface(Class<?> type, String name) {
        this.type = type;
        this.name = name;
    }

    /**
     * Finds the function that each method stands for. A resource that the component itself imports, as those of WASI,
     * can be passed on, but has no functions that Java can call.
     *
     * @throws IllegalArgumentException if a method has none, or a class does not stand for its type
     */
    void bind(Exports exports, TypedCodecs codecs) {
        int hash = name.indexOf('#');
        String interfaceName = hash < 0 ? "" : name.substring(0, hash);
        String prefix = "[method]" + name.substring(hash + 1) + '.';
        Map<String, ComponentType> methods = new LinkedHashMap<>();
        exports.items(interfaceName).forEach((function, item) -> {
            if (function.startsWith(prefix)) {
                methods.put(function.substring(prefix.length()), item);
            }
        });
        if (!interfaceName.isEmpty() && exports.items(interfaceName).isEmpty()) {
            methods(type).forEach(method -> calls.put(method, (self, args) -> {
                throw new UnsupportedOperationException("the component imports " + name
                        + "; Java can pass it on, but not call " + method.getName());
            }));
            return;
        }
        Proxies.functions(type, methods(type), methods, name).forEach((method, function) -> {
            ComponentLinker.Name full = new ComponentLinker.Name(interfaceName, prefix + function);
            Plan plan = Plan.ofMethod(exports.type(full), full.toString(), method, codecs, ComponentResource.class);
            calls.put(method, (self, args) -> {
                Object[] all = new Object[args.length + 1];
                all[0] = self;
                System.arraycopy(args, 0, all, 1, args.length);
                return self.instance().func(full).invoke(plan, all);
            });
        });
    }

    /** Makes the codec of such resources from that of plain ones. */
    Codec codec(Codec plain) {
        return new Codec(plain.where) {
            @Override
            void write(PackedWriter out, Object value) {
                if (value == null || !Proxy.isProxyClass(value.getClass())
                        || !(Proxy.getInvocationHandler(value) instanceof Handler handler)) {
                    throw mismatch("a " + type.getName() + " that the component has made", value);
                }
                plain.write(out, handler.resource);
            }

            @Override
            Object read(PackedReader in) {
                return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type},
                        new Handler((ComponentResource) plain.read(in)));
            }
        };
    }

    /** Returns the methods of a class or interface that stand for a resource's methods. */
    static List<Method> methods(Class<?> type) {
        return Proxies.methods(type).stream().filter(method -> !isClose(method)).toList();
    }

    /** Returns whether a method drops the resource. */
    private static boolean isClose(Method method) {
        return method.getName().equals("close") && method.getParameterCount() == 0
                && AutoCloseable.class.isAssignableFrom(method.getDeclaringClass());
    }

    private final class Handler implements InvocationHandler {
        final ComponentResource resource;

        Handler(ComponentResource resource) {
            this.resource = resource;
        }

        @Override
        public Object invoke(Object proxy, Method method, Object[] args) throws Throwable {
            Object[] given = args == null ? Proxies.NO_ARGUMENTS : args;
            Call call = calls.get(method);
            if (call != null) {
                return call.call(resource, given);
            } else if (isClose(method)) {
                resource.close();
                return null;
            }
            return Proxies.other(proxy, method, given, resource.toString());
        }
    }

    /** Returns the public class that is nested in an interface and named as a resource; null if there is none. */
    static Class<?> nestedIn(Class<?> type, String resource) {
        String simple = JavaNames.pascal(resource);
        return Arrays.stream(type.getClasses()).filter(nested -> JavaNames.matches(nested.getSimpleName(), simple))
                .findAny().orElse(null);
    }
}
