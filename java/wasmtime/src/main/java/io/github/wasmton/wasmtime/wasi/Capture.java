package io.github.wasmton.wasmtime.wasi;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * Keeps what a guest writes, up to a limit: {@code Output.stream(new Capture(1 << 20))}. What comes after that is
 * dropped, of which the guest notices nothing. Any number of threads may use it.
 */
public final class Capture extends OutputStream {
    private final int limit;
    private byte[] bytes = new byte[0];
    private int length;
    private long dropped;

    /**
     * An empty one.
     *
     * @param limit how many bytes it keeps at most; memory is taken as needed
     */
    public Capture(int limit) {
        if (limit < 0) {
            throw new IllegalArgumentException("the limit is negative: " + limit);
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

    /** A copy of what was kept. */
    public synchronized byte[] bytes() {
        return Arrays.copyOf(bytes, length);
    }

    /** What was kept, as UTF-8; what is not UTF-8 is replaced. */
    public synchronized String text() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /** How many bytes did not fit. */
    public synchronized long dropped() {
        return dropped;
    }

    /** Forgets everything. */
    public synchronized void reset() {
        bytes = new byte[0];
        length = 0;
        dropped = 0;
    }
}
