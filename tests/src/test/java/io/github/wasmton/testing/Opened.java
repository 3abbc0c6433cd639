package io.github.wasmton.testing;

import java.util.ArrayDeque;
import java.util.Deque;

/** What a test has opened. It is closed in the reverse order. */
public final class Opened {
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    /** Adds something to close, and returns it. */
    public <T extends AutoCloseable> T add(T it) {
        opened.push(it);
        return it;
    }

    /** Returns the number of things to close. */
    public int size() {
        return opened.size();
    }

    /** Closes all of it. */
    public void close() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }
}
