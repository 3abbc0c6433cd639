package io.github.wasmton.wasmtime;

import io.github.wasmton.wasmtime.internal.NativeLibrary;

/**
 * A table of references. It belongs to its {@link Store} and lives as long as that Store. Elements are
 * {@link Func}s, {@link AnyRef}s or any objects, depending on {@link TableType#element}, or null.
 */
public final class Table implements AutoCloseable {
    static {
        NativeLibrary.register(Table.class);
    }

    final Store store;
    final int index;
    /** The type; it does not change. */
    private final TableType type;

    Table(Store store, int index) {
        this(store, index, (TableType) Extern.type(store, index));
    }

    private Table(Store store, int index, TableType type) {
        this.store = store;
        this.index = index;
        this.type = type;
    }

    /**
     * Creates a table filled with one element.
     *
     * @throws IllegalArgumentException if the element is not of the type
     * @throws WasmtimeException        if the system has too little memory
     */
    public Table(Store store, TableType type, Object element) {
        this(store, create(store, type, element), type);
    }

    private static int create(Store store, TableType type, Object element) {
        Values values = Values.of(store, type.element(), element, "the element");
        return create(Store.handleOf(store), type.element().description(), type.minimum(), type.maximum().orElse(-1),
                type.is64(), values.numbers, values.objects);
    }

    /** Returns the table's type. */
    public TableType type() {
        return type;
    }

    /** Returns the number of elements. */
    public long size() {
        return size(Store.handleOf(store), index);
    }

    /**
     * Returns an element.
     *
     * @throws IndexOutOfBoundsException if the index is out of bounds
     */
    public Object get(long at) {
        Values values = new Values(store, 1);
        get(Store.handleOf(store), index, at, values.numbers, values.objects);
        return values.get(0, type.element());
    }

    /**
     * Replaces an element.
     *
     * @throws IndexOutOfBoundsException if the index is out of bounds
     * @throws IllegalArgumentException  if the new element is not of the table's type
     */
    public void set(long at, Object element) {
        Values values = value(element);
        set(Store.handleOf(store), index, at, values.numbers, values.objects);
    }

    /**
     * Adds elements, all the same.
     *
     * @return the number of elements before; -1 if the table cannot grow that far
     * @throws IllegalArgumentException if the element is not of the table's type
     */
    public long grow(long by, Object element) {
        Values values = value(element);
        return grow(Store.handleOf(store), index, by, values.numbers, values.objects);
    }

    /**
     * Fills a range with one element.
     *
     * @throws IndexOutOfBoundsException if the range is out of bounds; nothing changes then
     */
    public void fill(long from, long length, Object element) {
        Values values = value(element);
        fill(Store.handleOf(store), index, from, length, values.numbers, values.objects);
    }

    /**
     * Copies elements to a table of the same Store, which may be this one.
     *
     * @throws IndexOutOfBoundsException if either range is out of bounds; nothing is copied then
     * @throws WasmtimeException         if the target's elements are of another type
     */
    public void copyTo(long from, Table target, long to, long length) {
        store.checkOwns(target.store, "Table");
        copy(Store.handleOf(store), target.index, to, index, from, length);
    }

    private Values value(Object element) {
        return Values.of(store, type.element(), element, "the element");
    }

    /** Does nothing: a table ends with its Store. */
    @Override
    public void close() {}

    private static native int create(long store, String element, long minimum, long maximum, boolean is64,
            long[] numbers, Object[] objects);

    private static native long size(long store, int table);

    private static native void get(long store, int table, long index, long[] numbers, Object[] objects);

    private static native void set(long store, int table, long index, long[] numbers, Object[] objects);

    private static native long grow(long store, int table, long by, long[] numbers, Object[] objects);

    private static native void fill(long store, int table, long from, long length, long[] numbers, Object[] objects);

    private static native void copy(long store, int target, long targetIndex, int source, long sourceIndex,
            long length);
}
