package io.github.wasmton.wasmtime;

import java.util.function.LongFunction;
import java.util.function.ToLongFunction;

/**
 * A number type of wasm and the Java type of its values.
 *
 * @param <T> the Java type
 */
public final class WasmValType<T> {
    /** 32-bit integers. */
    public static final WasmValType<Integer> I32 = new WasmValType<>('i', v -> v & 0xFFFF_FFFFL, raw -> (int) raw);
    /** 64-bit integers. */
    public static final WasmValType<Long> I64 = new WasmValType<>('l', v -> v, raw -> raw);
    /** 32-bit floats. */
    public static final WasmValType<Float> F32 = new WasmValType<>('f',
            v -> Float.floatToRawIntBits(v) & 0xFFFF_FFFFL, raw -> Float.intBitsToFloat((int) raw));
    /** 64-bit floats. */
    public static final WasmValType<Double> F64 = new WasmValType<>('d', Double::doubleToRawLongBits,
            Double::longBitsToDouble);

    /** How Rust knows the type. */
    final char letter;
    private final ToLongFunction<T> toRaw;
    private final LongFunction<T> fromRaw;

    private WasmValType(char letter, ToLongFunction<T> toRaw, LongFunction<T> fromRaw) {
        this.letter = letter;
        this.toRaw = toRaw;
        this.fromRaw = fromRaw;
    }

    /** The value's bits, in the lower end. */
    long toRaw(T value) {
        return toRaw.applyAsLong(value);
    }

    /** The value of those bits. */
    T fromRaw(long raw) {
        return fromRaw.apply(raw);
    }
}
