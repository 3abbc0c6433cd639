package io.github.wasmton.wasmtime;

/**
 * An integer of 31 bits, which wasm passes as a reference without allocating.
 *
 * @param value the integer, from {@link #MIN_VALUE} to {@link #MAX_VALUE}
 */
public record I31(int value) implements EqRef {
    /** The smallest integer. */
    public static final int MIN_VALUE = -(1 << 30);
    /** The largest integer. */
    public static final int MAX_VALUE = (1 << 30) - 1;

    /** Throws {@link IllegalArgumentException} for an integer that does not fit. */
    public I31 {
        if (value < MIN_VALUE || value > MAX_VALUE) {
            throw new IllegalArgumentException(value + " does not fit into 31 bits; see I31.wrapping");
        }
    }

    /** Returns the lower 31 bits of an integer, as {@code ref.i31} does. */
    public static I31 wrapping(int value) {
        return new I31(value << 1 >> 1);
    }

    /** Returns the integer without its sign, as {@code i31.get_u} does: from 0 to 2,147,483,647. */
    public int unsigned() {
        return value & Integer.MAX_VALUE;
    }
}
