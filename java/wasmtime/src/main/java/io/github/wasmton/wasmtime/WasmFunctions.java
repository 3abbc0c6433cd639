package io.github.wasmton.wasmtime;

import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Objects;

import io.github.wasmton.wasmtime.internal.HostFunction;

/**
 * Conversion between typed Java functions and wasm functions; parameter types come first, the result type last. Looking
 * up a function's type takes longer than calling the function: keep the results of {@code func} and {@code consumer}.
 *
 * <p>For more than four parameters, and for calls that must not box numbers even where the JIT compiler does not remove
 * boxes, use {@link #handle(Func)} and {@link #wrap(Store, MethodHandle)}. For types known only at run time, use {@link
 * Func#call} and {@link Func#Func(Store, FuncType, Func.Callback)}.
 *
 * <p>The functions returned throw {@link TrapException} and {@link ExitException} for what the guest did, any exception
 * of a host function as the same object, {@link IllegalStateException} if the Store is closed or another thread is
 * using it, and {@link StackOverflowError} if the thread has too little stack left to enter wasm.
 */
public final class WasmFunctions {
    private WasmFunctions() {}

    /** A function of 0 parameters and one result. */
    @FunctionalInterface
    public interface Function0<R> {
        /** Calls the function. */
        R call();
    }

    /** A function of 0 parameters and no result. */
    @FunctionalInterface
    public interface Consumer0 {
        /** Calls the function. */
        void accept();
    }

    /** A function of 1 parameter and one result. */
    @FunctionalInterface
    public interface Function1<A, R> {
        /** Calls the function. */
        R call(A a);
    }

    /** A function of 1 parameter and no result. */
    @FunctionalInterface
    public interface Consumer1<A> {
        /** Calls the function. */
        void accept(A a);
    }

    /** A function of 2 parameters and one result. */
    @FunctionalInterface
    public interface Function2<A, B, R> {
        /** Calls the function. */
        R call(A a, B b);
    }

    /** A function of 2 parameters and no result. */
    @FunctionalInterface
    public interface Consumer2<A, B> {
        /** Calls the function. */
        void accept(A a, B b);
    }

    /** A function of 3 parameters and one result. */
    @FunctionalInterface
    public interface Function3<A, B, C, R> {
        /** Calls the function. */
        R call(A a, B b, C c);
    }

    /** A function of 3 parameters and no result. */
    @FunctionalInterface
    public interface Consumer3<A, B, C> {
        /** Calls the function. */
        void accept(A a, B b, C c);
    }

    /** A function of 4 parameters and one result. */
    @FunctionalInterface
    public interface Function4<A, B, C, D, R> {
        /** Calls the function. */
        R call(A a, B b, C c, D d);
    }

    /** A function of 4 parameters and no result. */
    @FunctionalInterface
    public interface Consumer4<A, B, C, D> {
        /** Calls the function. */
        void accept(A a, B b, C c, D d);
    }

    /** Returns a typed view of a function. Throws {@link IllegalArgumentException} if its type differs. */
    public static <R> Function0<R> func(Func func, WasmValType<R> rType) {
        if (!checked(func, List.of(), List.of(rType)).isPlain()) {
            return () -> rType.javaType().cast(func.call()[0]);
        }
        return () -> rType.fromRaw(func.callPlain(0, 0, 0, 0));
    }

    /** Returns a typed view of a function. Throws {@link IllegalArgumentException} if its type differs. */
    public static Consumer0 consumer(Func func) {
        checked(func, List.of(), List.of());
        return () -> func.callPlain(0, 0, 0, 0);
    }

    /** Creates a function that wasm can call in that Store. */
    public static <R> Func wrap(Store store, WasmValType<R> rType, Function0<R> function) {
        return wrap(rType, function).in(store);
    }

    /** Creates a function that wasm can call in any Store. */
    public static <R> HostFunc wrap(WasmValType<R> rType, Function0<R> function) {
        FuncType type = new FuncType(List.of(), List.of(rType));
        return make(type, function, (a, b, c, d) -> rType.toRaw(function.call()),
                args -> function.call());
    }

    /** Creates a function that wasm can call in that Store. */
    public static Func wrap(Store store, Consumer0 function) {
        return wrap(function).in(store);
    }

    /** Creates a function that wasm can call in any Store. */
    public static HostFunc wrap(Consumer0 function) {
        FuncType type = new FuncType(List.of(), List.of());
        return make(type, function, (a, b, c, d) -> {
            function.accept();
            return 0;
        }, args -> {
            function.accept();
            return null;
        });
    }

    /** Returns a typed view of a function. Throws {@link IllegalArgumentException} if its type differs. */
    public static <A, R> Function1<A, R> func(Func func, WasmValType<A> aType, WasmValType<R> rType) {
        if (!checked(func, List.of(aType), List.of(rType)).isPlain()) {
            return a -> rType.javaType().cast(func.call(new Object[] {a})[0]);
        }
        return a -> rType.fromRaw(func.callPlain(aType.toRaw(a), 0, 0, 0));
    }

    /** Returns a typed view of a function. Throws {@link IllegalArgumentException} if its type differs. */
    public static <A> Consumer1<A> consumer(Func func, WasmValType<A> aType) {
        if (!checked(func, List.of(aType), List.of()).isPlain()) {
            return a -> func.call(new Object[] {a});
        }
        return a -> func.callPlain(aType.toRaw(a), 0, 0, 0);
    }

    /** Creates a function that wasm can call in that Store. */
    public static <A, R> Func wrap(Store store, WasmValType<A> aType, WasmValType<R> rType, Function1<A, R> function) {
        return wrap(aType, rType, function).in(store);
    }

    /** Creates a function that wasm can call in any Store. */
    public static <A, R> HostFunc wrap(WasmValType<A> aType, WasmValType<R> rType, Function1<A, R> function) {
        FuncType type = new FuncType(List.of(aType), List.of(rType));
        return make(type, function, (a, b, c, d) -> rType.toRaw(function.call(aType.fromRaw(a))),
                args -> function.call(aType.javaType().cast(args[0])));
    }

    /** Creates a function that wasm can call in that Store. */
    public static <A> Func wrap(Store store, WasmValType<A> aType, Consumer1<A> function) {
        return wrap(aType, function).in(store);
    }

    /** Creates a function that wasm can call in any Store. */
    public static <A> HostFunc wrap(WasmValType<A> aType, Consumer1<A> function) {
        FuncType type = new FuncType(List.of(aType), List.of());
        return make(type, function, (a, b, c, d) -> {
            function.accept(aType.fromRaw(a));
            return 0;
        }, args -> {
            function.accept(aType.javaType().cast(args[0]));
            return null;
        });
    }

    /** Returns a typed view of a function. Throws {@link IllegalArgumentException} if its type differs. */
    public static <A, B, R> Function2<A, B, R> func(Func func, WasmValType<A> aType, WasmValType<B> bType,
            WasmValType<R> rType) {
        if (!checked(func, List.of(aType, bType), List.of(rType)).isPlain()) {
            return (a, b) -> rType.javaType().cast(func.call(a, b)[0]);
        }
        return (a, b) -> rType.fromRaw(func.callPlain(aType.toRaw(a), bType.toRaw(b), 0, 0));
    }

    /** Returns a typed view of a function. Throws {@link IllegalArgumentException} if its type differs. */
    public static <A, B> Consumer2<A, B> consumer(Func func, WasmValType<A> aType, WasmValType<B> bType) {
        if (!checked(func, List.of(aType, bType), List.of()).isPlain()) {
            return (a, b) -> func.call(a, b);
        }
        return (a, b) -> func.callPlain(aType.toRaw(a), bType.toRaw(b), 0, 0);
    }

    /** Creates a function that wasm can call in that Store. */
    public static <A, B, R> Func wrap(Store store, WasmValType<A> aType, WasmValType<B> bType, WasmValType<R> rType,
            Function2<A, B, R> function) {
        return wrap(aType, bType, rType, function).in(store);
    }

    /** Creates a function that wasm can call in any Store. */
    public static <A, B, R> HostFunc wrap(WasmValType<A> aType, WasmValType<B> bType, WasmValType<R> rType,
            Function2<A, B, R> function) {
        FuncType type = new FuncType(List.of(aType, bType), List.of(rType));
        return make(type, function,
                (a, b, c, d) -> rType.toRaw(function.call(aType.fromRaw(a), bType.fromRaw(b))),
                args -> function.call(aType.javaType().cast(args[0]), bType.javaType().cast(args[1])));
    }

    /** Creates a function that wasm can call in that Store. */
    public static <A, B> Func wrap(Store store, WasmValType<A> aType, WasmValType<B> bType, Consumer2<A, B> function) {
        return wrap(aType, bType, function).in(store);
    }

    /** Creates a function that wasm can call in any Store. */
    public static <A, B> HostFunc wrap(WasmValType<A> aType, WasmValType<B> bType, Consumer2<A, B> function) {
        FuncType type = new FuncType(List.of(aType, bType), List.of());
        return make(type, function, (a, b, c, d) -> {
            function.accept(aType.fromRaw(a), bType.fromRaw(b));
            return 0;
        }, args -> {
            function.accept(aType.javaType().cast(args[0]), bType.javaType().cast(args[1]));
            return null;
        });
    }

    /** Returns a typed view of a function. Throws {@link IllegalArgumentException} if its type differs. */
    public static <A, B, C, R> Function3<A, B, C, R> func(Func func, WasmValType<A> aType, WasmValType<B> bType,
            WasmValType<C> cType, WasmValType<R> rType) {
        if (!checked(func, List.of(aType, bType, cType), List.of(rType)).isPlain()) {
            return (a, b, c) -> rType.javaType().cast(func.call(a, b, c)[0]);
        }
        return (a, b, c) -> rType.fromRaw(func.callPlain(aType.toRaw(a), bType.toRaw(b), cType.toRaw(c), 0));
    }

    /** Returns a typed view of a function. Throws {@link IllegalArgumentException} if its type differs. */
    public static <A, B, C> Consumer3<A, B, C> consumer(Func func, WasmValType<A> aType, WasmValType<B> bType,
            WasmValType<C> cType) {
        if (!checked(func, List.of(aType, bType, cType), List.of()).isPlain()) {
            return (a, b, c) -> func.call(a, b, c);
        }
        return (a, b, c) -> func.callPlain(aType.toRaw(a), bType.toRaw(b), cType.toRaw(c), 0);
    }

    /** Creates a function that wasm can call in that Store. */
    public static <A, B, C, R> Func wrap(Store store, WasmValType<A> aType, WasmValType<B> bType, WasmValType<C> cType,
            WasmValType<R> rType, Function3<A, B, C, R> function) {
        return wrap(aType, bType, cType, rType, function).in(store);
    }

    /** Creates a function that wasm can call in any Store. */
    public static <A, B, C, R> HostFunc wrap(WasmValType<A> aType, WasmValType<B> bType, WasmValType<C> cType,
            WasmValType<R> rType, Function3<A, B, C, R> function) {
        FuncType type = new FuncType(List.of(aType, bType, cType), List.of(rType));
        return make(type, function, (a, b, c, d) -> rType.toRaw(function.call(aType.fromRaw(a), bType.fromRaw(b),
                cType.fromRaw(c))),
                args -> function.call(aType.javaType().cast(args[0]), bType.javaType().cast(args[1]),
                        cType.javaType().cast(args[2])));
    }

    /** Creates a function that wasm can call in that Store. */
    public static <A, B, C> Func wrap(Store store, WasmValType<A> aType, WasmValType<B> bType, WasmValType<C> cType,
            Consumer3<A, B, C> function) {
        return wrap(aType, bType, cType, function).in(store);
    }

    /** Creates a function that wasm can call in any Store. */
    public static <A, B, C> HostFunc wrap(WasmValType<A> aType, WasmValType<B> bType, WasmValType<C> cType,
            Consumer3<A, B, C> function) {
        FuncType type = new FuncType(List.of(aType, bType, cType), List.of());
        return make(type, function, (a, b, c, d) -> {
            function.accept(aType.fromRaw(a), bType.fromRaw(b), cType.fromRaw(c));
            return 0;
        }, args -> {
            function.accept(aType.javaType().cast(args[0]), bType.javaType().cast(args[1]),
                    cType.javaType().cast(args[2]));
            return null;
        });
    }

    /** Returns a typed view of a function. Throws {@link IllegalArgumentException} if its type differs. */
    public static <A, B, C, D, R> Function4<A, B, C, D, R> func(Func func, WasmValType<A> aType, WasmValType<B> bType,
            WasmValType<C> cType, WasmValType<D> dType, WasmValType<R> rType) {
        if (!checked(func, List.of(aType, bType, cType, dType), List.of(rType)).isPlain()) {
            return (a, b, c, d) -> rType.javaType().cast(func.call(a, b, c, d)[0]);
        }
        return (a, b, c, d) -> rType.fromRaw(
                func.callPlain(aType.toRaw(a), bType.toRaw(b), cType.toRaw(c), dType.toRaw(d)));
    }

    /** Returns a typed view of a function. Throws {@link IllegalArgumentException} if its type differs. */
    public static <A, B, C, D> Consumer4<A, B, C, D> consumer(Func func, WasmValType<A> aType, WasmValType<B> bType,
            WasmValType<C> cType, WasmValType<D> dType) {
        if (!checked(func, List.of(aType, bType, cType, dType), List.of()).isPlain()) {
            return (a, b, c, d) -> func.call(a, b, c, d);
        }
        return (a, b, c, d) -> func.callPlain(aType.toRaw(a), bType.toRaw(b), cType.toRaw(c), dType.toRaw(d));
    }

    /** Creates a function that wasm can call in that Store. */
    public static <A, B, C, D, R> Func wrap(Store store, WasmValType<A> aType, WasmValType<B> bType,
            WasmValType<C> cType, WasmValType<D> dType, WasmValType<R> rType, Function4<A, B, C, D, R> function) {
        return wrap(aType, bType, cType, dType, rType, function).in(store);
    }

    /** Creates a function that wasm can call in any Store. */
    public static <A, B, C, D, R> HostFunc wrap(WasmValType<A> aType, WasmValType<B> bType, WasmValType<C> cType,
            WasmValType<D> dType, WasmValType<R> rType, Function4<A, B, C, D, R> function) {
        FuncType type = new FuncType(List.of(aType, bType, cType, dType), List.of(rType));
        return make(type, function, (a, b, c, d) -> rType.toRaw(function.call(aType.fromRaw(a), bType.fromRaw(b),
                cType.fromRaw(c), dType.fromRaw(d))),
                args -> function.call(aType.javaType().cast(args[0]), bType.javaType().cast(args[1]),
                        cType.javaType().cast(args[2]), dType.javaType().cast(args[3])));
    }

    /** Creates a function that wasm can call in that Store. */
    public static <A, B, C, D> Func wrap(Store store, WasmValType<A> aType, WasmValType<B> bType, WasmValType<C> cType,
            WasmValType<D> dType, Consumer4<A, B, C, D> function) {
        return wrap(aType, bType, cType, dType, function).in(store);
    }

    /** Creates a function that wasm can call in any Store. */
    public static <A, B, C, D> HostFunc wrap(WasmValType<A> aType, WasmValType<B> bType, WasmValType<C> cType,
            WasmValType<D> dType, Consumer4<A, B, C, D> function) {
        FuncType type = new FuncType(List.of(aType, bType, cType, dType), List.of());
        return make(type, function, (a, b, c, d) -> {
            function.accept(aType.fromRaw(a), bType.fromRaw(b), cType.fromRaw(c), dType.fromRaw(d));
            return 0;
        }, args -> {
            function.accept(aType.javaType().cast(args[0]), bType.javaType().cast(args[1]),
                    cType.javaType().cast(args[2]), dType.javaType().cast(args[3]));
            return null;
        });
    }

    /**
     * Returns the function as a method handle with primitive types: {@code int}, {@code long}, {@code float} and
     * {@code double}; and {@link V128}, {@link Func} and {@link Object} for other types. It returns the result, nothing
     * if there is none, or an {@code Object[]} if there are several. With up to 16 parameters and one result, all
     * numbers, {@code invokeExact} neither boxes nor allocates. Where nanoseconds count, keep the handle in a
     * {@code static final} field, or behind an interface.
     */
    public static MethodHandle handle(Func func) {
        return FuncHandles.of(func);
    }

    /**
     * Creates a function that wasm can call in that Store, of the method handle's type. Parameters and the result are
     * {@code int}, {@code long}, {@code float}, {@code double}, {@link V128} or {@link Func}; any other class becomes
     * an externref. A first parameter of the class {@link Caller} is not passed by wasm. Calls with up to 16 numbers
     * allocate nothing except for the Caller, if there is one.
     *
     * @throws IllegalArgumentException if a type is another of Java's primitives
     */
    public static Func wrap(Store store, MethodHandle function) {
        return HostFunc.of(function).in(store);
    }

    /** Creates a function by {@code plain} if its type allows, otherwise by {@code any}; both call {@code function}. */
    private static HostFunc make(FuncType type, Object function, HostFunction plain,
            Function1<Object[], ?> any) {
        Objects.requireNonNull(function, "function");
        if (type.isPlain()) {
            return HostFunc.plain(type, plain);
        }
        return new HostFunc(type, (caller, args) -> {
            Object result = any.call(args);
            return type.results().isEmpty() ? null : new Object[] {result};
        });
    }

    private static FuncType checked(Func func, List<WasmValType<?>> params, List<WasmValType<?>> results) {
        FuncType wanted = new FuncType(params, results);
        FuncType actual = func.type();
        // Not by equals, which a record makes of method handles: the JVM's caches of these hold class loaders.
        if (!actual.letters().equals(wanted.letters())) {
            throw new IllegalArgumentException("the function is " + actual + ", not " + wanted);
        }
        return actual;
    }
}
