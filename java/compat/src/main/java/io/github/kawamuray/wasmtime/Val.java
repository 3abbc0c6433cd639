package io.github.kawamuray.wasmtime;

import java.util.Arrays;
import java.util.List;

/**
 * A wasm value with its type, an element of the {@code Object[]} of {@link io.github.wasmton.wasmtime.Func#call}.
 *
 * @param getType  its type
 * @param getValue the value: Integer, Long, Float, Double, {@link io.github.wasmton.wasmtime.V128}, {@link Func}, or
 *                 any object for an externref
 */
public record Val(Type getType, Object getValue) {
    /** A type of values: {@link io.github.wasmton.wasmtime.WasmValType}. */
    public enum Type {
        /** 32-bit integers. */
        I32(io.github.wasmton.wasmtime.WasmValType.I32),
        /** 64-bit integers. */
        I64(io.github.wasmton.wasmtime.WasmValType.I64),
        /** 32-bit floats. */
        F32(io.github.wasmton.wasmtime.WasmValType.F32),
        /** 64-bit floats. */
        F64(io.github.wasmton.wasmtime.WasmValType.F64),
        /** References to any Java object, or null. */
        EXTERN_REF(io.github.wasmton.wasmtime.WasmValType.EXTERNREF),
        /** References to functions, or null. */
        FUNC_REF(io.github.wasmton.wasmtime.WasmValType.FUNCREF),
        /** Vectors. */
        V128(io.github.wasmton.wasmtime.WasmValType.V128);

        final io.github.wasmton.wasmtime.WasmValType<?> delegate;

        Type(io.github.wasmton.wasmtime.WasmValType<?> delegate) {
            this.delegate = delegate;
        }

        static Type of(io.github.wasmton.wasmtime.WasmValType<?> delegate) {
            return Arrays.stream(values()).filter(type -> type.delegate == delegate.kind()).findFirst()
                    .orElseThrow(() -> new UnsupportedOperationException("no Val.Type stands for the type " + delegate
                            + ": use io.github.wasmton.wasmtime.WasmValType"));
        }

        static Type[] of(List<io.github.wasmton.wasmtime.WasmValType<?>> delegates) {
            return delegates.stream().map(Type::of).toArray(Type[]::new);
        }
    }

    /** Creates an i32. */
    public static Val fromI32(int value) {
        return new Val(Type.I32, value);
    }

    /** Creates an i64. */
    public static Val fromI64(long value) {
        return new Val(Type.I64, value);
    }

    /** Creates an f32. */
    public static Val fromF32(float value) {
        return new Val(Type.F32, value);
    }

    /** Creates an f64. */
    public static Val fromF64(double value) {
        return new Val(Type.F64, value);
    }

    /** Wraps a value of the binding. */
    static Val of(Type type, Object value) {
        return new Val(type, value instanceof io.github.wasmton.wasmtime.Func func && type == Type.FUNC_REF
                ? new Func(func) : value);
    }

    /** Wraps values of the binding. */
    static Val[] of(Type[] types, Object[] values) {
        Val[] vals = new Val[types.length];
        Arrays.setAll(vals, i -> of(types[i], values[i]));
        return vals;
    }

    /** Returns the value, for the binding; null stands for a missing Val. */
    static Object unwrap(Val val) {
        if (val == null) {
            return null;
        }
        return val.getType == Type.FUNC_REF && val.getValue instanceof Func func ? func.delegate : val.getValue;
    }

    /** Returns the values, for the binding. */
    static Object[] unwrap(Val[] vals) {
        return Arrays.stream(vals).map(Val::unwrap).toArray();
    }

    /** Returns an i32. Each of these methods throws {@link IllegalStateException} if the value has another type. */
    public int i32() {
        return (Integer) value(Type.I32);
    }

    /** Returns an i64. */
    public long i64() {
        return (Long) value(Type.I64);
    }

    /** Returns an f32. */
    public float f32() {
        return (Float) value(Type.F32);
    }

    /** Returns an f64. */
    public double f64() {
        return (Double) value(Type.F64);
    }

    private Object value(Type wanted) {
        if (getType != wanted) {
            throw new IllegalStateException("the value is of the type " + getType + ", not " + wanted);
        }
        return getValue;
    }

    @Override
    public String toString() {
        return "Val(type=" + getType + ", value=" + getValue + ')';
    }
}
