package io.github.wasmton.wasmtime;

import java.util.function.LongFunction;
import java.util.function.ToLongFunction;

/**
 * A type of wasm values and the Java type of these.
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
     * References to any Java object, or null. What comes out of wasm is the object that went in. Wasm's reference keeps
     * it from being collected until wasm holds it no more and its Store has collected: see {@link Store#gc}.
     */
    public static final WasmValType<Object> EXTERNREF = new WasmValType<>('E', "externref", Object.class, null, null);
    /** References that are of use inside of wasm only, such as those to structs. Of these Java knows null alone. */
    public static final WasmValType<Void> OTHER_REF = new WasmValType<>('o', "ref", Void.class, null, null);

    /** How Rust knows the type. */
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

    /** The class of the values; an externref's is {@link Object}. */
    public Class<T> javaType() {
        return javaType;
    }

    /** Whether this is one of {@link #FUNCREF}, {@link #EXTERNREF} and {@link #OTHER_REF}: null is a value then. */
    public boolean isRef() {
        return this == FUNCREF || this == EXTERNREF || this == OTHER_REF;
    }

    /** The type's name in wasm's text format. */
    @Override
    public String toString() {
        return name;
    }

    /** Whether all bits of a long, or the lower half of them, are a value. */
    boolean isNumber() {
        return toRaw != null;
    }

    /** A number's bits, in the lower end. */
    long toRaw(T value) {
        return toRaw.applyAsLong(value);
    }

    /** The number of those bits. */
    T fromRaw(long raw) {
        return fromRaw.apply(raw);
    }

    /** The value if it is of this type; {@code what} names it in the exception if not. */
    T check(Object value, String what) {
        if (value == null ? isRef() : javaType.isInstance(value)) {
            return javaType.cast(value);
        }
        String actual = value == null ? "null" : "of the class " + value.getClass().getName();
        throw new IllegalArgumentException(what + " is " + actual + ", but " + name + " takes " + javaType.getName());
    }
}
