package io.github.wasmton.wasmtime.component;

/** The way of values of one type to Rust and back. Made once for each place of a function's type. */
abstract class Codec {
    /** The place in messages: a parameter's, field's or result's. */
    final String where;

    Codec(String where) {
        this.where = where;
    }

    /**
     * Checks and packs a value.
     *
     * @throws IllegalArgumentException if the value is not of the type
     * @throws NullPointerException     if it is null, or has a null within
     */
    abstract void write(PackedWriter out, Object value);

    abstract Object read(PackedReader in);

    /** Returns whether values may contain byte lists. */
    boolean hasByteLists() {
        return false;
    }

    /** Returns whether values are numbers that can cross as longs: see {@link #toLong}. */
    boolean isNumber() {
        return false;
    }

    /** Checks a number and returns its bits. */
    long toLong(Object value) {
        throw new UnsupportedOperationException(where);
    }

    Object fromLong(long bits) {
        throw new UnsupportedOperationException(where);
    }

    /** Returns about how many bytes a value takes. */
    int size() {
        return 8;
    }

    /** Makes the exception for a value that is not of the type, or is null. */
    final RuntimeException mismatch(String needed, Object value) {
        if (value == null) {
            return new NullPointerException(where + " needs " + needed + ", not null");
        }
        String found = value.getClass().getSimpleName();
        String text = value instanceof Number || value instanceof String ? " '" + value + '\'' : "";
        return new IllegalArgumentException(where + " needs " + needed + ", not " + found + text);
    }
}
