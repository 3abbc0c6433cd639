package io.github.wasmton.wasmtime;

import java.util.Objects;

import io.github.wasmton.wasmtime.internal.HostFunction;

/**
 * Calls wasm functions from Java, and makes functions that wasm can call, with the types said first and the result's
 * last. Looking a function's type up takes longer than calling it: keep what {@code func} and {@code consumer} return.
 *
 * <p>What they return throws {@link TrapException} and {@link ExitException} for what the guest did, whatever a host
 * function threw as the same object,
         {@link IllegalStateException} if the Store is closed or another thread is using it,
 * and {@link StackOverflowError} if the thread has too little stack left to enter wasm.
 */
public final class WasmFunctions {
    /** In place of the letter of a result's type. */
    private static final char NO_RESULT = 0;

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

    /** The function as one of that type; {@link IllegalArgumentException} if it is of another. */
    public static <R> Function0<R> func(Func func, WasmValType<R> rType) {
        check(func, rType.letter);
        return () -> rType.fromRaw(func.call(0, 0, 0, 0));
    }

    /** The function as one of that type; {@link IllegalArgumentException} if it is of another. */
    public static Consumer0 consumer(Func func) {
        check(func, NO_RESULT);
        return () -> func.call(0, 0, 0, 0);
    }

    /** Makes a function that wasm can call in that Store. */
    public static <R> Func wrap(Store store, WasmValType<R> rType, Function0<R> function) {
        return make(store, function, (a, b, c, d) -> rType.toRaw(function.call()), rType.letter);
    }

    /** Makes a function that wasm can call in that Store. */
    public static Func wrap(Store store, Consumer0 function) {
        return make(store, function, (a, b, c, d) -> {
            function.accept();
            return 0;
        }, NO_RESULT);
    }

    /** The function as one of that type; {@link IllegalArgumentException} if it is of another. */
    public static <A, R> Function1<A, R> func(Func func, WasmValType<A> aType, WasmValType<R> rType) {
        check(func, rType.letter, aType);
        return (a) -> rType.fromRaw(func.call(aType.toRaw(a), 0, 0, 0));
    }

    /** The function as one of that type; {@link IllegalArgumentException} if it is of another. */
    public static <A> Consumer1<A> consumer(Func func, WasmValType<A> aType) {
        check(func, NO_RESULT, aType);
        return (a) -> func.call(aType.toRaw(a), 0, 0, 0);
    }

    /** Makes a function that wasm can call in that Store. */
    public static <A, R> Func wrap(Store store, WasmValType<A> aType, WasmValType<R> rType, Function1<A, R> function) {
        return make(store, function, (a, b, c, d) -> rType.toRaw(function.call(aType.fromRaw(a))),
                rType.letter, aType);
    }

    /** Makes a function that wasm can call in that Store. */
    public static <A> Func wrap(Store store, WasmValType<A> aType, Consumer1<A> function) {
        return make(store, function, (a, b, c, d) -> {
            function.accept(aType.fromRaw(a));
            return 0;
        }, NO_RESULT, aType);
    }

    /** The function as one of that type; {@link IllegalArgumentException} if it is of another. */
    public static <A, B, R> Function2<A, B, R> func(Func func, WasmValType<A> aType, WasmValType<B> bType,
            WasmValType<R> rType) {
        check(func, rType.letter, aType, bType);
        return (a, b) -> rType.fromRaw(func.call(aType.toRaw(a), bType.toRaw(b), 0, 0));
    }

    /** The function as one of that type; {@link IllegalArgumentException} if it is of another. */
    public static <A, B> Consumer2<A, B> consumer(Func func, WasmValType<A> aType, WasmValType<B> bType) {
        check(func, NO_RESULT, aType, bType);
        return (a, b) -> func.call(aType.toRaw(a), bType.toRaw(b), 0, 0);
    }

    /** Makes a function that wasm can call in that Store. */
    public static <A, B, R> Func wrap(Store store, WasmValType<A> aType, WasmValType<B> bType, WasmValType<R> rType,
            Function2<A, B, R> function) {
        return make(store, function, (a, b, c, d) -> rType.toRaw(function.call(aType.fromRaw(a), bType.fromRaw(b))),
                rType.letter, aType, bType);
    }

    /** Makes a function that wasm can call in that Store. */
    public static <A, B> Func wrap(Store store, WasmValType<A> aType, WasmValType<B> bType, Consumer2<A, B> function) {
        return make(store, function, (a, b, c, d) -> {
            function.accept(aType.fromRaw(a), bType.fromRaw(b));
            return 0;
        }, NO_RESULT, aType, bType);
    }

    /** The function as one of that type; {@link IllegalArgumentException} if it is of another. */
    public static <A, B, C, R> Function3<A, B, C, R> func(Func func, WasmValType<A> aType, WasmValType<B> bType,
            WasmValType<C> cType, WasmValType<R> rType) {
        check(func, rType.letter, aType, bType, cType);
        return (a, b, c) -> rType.fromRaw(func.call(aType.toRaw(a), bType.toRaw(b), cType.toRaw(c), 0));
    }

    /** The function as one of that type; {@link IllegalArgumentException} if it is of another. */
    public static <A, B, C> Consumer3<A, B, C> consumer(Func func, WasmValType<A> aType, WasmValType<B> bType,
            WasmValType<C> cType) {
        check(func, NO_RESULT, aType, bType, cType);
        return (a, b, c) -> func.call(aType.toRaw(a), bType.toRaw(b), cType.toRaw(c), 0);
    }

    /** Makes a function that wasm can call in that Store. */
    public static <A, B, C, R> Func wrap(Store store, WasmValType<A> aType, WasmValType<B> bType,
            WasmValType<C> cType, WasmValType<R> rType, Function3<A, B, C, R> function) {
        return make(store, function, (a, b, c, d) -> rType.toRaw(function.call(aType.fromRaw(a), bType.fromRaw(b),
                cType.fromRaw(c))), rType.letter, aType, bType, cType);
    }

    /** Makes a function that wasm can call in that Store. */
    public static <A, B, C> Func wrap(Store store, WasmValType<A> aType, WasmValType<B> bType, WasmValType<C> cType,
            Consumer3<A, B, C> function) {
        return make(store, function, (a, b, c, d) -> {
            function.accept(aType.fromRaw(a), bType.fromRaw(b), cType.fromRaw(c));
            return 0;
        }, NO_RESULT, aType, bType, cType);
    }

    /** The function as one of that type; {@link IllegalArgumentException} if it is of another. */
    public static <A, B, C, D, R> Function4<A, B, C, D, R> func(Func func, WasmValType<A> aType, WasmValType<B> bType,
            WasmValType<C> cType, WasmValType<D> dType, WasmValType<R> rType) {
        check(func, rType.letter, aType, bType, cType, dType);
        return (a, b, c, d) -> rType.fromRaw(func.call(aType.toRaw(a), bType.toRaw(b), cType.toRaw(c), dType.toRaw(d)));
    }

    /** The function as one of that type; {@link IllegalArgumentException} if it is of another. */
    public static <A, B, C, D> Consumer4<A, B, C, D> consumer(Func func, WasmValType<A> aType, WasmValType<B> bType,
            WasmValType<C> cType, WasmValType<D> dType) {
        check(func, NO_RESULT, aType, bType, cType, dType);
        return (a, b, c, d) -> func.call(aType.toRaw(a), bType.toRaw(b), cType.toRaw(c), dType.toRaw(d));
    }

    /** Makes a function that wasm can call in that Store. */
    public static <A, B, C, D, R> Func wrap(Store store, WasmValType<A> aType, WasmValType<B> bType,
            WasmValType<C> cType, WasmValType<D> dType, WasmValType<R> rType, Function4<A, B, C, D, R> function) {
        return make(store, function, (a, b, c, d) -> rType.toRaw(function.call(aType.fromRaw(a), bType.fromRaw(b),
                cType.fromRaw(c), dType.fromRaw(d))), rType.letter, aType, bType, cType, dType);
    }

    /** Makes a function that wasm can call in that Store. */
    public static <A, B, C, D> Func wrap(Store store, WasmValType<A> aType, WasmValType<B> bType,
            WasmValType<C> cType, WasmValType<D> dType, Consumer4<A, B, C, D> function) {
        return make(store, function, (a, b, c, d) -> {
            function.accept(aType.fromRaw(a), bType.fromRaw(b), cType.fromRaw(c), dType.fromRaw(d));
            return 0;
        }, NO_RESULT, aType, bType, cType, dType);
    }

    /** {@code host} is what calls {@code function}. */
    private static Func make(Store store, Object function, HostFunction host, char result,
            WasmValType<?>... params) {
        Objects.requireNonNull(function, "function");
        return Func.wrap(store, describe(result, params), host);
    }

    private static void check(Func func, char result, WasmValType<?>... params) {
        String wanted = describe(result, params);
        String actual = func.type();
        if (!actual.equals(wanted)) {
            throw new IllegalArgumentException("the function is " + readable(actual) + ", not " + readable(wanted));
        }
    }

    private static String describe(char result, WasmValType<?>... params) {
        StringBuilder description = new StringBuilder();
        for (WasmValType<?> param : params) {
            description.append(param.letter);
        }
        description.append(':');
        if (result != NO_RESULT) {
            description.append(result);
        }
        return description.toString();
    }

    private static String readable(String description) {
        StringBuilder text = new StringBuilder("(");
        description.chars().forEach(letter -> text.append(switch (letter) {
            case 'i' -> " i32";
            case 'l' -> " i64";
            case 'f' -> " f32";
            case 'd' -> " f64";
            case 'v' -> " v128";
            case 'r' -> " a reference";
            default -> ") -> (";
        }));
        return text.append(')').toString().replace("( ", "(");
    }
}
