package io.github.wasmton.wasmtime.component;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads values that Rust packed; see packed.rs. */
final class PackedReader {
    private static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] bytes;
    private final byte[][] arrays;
    /** The resources of the instance that these values come from or go to. */
    final InstanceResources resources;
    private int at;

    PackedReader(byte[] bytes, byte[][] arrays, InstanceResources resources) {
        this.bytes = bytes;
        this.arrays = arrays;
        this.resources = resources;
    }

    private int advance(int by) {
        int before = at;
        at += by;
        return before;
    }

    byte getByte() {
        return bytes[advance(1)];
    }

    short getShort() {
        return (short) SHORT.get(bytes, advance(2));
    }

    int getInt() {
        return (int) INT.get(bytes, advance(4));
    }

    long getLong() {
        return (long) LONG.get(bytes, advance(8));
    }

    String getString() {
        int length = getInt();
        return new String(bytes, advance(length), length, StandardCharsets.UTF_8);
    }

    byte[] getBytes() {
        int length = getInt();
        if (length < 0) {
            return arrays[-1 - length];
        }
        int start = advance(length);
        return Arrays.copyOfRange(bytes, start, start + length);
    }
}
