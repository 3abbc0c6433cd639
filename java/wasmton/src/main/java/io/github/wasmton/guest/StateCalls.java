package io.github.wasmton.guest;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * The stores of one task as Rust calls them, by the names and signatures of state.rs. It keeps what they throw, so that
 * {@link Guest} can tell it from what a guest's own streams throw.
 */
final class StateCalls {
    /** Most entries to ask for at once, so that entries beyond the limit of bytes take no memory. */
    private static final int SCAN_AT_ONCE = 100;
    private static final int SIZES = 2 * Integer.BYTES;

    /** Results of {@link #getShared} that are no length. */
    private static final int NO_VALUE = -1;
    private static final int TOO_LONG = -2;

    private final StateStores stores;
    /** Memory that Rust sees, too, with the keys and values of the methods {@code ...Shared}. */
    private ByteBuffer shared;
    /** Value that was too long for it. */
    private byte[] value;
    /** The first exception of the stores. */
    private Throwable thrown;

    StateCalls(StateStores stores) {
        this.stores = stores;
    }

    /** Sets the memory that Rust uses from now on for keys and values that fit. */
    void share(ByteBuffer memory) {
        shared = memory;
    }

    /** Returns whether the stores threw that exception. */
    boolean threw(Throwable exception) {
        return exception == thrown;
    }

    byte[] get(int store, byte[] key) {
        try {
            return stores.get(store, key);
        } catch (Throwable e) {
            thrown = e;
            throw e;
        }
    }

    void set(int store, byte[] key, byte[] value) {
        try {
            stores.set(store, key, value);
        } catch (Throwable e) {
            thrown = e;
            throw e;
        }
    }

    void delete(int store, byte[] key) {
        try {
            stores.delete(store, key);
        } catch (Throwable e) {
            thrown = e;
            throw e;
        }
    }

    /**
     * Looks up the key that the shared memory begins with, and puts its value there. Returns the length of the value,
     * {@link #NO_VALUE}, or {@link #TOO_LONG} for a value that {@link #takeValue} returns.
     */
    long getShared(int store, int keyLength) {
        byte[] found = get(store, fromShared(0, keyLength));
        if (found == null) {
            return NO_VALUE;
        }
        if (found.length > shared.capacity()) {
            value = found;
            return TOO_LONG;
        }
        shared.put(0, found);
        return found.length;
    }

    byte[] takeValue() {
        byte[] taken = value;
        value = null;
        return taken;
    }

    /** Sets the key that the shared memory begins with to the value behind it. */
    void setShared(int store, int keyLength, int valueLength) {
        set(store, fromShared(0, keyLength), fromShared(keyLength, valueLength));
    }

    private byte[] fromShared(int start, int length) {
        byte[] bytes = new byte[length];
        shared.get(start, bytes);
        return bytes;
    }

    /**
     * Returns entries one after the other: the sizes of key and value, little-endian, then the key and the value.
     * {@code null} if they are more than {@code room} bytes.
     */
    byte[] scan(int store, byte[] from, byte[] to, int limit, long room) {
        try {
            return scanAll(store, from, to, limit, room);
        } catch (Throwable e) {
            thrown = e;
            throw e;
        }
    }

    private byte[] scanAll(int store, byte[] from, byte[] to, int limit, long room) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        byte[] sizes = new byte[SIZES];
        ByteBuffer buffer = ByteBuffer.wrap(sizes).order(ByteOrder.LITTLE_ENDIAN);
        byte[] start = from;
        for (int left = limit; left > 0; ) {
            int most = Math.min(left, SCAN_AT_ONCE);
            List<StateStores.Entry> entries = stores.scan(store, start, to, most);
            for (StateStores.Entry entry : entries) {
                if (packed.size() + (long) SIZES + entry.key().length + entry.value().length > room) {
                    return null;
                }
                buffer.putInt(0, entry.key().length).putInt(Integer.BYTES, entry.value().length);
                packed.writeBytes(sizes);
                packed.writeBytes(entry.key());
                packed.writeBytes(entry.value());
            }
            if (entries.size() < most) {
                break;
            }
            byte[] last = entries.get(entries.size() - 1).key();
            start = Arrays.copyOf(last, last.length + 1);  // the next possible key
            left -= most;
        }
        return packed.toByteArray();
    }
}
