package io.github.wasmton.wasmtime;

import io.github.wasmton.wasmtime.internal.NativeLibrary;

/** A global variable. It belongs to its {@link Store} and lives as long as that Store. */
public final class Global implements AutoCloseable {
    static {
        NativeLibrary.register(Global.class);
    }

    final Store store;
    final int index;
    /** The type; it does not change. */
    private final GlobalType type;

    Global(Store store, int index) {
        this(store, index, (GlobalType) Extern.type(store, index));
    }

    private Global(Store store, int index, GlobalType type) {
        this.store = store;
        this.index = index;
        this.type = type;
    }

    /**
     * Creates a global variable.
     *
     * @param value the initial value, of the class {@link WasmValType#javaType}
     * @throws IllegalArgumentException if the value does not match the type
     */
    public Global(Store store, GlobalType type, Object value) {
        this(store, create(store, type, value), type);
    }

    private static int create(Store store, GlobalType type, Object value) {
        Values values = Values.of(store, type.content(), value, "the value");
        return create(Store.handleOf(store), type.content().description(), type.mutable(), values.numbers,
                values.objects);
    }

    /** Returns the variable's type. */
    public GlobalType type() {
        return type;
    }

    /**
     * Returns the value.
     *
     * @throws IllegalStateException    if the Store is closed or another thread is using it
     * @throws IllegalArgumentException if the value is a reference of {@link WasmValType#OTHER_REF}, and not null
     */
    public Object get() {
        Values values = new Values(store, 1);
        get(Store.handleOf(store), index, values.numbers, values.objects);
        return values.get(0, type.content());
    }

    /**
     * Changes the value.
     *
     * @throws IllegalArgumentException if the value does not match the type
     * @throws WasmtimeException        if the variable is not mutable
     * @throws IllegalStateException    if the Store is closed or another thread is using it
     */
    public void set(Object value) {
        Values values = Values.of(store, type.content(), value, "the value");
        set(Store.handleOf(store), index, values.numbers, values.objects);
    }

    /** Does nothing: a global variable ends with its Store. */
    @Override
    public void close() {}

    private static native int create(long store, String type, boolean mutable, long[] numbers, Object[] objects);

    private static native void get(long store, int global, long[] numbers, Object[] objects);

    private static native void set(long store, int global, long[] numbers, Object[] objects);
}
