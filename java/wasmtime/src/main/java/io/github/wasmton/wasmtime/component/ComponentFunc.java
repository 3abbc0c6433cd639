package io.github.wasmton.wasmtime.component;

import java.lang.ref.Reference;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.component.ComponentType.FuncType;
import io.github.wasmton.wasmtime.internal.NativeLibrary;
import io.github.wasmton.wasmtime.internal.NativeObject;

/**
 * A function that a component exports. It belongs to its {@link Store} and lives as long as that Store. The package
 * lists which Java values stand for which types.
 */
public final class ComponentFunc {
    static {
        NativeLibrary.register(ComponentFunc.class);
    }

    private final ComponentInstance instance;
    private final Store store;
    private final int index;
    private final FuncType type;
    private final Plan plan;
    private final String name;
    private final InstanceResources resources;
    private final boolean runsOnFibers;

    ComponentFunc(ComponentInstance instance, int index, Exports.Function function) {
        this.instance = instance;
        this.index = index;
        store = instance.store();
        resources = instance.resources();
        runsOnFibers = instance.runsOnFibers();
        name = function.name().toString();
        type = function.type();
        plan = function.plan();
    }

    /** Returns its type. */
    public FuncType type() {
        return type;
    }

    /**
     * Calls the function. If it is an {@code async func}, the call waits for its result.
     *
     * @return the result; null if the function has none, or has a result type whose success has no value
     * @throws ComponentException       if the function has a result type and returned an error
     * @throws IllegalArgumentException if an argument is not of its type, or there are too few or too many
     * @throws NullPointerException     if an argument is null, or has a null within
     * @throws IllegalStateException    if the Store is closed or in use, or a resource is closed or was given away
     * @throws io.github.wasmton.wasmtime.TrapException if the component traps, or waits for something that can never
     *                                                  come. No component of its Store can be called any more
     */
    public Object call(Object... args) {
        checkNumber(args);
        return call(plan, args);
    }

    private void checkNumber(Object[] args) {
        if (Objects.requireNonNull(args, "args").length != plan.params.length) {
            throw new IllegalArgumentException(name + " needs " + plan.params.length + " arguments, not " + args.length
                    + ": " + type);
        }
    }

    /**
     * Begins a call and returns at once. Calls of one Store run concurrently, as the async functions of a component do:
     * one of them runs while others wait. None of them needs a thread while it waits. Any thread may begin calls of a
     * Store that has some already; until the last one has ended, the Store and what belongs to it cannot be used in any
     * other way.
     *
     * <p>The future completes with the result, or with the exception that {@link #call} throws, as the same object. A
     * trap, a deadline, or an exception of a host function ends all calls of the Store with the same exception. So does
     * {@link Store#close}, with an {@link IllegalStateException}. A limit of {@link Store#callWithin} applies to calls
     * that begin within it. {@link java.util.concurrent.CompletableFuture#cancel} and its like complete only the
     * future: the component does not notice, and the function runs to its end.
     *
     * <p>Host functions run on threads of this library, and so do actions that depend on the future, except those added
     * by a method whose name ends in {@code Async}. They may block, but there are few of these threads.
     *
     * @return the future of the result, which is null as for {@link #call}
     * @throws IllegalArgumentException if an argument is not of its type, or there are too few or too many
     * @throws NullPointerException     if an argument is null, or has a null within
     * @throws IllegalStateException    if the Store is closed, in use by another call than those of this method, or has
     *                                  no component with async functions
     */
    public CompletableFuture<Object> callAsync(Object... args) {
        checkNumber(args);
        return callAsync(plan, args);
    }

    /** Calls the function by the plan of a method. */
    Object invoke(Plan with, Object[] args) {
        return with.returnsStage ? callAsync(with, args) : call(with, args);
    }

    private CompletableFuture<Object> callAsync(Plan with, Object[] args) {
        if (!runsOnFibers) {
            NativeObject.checkOpen(store);
            throw new IllegalStateException(name + " cannot be called by callAsync: no component of its Store has "
                    + "async functions. Use call");
        }
        PackedWriter out = with.plainWriter(resources);
        boolean written = false;
        try {
            with.writeArguments(out, args);
            written = true;
        } finally {
            if (!written) {
                out.runAfterwards();
            }
        }
        return AsyncCalls.begin(instance, index, with, out);
    }

    /** Calls the function with arguments in the number of its parameters. */
    Object call(Plan with, Object[] args) {
        try {
            if (runsOnFibers) {
                return with.outlastsCalls ? AsyncCalls.await(callAsync(with, args)) : callOnFiber(with, args);
            }
            return with.isNumbers ? callNumbers(with, args) : callPacked(with, args);
        } finally {
            // Host functions need it.
            Reference.reachabilityFence(instance);
        }
    }

    private Object callOnFiber(Plan with, Object[] args) {
        PackedWriter out = with.plainWriter(resources);
        try {
            with.writeArguments(out, args);
            byte[] result = callOnFiber(NativeObject.handleOf(store), index, out.packed());
            return with.readResult(new PackedReader(result, null, resources));
        } finally {
            out.runAfterwards();
        }
    }

    private Object callNumbers(Plan with, Object[] args) {
        long result = callNumbers(NativeObject.handleOf(store), index, with.number(args, 0), with.number(args, 1),
                with.number(args, 2), with.number(args, 3));
        return with.result == null ? null : with.result.fromLong(result);
    }

    private Object callPacked(Plan with, Object[] args) {
        PackedWriter out = with.writer(resources);
        try {
            with.writeArguments(out, args);
            byte[] result = out.bytes;
            if (call(NativeObject.handleOf(store), index, result, out.length, out.arrays) != 0) {
                result = takeResult(NativeObject.handleOf(store));
            }
            return with.readResult(new PackedReader(result, out.arrays, resources));
        } finally {
            out.runAfterwards();
        }
    }

    @Override
    public String toString() {
        return name + ": " + type;
    }

    private static native long callNumbers(long store, int func, long a, long b, long c, long d);

    private static native byte[] takeResult(long store);

    private static native byte[] callOnFiber(long store, int func, byte[] values);

    private static native int call(long store, int func, byte[] values, int length, byte[][] arrays);
}
