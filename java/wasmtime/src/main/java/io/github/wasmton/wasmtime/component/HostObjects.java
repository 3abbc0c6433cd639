package io.github.wasmton.wasmtime.component;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Java objects that components of one linker have as resources, by number. */
final class HostObjects {
    private record Held(String resource, Object object) {}

    private final Map<Integer, Held> objects = new ConcurrentHashMap<>();
    private final AtomicInteger next = new AtomicInteger();

    /** Gives an object to a component. */
    int add(String resource, Object object) {
        Held held = new Held(resource, object);
        int number;
        do {
            number = next.incrementAndGet() & Integer.MAX_VALUE;
        } while (objects.putIfAbsent(number, held) != null);
        return number;
    }

    /** Returns an object that a component lends. */
    Object get(String resource, int number) {
        return check(resource, objects.get(number));
    }

    /** Takes an object back. */
    Object remove(String resource, int number) {
        return check(resource, objects.remove(number));
    }

    /** Returns how many objects components have. */
    int count() {
        return objects.size();
    }

    private static Object check(String resource, Held held) {
        if (held == null || !held.resource.equals(resource)) {
            throw new IllegalStateException("the component has no such " + resource);
        }
        return held.object;
    }
}
