package io.github.wasmton.wasmtime;

import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

import io.github.wasmton.wasmtime.internal.NativeLibrary;

/** A reference to an array of wasm's garbage collector. {@link GcRef} says how long it lives. */
public final class ArrayRef extends GcRef {
    static {
        NativeLibrary.register(ArrayRef.class);
    }

    /** The type, once it has been looked up; it does not change. */
    private volatile ArrayType type;

    ArrayRef(Store store, long handle) {
        super(store, handle);
    }

    private ArrayRef(Store store, ArrayType type, long handle) {
        super(store, handle);
        this.type = type;
    }

    /**
     * Creates an array filled with one element.
     *
     * @param element the element, of the class given by {@link StorageType}
     * @throws IllegalArgumentException if the element does not match the type, the length is negative, or the type
     *                                  belongs to another Engine
     * @throws ResourceLimitException   if the heap of the Store cannot grow beyond {@link StoreLimits#memorySize}
     * @throws WasmtimeException        if the heap of the Store is full
     * @throws IllegalStateException    if the Store is closed or another thread is using it
     */
    public ArrayRef(Store store, ArrayType type, Object element, long length) {
        this(store, type, create(store, type, element, length));
    }

    /** Creates an array of these elements. Throws what the constructor throws. */
    public static ArrayRef of(Store store, ArrayType type, Object... elements) {
        checkOpen(store);
        Values values = new Values(store, elements.length);
        values.put(Collections.nCopies(elements.length, type.element().unpacked()), elements, "element");
        return new ArrayRef(store, type,
                createFixed(handleOf(store), type.nativeType().handle, values.numbers, values.objects));
    }

    /**
     * Creates an array of bytes, by one copy. Throws what the constructor throws.
     *
     * @throws WasmtimeException also if the elements are not {@link PackedType#I8}
     */
    public static ArrayRef ofBytes(Store store, ArrayType type, byte[] bytes) {
        return new ArrayRef(store, type, createBytes(handleOf(store), type.nativeType().handle, bytes));
    }

    private static long create(Store store, ArrayType type, Object element, long length) {
        Values value = Values.of(store, type.element().unpacked(), element, "the element");
        return create(handleOf(store), type.nativeType().handle, length, value.numbers, value.objects);
    }

    /**
     * Returns the array's type.
     *
     * @throws IllegalStateException if this or the Store is closed, or another thread is using the Store
     */
    public ArrayType type() {
        ArrayType known = type;
        if (known == null) {
            try {
                known = new ArrayType(new NativeType(arrayType(handleOf(store), handleOf(this))));
            } finally {
                Reference.reachabilityFence(this);
            }
            type = known;
        }
        return known;
    }

    /**
     * Returns the number of elements.
     *
     * @throws IllegalStateException if this or the Store is closed, or another thread is using the Store
     */
    public long length() {
        try {
            return length(handleOf(store), handleOf(this));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Returns an element. An element of {@link PackedType} is an Integer without a sign. For a reference to a struct or
     * an array this is a new object, to be closed.
     *
     * @throws IndexOutOfBoundsException if the array has no such element
     * @throws IllegalStateException     if this or the Store is closed, or another thread is using the Store
     */
    public Object get(long index) {
        Values value = new Values(store, 1);
        try {
            char letter = get(handleOf(store), handleOf(this), index, value.numbers, value.objects);
            return value.get(0, WasmValType.of(letter));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Changes an element. Of an integer for an element of {@link PackedType} the lower bits are stored.
     *
     * @throws IndexOutOfBoundsException if the array has no such element
     * @throws IllegalArgumentException  if the element does not match the type
     * @throws WasmtimeException         if the elements are not mutable
     * @throws IllegalStateException     if this or the Store is closed, or another thread is using the Store
     */
    public void set(long index, Object element) {
        Values value = Values.of(store, type().element().unpacked(), element, "the element");
        try {
            set(handleOf(store), handleOf(this), index, value.numbers, value.objects);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Returns all elements, as {@link #get} does. */
    public List<Object> elements() {
        int length = Math.toIntExact(length());
        Values values = new Values(store, length);
        try {
            char letter = elements(handleOf(store), handleOf(this), values.numbers, values.objects);
            return Collections.unmodifiableList(
                    Arrays.asList(values.get(Collections.nCopies(length, WasmValType.of(letter)))));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Returns a copy of an array of bytes.
     *
     * @throws WasmtimeException     if the elements are not {@link PackedType#I8}
     * @throws IllegalStateException if this or the Store is closed, or another thread is using the Store
     */
    public byte[] bytes() {
        try {
            return bytes(handleOf(store), handleOf(this));
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private static native long create(long store, long arrayType, long length, long[] numbers, Object[] objects);

    private static native long createFixed(long store, long arrayType, long[] numbers, Object[] objects);

    private static native long createBytes(long store, long arrayType, byte[] bytes);

    private static native long arrayType(long store, long reference);

    private static native long length(long store, long reference);

    private static native char get(long store, long reference, long index, long[] numbers, Object[] objects);

    private static native void set(long store, long reference, long index, long[] numbers, Object[] objects);

    private static native char elements(long store, long reference, long[] numbers, Object[] objects);

    private static native byte[] bytes(long store, long reference);
}
