package io.github.wasmton.wasmtime;

import java.util.List;

import io.github.wasmton.wasmtime.internal.NativeObject;

/** Values of any type as they cross to and from Rust: two longs and one object each; see value.rs. */
final class Values {
    /** The kind of a reference, in its second long, as in value.rs. */
    private static final int OBJECT_KIND = 0;
    private static final int I31_KIND = 1;
    private static final int STRUCT_KIND = 2;
    private static final int ARRAY_KIND = 3;
    private static final int HOST_KIND = 4;

    private final Store store;
    final long[] numbers;
    final Object[] objects;

    Values(Store store, long[] numbers, Object[] objects) {
        this.store = store;
        this.numbers = numbers;
        this.objects = objects;
    }

    /** Creates room for that many values. */
    Values(Store store, int count) {
        this(store, new long[2 * count], new Object[count]);
    }

    /** Encodes one value. */
    static Values of(Store store, WasmValType<?> type, Object value, String what) {
        NativeObject.checkOpen(store);
        Values values = new Values(store, 1);
        values.put(0, type, value, what);
        return values;
    }

    /** Encodes as many values as there are types; {@code what} names them in exceptions. */
    void put(List<WasmValType<?>> types, Object[] values, String what) {
        int given = values == null ? 0 : values.length;
        if (given != types.size()) {
            throw new IllegalArgumentException("needs " + types.size() + ' ' + what + "s, not " + given);
        }
        for (int i = 0; i < given; i++) {
            put(i, types.get(i), values[i], what + ' ' + i);
        }
    }

    private <T> void put(int i, WasmValType<T> type, Object value, String what) {
        T checked = type.check(value, what);
        if (type.isNumber()) {
            numbers[2 * i] = type.toRaw(checked);
        } else if (value instanceof V128 vector && type == WasmValType.V128) {
            numbers[2 * i] = vector.low();
            numbers[2 * i + 1] = vector.high();
        } else if (type.kind() == WasmValType.FUNCREF) {
            if (value != null) {
                store.checkOwns(((Func) value).store, "Func");
            }
            numbers[2 * i] = value == null ? -1 : ((Func) value).index;
        } else {
            putReference(i, value);
        }
    }

    private void putReference(int i, Object value) {
        // Also what crosses as numbers: the array keeps it reachable during the call.
        objects[i] = value;
        if (value instanceof I31 integer) {
            numbers[2 * i] = integer.value();
            numbers[2 * i + 1] = I31_KIND;
        } else if (value instanceof GcRef reference) {
            store.checkOwns(reference.store, "reference");
            numbers[2 * i] = NativeObject.handleOf(reference);
            numbers[2 * i + 1] = reference instanceof StructRef ? STRUCT_KIND : ARRAY_KIND;
        } else if (value instanceof HostRef host) {
            objects[i] = host.object();
            numbers[2 * i + 1] = HOST_KIND;
        } else {
            numbers[2 * i + 1] = OBJECT_KIND;
        }
    }

    /** Decodes the values of those types, once: structs and arrays become the objects that own them. */
    Object[] get(List<WasmValType<?>> types) {
        Object[] values = new Object[types.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = get(i, types.get(i));
        }
        return values;
    }

    Object get(int i, WasmValType<?> type) {
        long low = numbers[2 * i];
        if (type.isNumber()) {
            return type.fromRaw(low);
        }
        if (type == WasmValType.V128) {
            return new V128(low, numbers[2 * i + 1]);
        }
        if (type.kind() == WasmValType.FUNCREF) {
            return low < 0 ? null : new Func(store, (int) low);
        }
        return switch ((int) numbers[2 * i + 1]) {
            case I31_KIND -> new I31((int) low);
            case STRUCT_KIND -> new StructRef(store, low);
            case ARRAY_KIND -> new ArrayRef(store, low);
            case HOST_KIND -> new HostRef(objects[i]);
            default -> objects[i];
        };
    }
}
