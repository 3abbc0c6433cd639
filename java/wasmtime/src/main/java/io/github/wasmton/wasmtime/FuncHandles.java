package io.github.wasmton.wasmtime;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

import io.github.wasmton.wasmtime.internal.HostFunction;
import io.github.wasmton.wasmtime.internal.HostManyFunction;

/** Conversion between Funcs and method handles of the same parameter and result types. */
final class FuncHandles {
    private static final MethodHandle CALL_PLAIN = find(Func.class, "callPlain",
            methodType(long.class, long.class, long.class, long.class, long.class));
    private static final MethodHandle CALL_MANY = find(Func.class, "callMany",
            methodType(long.class, Collections.nCopies(16, long.class)));
    private static final MethodHandle CALL_ANY = find(Func.class, "call", methodType(Object[].class, Object[].class));
    private static final MethodHandle FIRST;
    private static final MethodHandle FLOAT_TO_INT;
    private static final MethodHandle INT_TO_FLOAT;
    private static final MethodHandle DOUBLE_TO_LONG;
    private static final MethodHandle LONG_TO_DOUBLE;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            FIRST = lookup.findStatic(FuncHandles.class, "first", methodType(Object.class, Object[].class));
            FLOAT_TO_INT = lookup.findStatic(Float.class, "floatToRawIntBits", methodType(int.class, float.class));
            INT_TO_FLOAT = lookup.findStatic(Float.class, "intBitsToFloat", methodType(float.class, int.class));
            DOUBLE_TO_LONG = lookup.findStatic(Double.class, "doubleToRawLongBits",
                    methodType(long.class, double.class));
            LONG_TO_DOUBLE = lookup.findStatic(Double.class, "longBitsToDouble", methodType(double.class, long.class));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private FuncHandles() {}

    private static MethodHandle find(Class<?> owner, String name, MethodType type) {
        try {
            return MethodHandles.lookup().findVirtual(owner, name, type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    static MethodHandle of(Func func) {
        FuncType type = func.type();
        int params = type.params().size();
        if (type.isMany()) {
            MethodHandle call = (type.isPlain() ? CALL_PLAIN : CALL_MANY).bindTo(func);
            Object[] zeros = new Object[call.type().parameterCount() - params];
            Arrays.fill(zeros, 0L);
            return fromLongs(MethodHandles.insertArguments(call, params, zeros), type);
        }
        MethodHandle call = CALL_ANY.bindTo(func).asFixedArity();
        if (type.results().size() == 1) {
            call = MethodHandles.filterReturnValue(call, FIRST);
        }
        return call.asCollector(Object[].class, params).asType(javaType(type));
    }

    private static Object first(Object[] values) {
        return values[0];
    }

    /** Adapts a handle that takes and returns longs to the function's own types. */
    private static MethodHandle fromLongs(MethodHandle longs, FuncType type) {
        MethodHandle handle = longs;
        for (int i = 0; i < type.params().size(); i++) {
            Class<?> param = javaType(type.params().get(i));
            if (param == float.class) {
                handle = MethodHandles.filterArguments(handle, i, widened(FLOAT_TO_INT));
            } else if (param == double.class) {
                handle = MethodHandles.filterArguments(handle, i, DOUBLE_TO_LONG);
            }
        }
        MethodType wanted = javaType(type);
        if (wanted.returnType() == float.class) {
            handle = MethodHandles.filterReturnValue(handle, narrowed(INT_TO_FLOAT));
        } else if (wanted.returnType() == double.class) {
            handle = MethodHandles.filterReturnValue(handle, LONG_TO_DOUBLE);
        }
        return MethodHandles.explicitCastArguments(handle, wanted);
    }

    static HostFunc wrap(MethodHandle function) {
        MethodType java = function.type();
        boolean wantsCaller = java.parameterCount() > 0 && java.parameterType(0) == Caller.class;
        FuncType type = wasmType(wantsCaller ? java.dropParameterTypes(0, 1) : java);
        if (type.isMany() && !wantsCaller) {
            return type.isPlain() ? HostFunc.plain(type, plain(toLongs(function, type, 4)))
                    : HostFunc.many(type, many(toLongs(function, type, 16)));
        }
        MethodHandle any = function.asType(function.type().generic()).asSpreader(Object[].class, type.params().size());
        MethodHandle called = wantsCaller ? any.asType(methodType(Object.class, Caller.class, Object[].class))
                : MethodHandles.dropArguments(any, 0, Caller.class);
        return new HostFunc(type, (caller, args) -> {
            Object result = invoke(() -> called.invokeExact(caller, args));
            return type.results().isEmpty() ? null : new Object[] {result};
        });
    }

    private static HostFunction plain(MethodHandle function) {
        return (a, b, c, d) -> {
            try {
                return (long) function.invokeExact(a, b, c, d);
            } catch (Throwable e) {
                throw sneaky(e);
            }
        };
    }

    private static HostManyFunction many(MethodHandle function) {
        return (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) -> {
            try {
                return (long) function.invokeExact(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
            } catch (Throwable thrown) {
                throw sneaky(thrown);
            }
        };
    }

    private interface Invocation {
        Object invoke() throws Throwable;
    }

    private static Object invoke(Invocation invocation) {
        try {
            return invocation.invoke();
        } catch (Throwable e) {
            throw sneaky(e);
        }
    }

    /**
     * Throws an exception unchanged, checked or not: what a host function throws comes out of the call as the same
     * object.
     */
    @SuppressWarnings("unchecked")
    private static <E extends Throwable> RuntimeException sneaky(Throwable e) throws E {
        throw (E) e;
    }

    /** Adapts a handle to {@code count} long parameters and a long result. */
    private static MethodHandle toLongs(MethodHandle function, FuncType type, int count) {
        MethodHandle handle = function;
        for (int i = 0; i < type.params().size(); i++) {
            Class<?> param = javaType(type.params().get(i));
            if (param == float.class) {
                handle = MethodHandles.filterArguments(handle, i, narrowed(INT_TO_FLOAT));
            } else if (param == double.class) {
                handle = MethodHandles.filterArguments(handle, i, LONG_TO_DOUBLE);
            }
        }
        Class<?> result = handle.type().returnType();
        if (result == float.class) {
            handle = MethodHandles.filterReturnValue(handle, widened(FLOAT_TO_INT));
        } else if (result == double.class) {
            handle = MethodHandles.filterReturnValue(handle, DOUBLE_TO_LONG);
        }
        Class<?>[] longs = new Class<?>[type.params().size()];
        Arrays.fill(longs, long.class);
        handle = MethodHandles.explicitCastArguments(handle, methodType(long.class, longs));
        Class<?>[] unused = new Class<?>[count - longs.length];
        Arrays.fill(unused, long.class);
        return MethodHandles.dropArguments(handle, longs.length, unused);
    }

    private static MethodHandle widened(MethodHandle toInt) {
        return MethodHandles.explicitCastArguments(toInt, toInt.type().changeReturnType(long.class));
    }

    private static MethodHandle narrowed(MethodHandle fromInt) {
        return MethodHandles.explicitCastArguments(fromInt, fromInt.type().changeParameterType(0, long.class));
    }

    private static MethodType javaType(FuncType type) {
        Class<?> result = switch (type.results().size()) {
            case 0 -> void.class;
            case 1 -> javaType(type.results().get(0));
            default -> Object[].class;
        };
        return methodType(result, type.params().stream().map(FuncHandles::javaType).toArray(Class<?>[]::new));
    }

    private static Class<?> javaType(WasmValType<?> type) {
        return type.isNumber() ? MethodType.methodType(type.javaType()).unwrap().returnType() : type.javaType();
    }

    private static FuncType wasmType(MethodType type) {
        List<WasmValType<?>> params = new ArrayList<>();
        type.parameterList().forEach(param -> params.add(wasmType(param)));
        return new FuncType(params, type.returnType() == void.class ? List.of() : List.of(wasmType(type.returnType())));
    }

    private static WasmValType<?> anyType(Class<?> type) {
        for (WasmValType<?> reference : List.of(WasmValType.I31REF, WasmValType.STRUCTREF, WasmValType.ARRAYREF)) {
            if (reference.javaType() == type) {
                return reference;
            }
        }
        return EqRef.class.isAssignableFrom(type) ? WasmValType.EQREF : WasmValType.ANYREF;
    }

    private static WasmValType<?> wasmType(Class<?> type) {
        if (type == int.class) {
            return WasmValType.I32;
        } else if (type == long.class) {
            return WasmValType.I64;
        } else if (type == float.class) {
            return WasmValType.F32;
        } else if (type == double.class) {
            return WasmValType.F64;
        } else if (type == V128.class) {
            return WasmValType.V128;
        } else if (type == Func.class) {
            return WasmValType.FUNCREF;
        } else if (AnyRef.class.isAssignableFrom(type)) {
            return anyType(type);
        } else if (type.isPrimitive()) {
            throw new IllegalArgumentException("wasm has no " + type + ": use int, long, float or double");
        }
        return WasmValType.EXTERNREF;
    }
}
