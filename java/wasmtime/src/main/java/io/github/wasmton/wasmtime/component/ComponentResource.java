package io.github.wasmton.wasmtime.component;

import java.util.concurrent.CompletableFuture;

import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * A resource of a component that Java has: one that it owns, or one that is lent to a host function for the time of its
 * call. An owned one is dropped once, by {@link #close} or by the function that it is given to; its Store drops what is
 * left without running destructors. Each further use is an {@link IllegalStateException}.
 */
public final class ComponentResource implements AutoCloseable {
    static {
        NativeLibrary.register(ComponentResource.class);
    }

    private final InstanceResources resources;
    /** Null if the component was still being instantiated. */
    private final ComponentInstance instance;
    private final String name;
    private final long number;
    private volatile boolean closed;

    ComponentResource(InstanceResources resources, String name, long number) {
        this.resources = resources;
        instance = resources.instance();
        this.name = name;
        this.number = number;
    }

    InstanceResources resources() {
        return resources;
    }

    ComponentInstance instance() {
        ComponentInstance found = instance == null ? resources.instance() : instance;
        if (found == null) {
            throw new IllegalStateException("the component is still being instantiated");
        }
        return found;
    }

    long number() {
        return number;
    }

    /** Fails at once, where a failure in Rust would end other calls of its Store, too. */
    void checkNotClosed() {
        if (closed) {
            throw new IllegalStateException("the resource is closed");
        }
    }

    /** Returns the name of its type, as in {@code example:store/types@1.0.0#connection}. */
    public String name() {
        return name;
    }

    /**
     * Calls a method of the resource, as in {@code counter.call("increment", 5)}.
     *
     * @throws java.util.NoSuchElementException if it has no such method
     * @see ComponentFunc#call
     */
    public Object call(String method, Object... args) {
        return method(method).call(withThis(args));
    }

    /**
     * Begins a call of a method of the resource, which has to stay open until the call has ended.
     *
     * @throws java.util.NoSuchElementException if it has no such method
     * @see ComponentFunc#callAsync
     */
    public CompletableFuture<Object> callAsync(String method, Object... args) {
        return method(method).callAsync(withThis(args));
    }

    private ComponentFunc method(String method) {
        int hash = name.indexOf('#');
        String simple = name.substring(hash + 1);
        return instance().getFunc(hash < 0 ? "" : name.substring(0, hash),
                "[method]" + simple + '.' + method);
    }

    private Object[] withThis(Object[] args) {
        Object[] all = new Object[args.length + 1];
        all[0] = this;
        System.arraycopy(args, 0, all, 1, args.length);
        return all;
    }

    /**
     * Drops the resource; the component's destructor runs. Does nothing if that was done before.
     *
     * @throws IllegalStateException if the Store is closed or in use, or the resource was given away
     */
    @Override
    public void close() {
        if (!closed) {
            dropResource(NativeObject.handleOf(instance().store()), number);
            closed = true;
        }
    }

    @Override
    public String toString() {
        return name + ' ' + number;
    }

    private static native void dropResource(long store, long resource);
}
