package io.github.wasmton.wasmtime.internal;

import java.nio.file.Path;

/** What a guest's inputs and outputs have in common: how they cross into Rust, which is told by the object's type. */
public abstract class Stdio {
    /** The JVM's own stream. */
    protected static final String INHERIT = "inherit";
    /** Lines for the log of whoever runs guests. */
    private static final String LOG = "log";

    private final Object target;

    /** Null for none, {@link #INHERIT}, what {@link #targetFile} returns, a byte array, or a Java stream. */
    protected Stdio(Object target) {
        this.target = target;
    }

    /** A file as a target. */
    protected static String targetFile(Path path) {
        if (path.toString().indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a NUL in the path of a file");
        }
        return "file:" + path;
    }

    static Object targetOf(Stdio stdio) {
        return stdio.target;
    }

    /** The log in place of the JVM's own stream. */
    static Object logged(Object target) {
        return INHERIT.equals(target) ? LOG : target;
    }
}
