package io.github.wasmton.wasmtime.wasi;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * A stream that keeps a guest's output, up to a limit: {@code Output.stream(new Capture(1 << 20))}. Output beyond the
 * limit is dropped without the guest noticing. Thread-safe.
 */
public final class Capture extends OutputStream {
    private final int limit;
    private byte[] bytes = new byte[0];
    private int length;
    private long dropped;

    /**
     * Creates an empty Capture.
     *
     * @param limit the maximum number of bytes to keep; memory is allocated as needed
     */
    public Capture(int limit) {
        if (limit < 0) {
            throw new IllegalArgumentException("the limit cannot be negative: " + limit);
        }
        this.limit = limit;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int count) {
        Objects.checkFromIndexSize(offset, count, source.length);
        synchronized (this) {
            int kept = Math.min(count, limit - length);
            if (kept > bytes.length - length) {
                long doubled = Math.max(2L * bytes.length, length + kept);
                bytes = Arrays.copyOf(bytes, (int) Math.min(doubled, limit));
            }
            System.arraycopy(source, offset, bytes, length, kept);
            length += kept;
            dropped += count - kept;
        }
    }

    /** Returns a copy of the output. */
    public synchronized byte[] bytes() {
        return Arrays.copyOf(bytes, length);
    }

    /** Returns the output as UTF-8; malformed bytes are replaced. */
    public synchronized String text() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /** Returns the number of dropped bytes. */
    public synchronized long dropped() {
        return dropped;
    }

    /** Discards the output and sets the number of dropped bytes to 0. */
    public synchronized void reset() {
        bytes = new byte[0];
        length = 0;
        dropped = 0;
    }
}
