package io.github.wasmton.wasmtime.wasi;

import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Objects;

import io.github.wasmton.wasmtime.internal.Stdio;

/**
 * Where a guest's standard output or error goes to. A plain value, which any number of configurations may share. What a
 * guest writes goes there in pieces of up to 4 KiB; those of several guests may alternate.
 */
public final class Output extends Stdio {
    private static final Output DISCARDED = new Output(null);
    private static final Output INHERITED = new Output(INHERIT);

    private Output(Object target) {
        super(target);
    }

    /** Nowhere. */
    public static Output discard() {
        return DISCARDED;
    }

    /**
     * The JVM's own standard output or error: the process's, not what {@link System#setOut} put in its place.
     */
    public static Output inherit() {
        return INHERITED;
    }

    /**
     * A file, to which what the guest writes is appended; it is created if there is none. It is opened each time that a
     * guest is given the configuration; that it cannot be opened is found out then.
     */
    public static Output file(Path path) {
        return new Output(targetFile(path));
    }

    /**
     * A Java stream, such as a {@link Capture}. The guest waits while its {@link OutputStream#write(byte[])} and then
     * its {@link OutputStream#flush} run, on the thread that entered the guest; no deadline cuts that short. They may
     * use other Stores and guests; the Store that they are called from is in use and answers with an
     * {@link IllegalStateException}. An exception that they throw ends the guest's call and comes out of it as the same
     * object. Guests that share the stream call it on their threads, at the same time maybe. It is never closed.
     */
    public static Output stream(OutputStream stream) {
        return new Output(Objects.requireNonNull(stream, "stream"));
    }
}
