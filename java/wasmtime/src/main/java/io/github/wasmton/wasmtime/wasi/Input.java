package io.github.wasmton.wasmtime.wasi;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.Objects;

import io.github.wasmton.wasmtime.internal.Stdio;

/** A source of a guest's standard input. A plain value, which any number of configurations may share. */
public final class Input extends Stdio {
    private static final Input EMPTY = new Input(null);
    private static final Input INHERITED = new Input(INHERIT);

    private Input(Object target) {
        super(target);
    }

    /** Returns an empty input: a read finds the end at once. */
    public static Input empty() {
        return EMPTY;
    }

    /**
     * Returns the JVM's own standard input. This is the process's input: it ignores {@link System#setIn}, and lacks
     * what {@link System#in} has read ahead. If several guests read it concurrently, each gets an arbitrary part.
     */
    public static Input inherit() {
        return INHERITED;
    }

    /**
     * Returns the content of a file. The file is opened read-only each time that a guest gets the configuration, and
     * read from its start. A file that cannot be opened fails at that time.
     */
    public static Input file(Path path) {
        return new Input(targetFile(path));
    }

    /**
     * Returns those bytes as input. They are copied, and each guest that gets the configuration reads them from the
     * first one.
     */
    public static Input bytes(byte[] bytes) {
        return new Input(bytes.clone());
    }

    /**
     * Returns input from a Java stream. The guest waits while {@link InputStream#read(byte[], int, int)} runs, on the
     * thread that entered the guest; no deadline interrupts it. The method may use other Stores and guests; the Store
     * that calls it is in use and throws {@link IllegalStateException}. An exception thrown by the method ends the
     * guest's call and comes out of it as the same object. Guests that share the stream call it on their own threads,
     * possibly concurrently. The stream is never closed.
     */
    public static Input stream(InputStream stream) {
        return new Input(Objects.requireNonNull(stream, "stream"));
    }
}
