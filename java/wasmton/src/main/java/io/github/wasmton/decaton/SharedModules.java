package io.github.wasmton.decaton;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;

/**
 * The modules of processors that were made from a path: Decaton makes one processor for each thread, and the file is
 * compiled once. A module is compiled with its first user and closed with its last.
 */
final class SharedModules {
    private static final Map<Key, Entry> ENTRIES = new HashMap<>();

    private SharedModules() {
    }

    /** Returns the module for that file and those options, to be given back with {@link #release}. */
    static GuestModule acquire(Path wasm, GuestOptions options) {
        Key key = new Key(wasm.toAbsolutePath().normalize(), options);
        synchronized (ENTRIES) {
            Entry entry = ENTRIES.get(key);
            if (entry == null) {
                // Under the lock: other threads usually wait for this very module.
                entry = new Entry(GuestModule.load(wasm, options));
                ENTRIES.put(key, entry);
            }
            entry.users++;
            return entry.module;
        }
    }

    /** Gives back what {@link #acquire} returned, once for each time. */
    static void release(GuestModule module) {
        synchronized (ENTRIES) {
            ENTRIES.values().removeIf(entry -> {
                if (entry.module != module || --entry.users > 0) {
                    return false;
                }
                module.close();
                return true;
            });
        }
    }

    private record Key(Path wasm, GuestOptions options) {}

    private static final class Entry {
        final GuestModule module;
        int users;

        Entry(GuestModule module) {
            this.module = module;
        }
    }
}
