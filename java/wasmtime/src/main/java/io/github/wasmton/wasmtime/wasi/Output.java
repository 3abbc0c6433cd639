package io.github.wasmton.wasmtime.wasi;

import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Objects;

import io.github.wasmton.wasmtime.internal.Stdio;

/**
 * A target of a guest's standard output or error. A plain value, which any number of configurations may share. Output
 * arrives in pieces of up to 4 KiB; pieces of several guests may alternate.
 */
public final class Output extends Stdio {
    private static final Output DISCARDED = new Output(null);
    private static final Output INHERITED = new Output(INHERIT);

    private Output(Object target) {
        super(target);
    }

    /** Returns a target that discards output. */
    public static Output discard() {
        return DISCARDED;
    }

    /**
     * Returns the JVM's own standard output or error. This is the process's stream: it ignores {@link System#setOut}.
     */
    public static Output inherit() {
        return INHERITED;
    }

    /**
     * Returns a file, to which output is appended; it is created if needed. The file is opened each time that a guest
     * gets the configuration. A file that cannot be opened fails at that time.
     */
    public static Output file(Path path) {
        return new Output(targetFile(path));
    }

    /**
     * Returns a Java stream, such as a {@link Capture}. The guest waits while {@link OutputStream#write(byte[])} and
     * then {@link OutputStream#flush} run, on the thread that entered the guest; no deadline interrupts them. The
     * methods may use other Stores and guests; the Store that calls them is in use and throws
     * {@link IllegalStateException}. An exception thrown by them ends the guest's call and comes out of it as the same
     * object. Guests that share the stream call it on their own threads, possibly concurrently. The stream is never
     * closed.
     */
    public static Output stream(OutputStream stream) {
        return new Output(Objects.requireNonNull(stream, "stream"));
    }
}
