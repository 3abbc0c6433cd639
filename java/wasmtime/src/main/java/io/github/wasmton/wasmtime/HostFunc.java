package io.github.wasmton.wasmtime;

import java.lang.invoke.MethodHandle;
import java.util.Objects;

import io.github.wasmton.wasmtime.internal.HostArrayFunction;
import io.github.wasmton.wasmtime.internal.HostFunction;
import io.github.wasmton.wasmtime.internal.HostManyFunction;
import io.github.wasmton.wasmtime.internal.NativeLibrary;

/**
 * A Java function for wasm that belongs to no {@link Store}. Defined in a {@link Linker}, it can be called in every
 * Store that an {@link InstancePre} of that Linker is instantiated in, also by several threads at a time.
 * {@link WasmFunctions} creates typed ones. What differs from Store to Store, find by {@link Caller#store} and
 * {@link Store#data}.
 */
public final class HostFunc {
    static {
        NativeLibrary.register(HostFunc.class);
    }

    private final FuncType type;
    /** The function, by the cheapest way in which its values can cross; the others are null. */
    private final HostFunction plain;
    private final HostManyFunction many;
    private final Func.Callback any;

    private HostFunc(FuncType type, HostFunction plain, HostManyFunction many, Func.Callback any) {
        this.type = type;
        this.plain = plain;
        this.many = many;
        this.any = any;
    }

    /** Creates a function of any type. */
    public HostFunc(FuncType type, Func.Callback callback) {
        this(Objects.requireNonNull(type, "type"), null, null, Objects.requireNonNull(callback, "callback"));
    }

    /** Creates a function of numbers, with at most four parameters and one result. */
    static HostFunc plain(FuncType type, HostFunction function) {
        return new HostFunc(type, function, null, null);
    }

    /** Creates a function of numbers, with at most sixteen parameters and one result. */
    static HostFunc many(FuncType type, HostManyFunction function) {
        return new HostFunc(type, null, function, null);
    }

    /**
     * Creates a function of the method handle's type, as {@link WasmFunctions#wrap(Store, MethodHandle)} does in a
     * Store.
     *
     * @throws IllegalArgumentException if a type is another of Java's primitives
     */
    public static HostFunc of(MethodHandle function) {
        return FuncHandles.wrap(function);
    }

    /** Returns the function's type. */
    public FuncType type() {
        return type;
    }

    /**
     * Creates this function in a Store.
     *
     * @throws IllegalArgumentException if a type is {@link WasmValType#OTHER_REF}
     */
    public Func in(Store store) {
        if (plain != null) {
            return Func.plain(store, type, plain);
        }
        return many != null ? Func.many(store, type, many) : new Func(store, type, any);
    }

    void define(Linker linker, String module, String name) {
        long handle = Linker.handleOf(linker);
        if (plain != null) {
            define(handle, module, name, type.description(), plain);
        } else if (many != null) {
            defineMany(handle, module, name, type.description(), many);
        } else {
            defineAny(handle, module, name, type.description(), (numbers, objects) ->
                    Func.call(Caller.callingStore(), type, any, numbers, objects));
        }
    }

    private static native void define(long linker, String module, String name, String type, HostFunction function);

    private static native void defineMany(long linker, String module, String name, String type,
            HostManyFunction function);

    private static native void defineAny(long linker, String module, String name, String type,
            HostArrayFunction function);
}
