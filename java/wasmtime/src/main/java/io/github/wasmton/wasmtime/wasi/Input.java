package io.github.wasmton.wasmtime.wasi;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.Objects;

import io.github.wasmton.wasmtime.internal.Stdio;

/** Where a guest's standard input comes from. A plain value, which any number of configurations may share. */
public final class Input extends Stdio {
    private static final Input EMPTY = new Input(null);
    private static final Input INHERITED = new Input(INHERIT);

    private Input(Object target) {
        super(target);
    }

    /** Nothing: a read finds the end at once. */
    public static Input empty() {
        return EMPTY;
    }

    /**
     * The JVM's own standard input: the process's, not what {@link System#setIn} put in its place, and without what
     * {@link System#in} has read ahead. Among guests that read it at the same time chance decides which gets what.
     */
    public static Input inherit() {
        return INHERITED;
    }

    /**
     * A file. It is opened for nothing but reading, each time that a guest is given the configuration, and read from
     * its start; that it cannot be opened is found out then.
     */
    public static Input file(Path path) {
        return new Input(targetFile(path));
    }

    /** Those bytes, copied; each guest that is given the configuration reads them from the first one. */
    public static Input bytes(byte[] bytes) {
        return new Input(bytes.clone());
    }

    /**
     * A Java stream. The guest waits while its {@link InputStream#read(byte[], int, int)} runs, on the thread that
     * entered the guest; no deadline cuts that short. The method may use other Stores and guests; the Store that it is
     * called from is in use and answers with an {@link IllegalStateException}. An exception that the method throws ends
     * the guest's call and comes out of it as the same object. Guests that share the stream call it on their threads,
     * at the same time maybe. It is never closed.
     */
    public static Input stream(InputStream stream) {
        return new Input(Objects.requireNonNull(stream, "stream"));
    }
}
