package io.github.wasmton.wasmtime;

import java.util.List;

import io.github.wasmton.wasmtime.internal.NativeObject;

/** Values of any type as they cross to and from Rust: two longs and one object each; see value.rs. */
final class Values {
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
        } else if (type == WasmValType.V128) {
            numbers[2 * i] = ((V128) value).low();
            numbers[2 * i + 1] = ((V128) value).high();
        } else if (type == WasmValType.FUNCREF) {
            if (value != null) {
                store.checkOwns(((Func) value).store, "Func");
            }
            numbers[2 * i] = value == null ? -1 : ((Func) value).index;
        } else {
            objects[i] = value;
        }
    }

    /** Decodes the values of those types. */
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
        if (type == WasmValType.FUNCREF) {
            return low < 0 ? null : new Func(store, (int) low);
        }
        return objects[i];
    }
}
