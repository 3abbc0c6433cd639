package io.github.wasmton.wasmtime;

import java.util.function.LongFunction;
import java.util.function.ToLongFunction;

/**
 * A type of wasm values, with its Java type.
 *
 * @param <T> the Java type
 */
public final class WasmValType<T> {
    /** 32-bit integers. */
    public static final WasmValType<Integer> I32 = new WasmValType<>('i', "i32", Integer.class,
            v -> v & 0xFFFF_FFFFL, raw -> (int) raw);
    /** 64-bit integers. */
    public static final WasmValType<Long> I64 = new WasmValType<>('l', "i64", Long.class, v -> v, raw -> raw);
    /** 32-bit floats. */
    public static final WasmValType<Float> F32 = new WasmValType<>('f', "f32", Float.class,
            v -> Float.floatToRawIntBits(v) & 0xFFFF_FFFFL, raw -> Float.intBitsToFloat((int) raw));
    /** 64-bit floats. */
    public static final WasmValType<Double> F64 = new WasmValType<>('d', "f64", Double.class,
            Double::doubleToRawLongBits, Double::longBitsToDouble);
    /** Vectors. */
    public static final WasmValType<V128> V128 = new WasmValType<>('v', "v128", V128.class, null, null);
    /** References to functions of the same Store, or null. */
    public static final WasmValType<Func> FUNCREF = new WasmValType<>('F', "funcref", Func.class, null, null);
    /**
     * References to any Java object, or null. Java gets back the same object that it passed in. A reference keeps its
     * object alive until wasm no longer holds it and the Store has collected it: see {@link Store#gc}.
     */
    public static final WasmValType<Object> EXTERNREF = new WasmValType<>('E', "externref", Object.class, null, null);
    /** References usable only inside wasm, such as those to structs. Java knows only null. */
    public static final WasmValType<Void> OTHER_REF = new WasmValType<>('o', "ref", Void.class, null, null);

    /** The type's letter in Rust. */
    final char letter;
    private final String name;
    private final Class<T> javaType;
    private final ToLongFunction<T> toRaw;
    private final LongFunction<T> fromRaw;

    private WasmValType(char letter, String name, Class<T> javaType, ToLongFunction<T> toRaw,
            LongFunction<T> fromRaw) {
        this.letter = letter;
        this.name = name;
        this.javaType = javaType;
        this.toRaw = toRaw;
        this.fromRaw = fromRaw;
    }

    static WasmValType<?> of(int letter) {
        return switch (letter) {
            case 'i' -> I32;
            case 'l' -> I64;
            case 'f' -> F32;
            case 'd' -> F64;
            case 'v' -> V128;
            case 'F' -> FUNCREF;
            case 'E' -> EXTERNREF;
            default -> OTHER_REF;
        };
    }

    /** Returns the class of the values; {@link Object} for an externref. */
    public Class<T> javaType() {
        return javaType;
    }

    /** Returns whether this is {@link #FUNCREF}, {@link #EXTERNREF} or {@link #OTHER_REF}, of which null is a value. */
    public boolean isRef() {
        return this == FUNCREF || this == EXTERNREF || this == OTHER_REF;
    }

    /** Returns the type's name in wasm's text format. */
    @Override
    public String toString() {
        return name;
    }

    /** Returns whether values are the bits of a long or of its lower half. */
    boolean isNumber() {
        return toRaw != null;
    }

    /** Returns a number's bits, in the lower end of a long. */
    long toRaw(T value) {
        return toRaw.applyAsLong(value);
    }

    /** Returns the number with those bits. */
    T fromRaw(long raw) {
        return fromRaw.apply(raw);
    }

    /** Returns the value if it has this type; {@code what} names it in the exception otherwise. */
    T check(Object value, String what) {
        if (value == null ? isRef() : javaType.isInstance(value)) {
            return javaType.cast(value);
        }
        String actual = value == null ? "null" : "of the class " + value.getClass().getName();
        throw new IllegalArgumentException(what + " is " + actual + ", but " + name + " takes " + javaType.getName());
    }
}
