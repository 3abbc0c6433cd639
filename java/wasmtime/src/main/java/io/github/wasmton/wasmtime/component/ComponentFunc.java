package io.github.wasmton.wasmtime.component;

import java.lang.ref.Reference;
import java.util.Objects;

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
        if (Objects.requireNonNull(args, "args").length != plan.params.length) {
            throw new IllegalArgumentException(name + " needs " + plan.params.length + " arguments, not " + args.length
                    + ": " + type);
        }
        return call(plan, args);
    }

    /** Calls the function with arguments in the number of its parameters. */
    Object call(Plan with, Object[] args) {
        try {
            if (runsOnFibers) {
                return callOnFiber(with, args);
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
