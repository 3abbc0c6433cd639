package io.github.wasmton.wasmtime.component;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Packs values for Rust; see packed.rs. */
final class PackedWriter {
    /** Byte lists from this length on cross as arrays of their own. */
    private static final int LARGE = 1024;
    /** The most byte lists of one call that do. */
    private static final int MOST_ARRAYS = 8;
    private static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    byte[] bytes;
    int length;
    /** The large byte lists, in their order; null if there are none. */
    final byte[][] arrays;
    /** The resources of the instance that these values come from or go to. */
    final InstanceResources resources;
    private int arraysUsed;
    private List<Runnable> afterwards;

    /** Creates a writer. Results come back in the same bytes and arrays. */
    PackedWriter(int size, boolean hasByteLists, InstanceResources resources) {
        bytes = new byte[size];
        arrays = hasByteLists ? new byte[MOST_ARRAYS][] : null;
        this.resources = resources;
    }

    /** Remembers what to do after the call. */
    void afterwards(Runnable action) {
        if (afterwards == null) {
            afterwards = new ArrayList<>();
        }
        afterwards.add(action);
    }

    void runAfterwards() {
        if (afterwards != null) {
            afterwards.forEach(Runnable::run);
        }
    }

    private int grow(int by) {
        int at = length;
        int end = Math.addExact(at, by);
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(end, (int) Math.min(Integer.MAX_VALUE - 8, 2L * bytes.length)));
        }
        length = end;
        return at;
    }

    void putByte(int value) {
        int at = grow(1);
        bytes[at] = (byte) value;
    }

    void putShort(int value) {
        int at = grow(2);
        SHORT.set(bytes, at, (short) value);
    }

    void putInt(int value) {
        int at = grow(4);
        INT.set(bytes, at, value);
    }

    void putLong(long value) {
        int at = grow(8);
        LONG.set(bytes, at, value);
    }

    void putString(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        putInt(utf8.length);
        putAll(utf8);
    }

    void putBytes(byte[] value) {
        if (value.length >= LARGE && arrays != null && arraysUsed < arrays.length) {
            arrays[arraysUsed++] = value;
            putInt(-arraysUsed);
        } else {
            putInt(value.length);
            putAll(value);
        }
    }

    private void putAll(byte[] value) {
        int at = grow(value.length);
        System.arraycopy(value, 0, bytes, at, value.length);
    }

    /** Removes the arrays of the arguments, so that those of the result can be told from them. */
    byte[] packed() {
        return Arrays.copyOf(bytes, length);
    }
}
