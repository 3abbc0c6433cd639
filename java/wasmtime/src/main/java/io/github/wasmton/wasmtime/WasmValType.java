package io.github.wasmton.wasmtime;

import java.util.Objects;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;

/**
 * A type of wasm values, with its Java type. Besides the constants there are exact reference types, such as references
 * that are not null, and references to the struct and array types of a module. Functions, globals and tables of wasm
 * have exact types, and {@link StructType#ref} returns one. {@link #kind} returns the constant of such a type.
 *
 * @param <T> the Java type
 */
public final class WasmValType<T> implements StorageType {
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
     * object alive until wasm no longer holds it and the Store has collected it: see {@link Store#gc}. An
     * {@link AnyRef} passes as what it refers to, as {@code extern.convert_any} makes it. Java gets an AnyRef back, and
     * for a {@link HostRef} its object.
     */
    public static final WasmValType<Object> EXTERNREF = new WasmValType<>('E', "externref", Object.class, null, null);
    /** References of wasm's garbage collector, or null. */
    public static final WasmValType<AnyRef> ANYREF = new WasmValType<>('a', "anyref", AnyRef.class, null, null);
    /** References that wasm can compare, or null. */
    public static final WasmValType<EqRef> EQREF = new WasmValType<>('q', "eqref", EqRef.class, null, null);
    /** Integers of 31 bits, or null. */
    public static final WasmValType<I31> I31REF = new WasmValType<>('j', "i31ref", I31.class, null, null);
    /** References to structs, or null. */
    public static final WasmValType<StructRef> STRUCTREF =
            new WasmValType<>('s', "structref", StructRef.class, null, null);
    /** References to arrays, or null. */
    public static final WasmValType<ArrayRef> ARRAYREF = new WasmValType<>('r', "arrayref", ArrayRef.class, null, null);
    /** References usable only inside wasm, such as those to exceptions. Java knows only null. */
    public static final WasmValType<Void> OTHER_REF = new WasmValType<>('o', "ref", Void.class, null, null);

    /** The type's letter in Rust. */
    final char letter;
    private final String name;
    private final Class<T> javaType;
    private final ToLongFunction<T> toRaw;
    private final LongFunction<T> fromRaw;
    /** The type, if the letter does not name it; otherwise null. */
    private final NativeType exact;

    private WasmValType(char letter, String name, Class<T> javaType, ToLongFunction<T> toRaw,
            LongFunction<T> fromRaw) {
        this(letter, name, javaType, toRaw, fromRaw, null);
    }

    private WasmValType(char letter, String name, Class<T> javaType, ToLongFunction<T> toRaw,
            LongFunction<T> fromRaw, NativeType exact) {
        this.exact = exact;
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
            case 'a' -> ANYREF;
            case 'q' -> EQREF;
            case 'j' -> I31REF;
            case 's' -> STRUCTREF;
            case 'r' -> ARRAYREF;
            default -> OTHER_REF;
        };
    }

    /** Returns a type of references of this kind. */
    WasmValType<T> exact(NativeType type) {
        return new WasmValType<>(letter, name, javaType, toRaw, fromRaw, type);
    }

    /** Returns the constant for this type: an exact reference type becomes the general one. */
    public WasmValType<?> kind() {
        return of(letter);
    }

    /** Returns the struct or array type that this type of references names. */
    NativeType named(WasmValType<?> kind) {
        if (exact == null || kind() != kind) {
            throw new IllegalArgumentException(this + " names no type of a module: " + kind
                    + " has to be one such as (ref null $type)");
        }
        return exact.reference(false);
    }

    /** Returns the description that Rust reads. This object has to stay reachable meanwhile. */
    String description() {
        return exact == null ? String.valueOf(letter) : letter + "@" + exact.handle + ';';
    }

    /** Returns the class of the values; {@link Object} for an externref. */
    public Class<T> javaType() {
        return javaType;
    }

    /** Returns whether this is a type of references. Null is a value of those, but for some exact types. */
    public boolean isRef() {
        return toRaw == null && letter != V128.letter;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WasmValType<?> type && type.letter == letter && Objects.equals(type.exact, exact);
    }

    @Override
    public int hashCode() {
        return letter;
    }

    /** Returns the type's name in wasm's text format. */
    @Override
    public String toString() {
        return exact == null ? name : exact.toString();
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
