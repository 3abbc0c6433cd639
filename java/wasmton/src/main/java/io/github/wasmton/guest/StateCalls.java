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

    private final StateStores stores;
    /** The first exception of the stores. */
    private Throwable thrown;

    StateCalls(StateStores stores) {
        this.stores = stores;
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
