package io.github.wasmton.wasmtime;

import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

import io.github.wasmton.wasmtime.internal.NativeLibrary;

/** A reference to a struct of wasm's garbage collector. {@link GcRef} says how long it lives. */
public final class StructRef extends GcRef {
    static {
        NativeLibrary.register(StructRef.class);
    }

    /** The type, once it has been looked up; it does not change. */
    private volatile StructType type;

    StructRef(Store store, long handle) {
        super(store, handle);
    }

    /**
     * Creates a struct in a Store.
     *
     * @param fields the values of its fields, of the classes given by {@link StorageType}
     * @throws IllegalArgumentException if the values do not match the type, or the type belongs to another Engine
     * @throws ResourceLimitException   if the heap of the Store cannot grow beyond {@link StoreLimits#memorySize}
     * @throws WasmtimeException        if the heap of the Store is full
     * @throws IllegalStateException    if the Store is closed or another thread is using it
     */
    public StructRef(Store store, StructType type, Object... fields) {
        super(store, create(store, type, fields));
        this.type = type;
    }

    private static long create(Store store, StructType type, Object[] fields) {
        checkOpen(store);
        Objects.requireNonNull(fields, "fields");
        Values values = new Values(store, type.fields().size());
        values.put(FieldType.unpacked(type.fields()), fields, "field");
        return create(handleOf(store), type.nativeType().handle, values.numbers, values.objects);
    }

    /**
     * Returns the struct's type.
     *
     * @throws IllegalStateException if this or the Store is closed, or another thread is using the Store
     */
    public StructType type() {
        StructType known = type;
        if (known == null) {
            try {
                known = new StructType(new NativeType(structType(handleOf(store), handleOf(this))));
            } finally {
                Reference.reachabilityFence(this);
            }
            type = known;
        }
        return known;
    }

    /**
     * Returns the value of a field. A field of {@link PackedType} is an Integer without a sign. For a reference to a
     * struct or an array this is a new object, to be closed.
     *
     * @throws IndexOutOfBoundsException if the struct has no such field
     * @throws IllegalStateException     if this or the Store is closed, or another thread is using the Store
     */
    public Object field(int index) {
        Values value = new Values(store, 1);
        try {
            char letter = field(handleOf(store), handleOf(this), index, value.numbers, value.objects);
            return value.get(0, WasmValType.of(letter));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Returns the values of all fields, as {@link #field} does. */
    public List<Object> fields() {
        Object[] values = new Object[type().fields().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = field(i);
        }
        return Collections.unmodifiableList(Arrays.asList(values));
    }

    /**
     * Changes the value of a field. Of an integer for a field of {@link PackedType} the lower bits are stored.
     *
     * @throws IndexOutOfBoundsException if the struct has no such field
     * @throws IllegalArgumentException  if the value does not match the field's type
     * @throws WasmtimeException         if the field is not mutable
     * @throws IllegalStateException     if this or the Store is closed, or another thread is using the Store
     */
    public void setField(int index, Object value) {
        List<FieldType> fields = type().fields();
        if (index < 0 || index >= fields.size()) {
            throw new IndexOutOfBoundsException("field " + index + " of a struct with " + fields.size() + " fields");
        }
        Values values = Values.of(store, fields.get(index).unpacked(), value, "field " + index);
        try {
            setField(handleOf(store), handleOf(this), index, values.numbers, values.objects);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private static native long create(long store, long structType, long[] numbers, Object[] objects);

    private static native long structType(long store, long reference);

    private static native char field(long store, long reference, int index, long[] numbers, Object[] objects);

    private static native void setField(long store, long reference, int index, long[] numbers, Object[] objects);
}
