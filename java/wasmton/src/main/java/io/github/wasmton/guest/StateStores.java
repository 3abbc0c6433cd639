package io.github.wasmton.guest;

import java.util.List;
import java.util.Objects;

/**
 * The stores of one task, which whoever calls {@link Guest#process(Task, StateStores)} brings. Its methods are called
 * on that thread and during that call alone. A store has the number of its name in {@link StateAccess#names()}.
 *
 * <p>Names, sizes and the limits of {@link StateAccess} are checked before, and so is that nobody writes to a table.
 * Keys are never null, and have {@link StateAccess#MAX_KEY_BYTES} at most. The arrays belong to the callee; arrays that
 * it returns are read before the next call and not changed.
 *
 * <p>If a method throws, the guest ends, and the exception comes out of {@code process} as the same object.
 */
public interface StateStores {
    /** Returns the value of a key, {@code null} if there is none. */
    byte[] get(int store, byte[] key);

    /** Sets the value of a key; the value is not {@code null}. */
    void set(int store, byte[] key, byte[] value);

    /** Removes a key; one that is not there is no error. */
    void delete(int store, byte[] key);

    /**
     * Returns the first entries of a range, in the order of their keys as unsigned bytes.
     *
     * @param from  the first key
     * @param to    the key behind the last one, {@code null} for the end of the store
     * @param limit the most entries to return; at least 1
     */
    List<Entry> scan(int store, byte[] from, byte[] to, int limit);

    /**
     * An entry of a store.
     *
     * @param key   its key
     * @param value its value
     */
    record Entry(byte[] key, byte[] value) {
        public Entry {
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(value, "value");
        }
    }
}
