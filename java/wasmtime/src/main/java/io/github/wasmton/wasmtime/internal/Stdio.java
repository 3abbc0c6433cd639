package io.github.wasmton.wasmtime.internal;

import java.nio.file.Path;

/** The base of a guest's inputs and outputs. Rust knows the kind of a target by the object's type. */
public abstract class Stdio {
    /** The JVM's own stream. */
    protected static final String INHERIT = "inherit";
    /** Lines for the log of the guest's host. */
    private static final String LOG = "log";

    private final Object target;

    /**
     * Creates a stream of one target: null for none, {@link #INHERIT}, a result of {@link #targetFile}, a byte array,
     * or a Java stream.
     */
    protected Stdio(Object target) {
        this.target = target;
    }

    /** Returns a file as a target. */
    protected static String targetFile(Path path) {
        if (path.toString().indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a path cannot contain a NUL: " + path.toString().replace("\0", "\\0"));
        }
        return "file:" + path;
    }

    static Object targetOf(Stdio stdio) {
        return stdio.target;
    }

    /** Replaces the JVM's own stream by the log. */
    static Object logged(Object target) {
        return INHERIT.equals(target) ? LOG : target;
    }
}
