package io.github.wasmton.guest;

import io.github.wasmton.wasmtime.wasi.WasiConfig;

/**
 * Choice of the standard streams whose lines become lines of the log, with the topic, partition and offset of the task:
 * standard output at the level INFO, standard error at WARN. It applies to streams that the guest's {@link WasiConfig}
 * leaves at the JVM's own; a file, a Java stream or nothing at all stays as it is.
 *
 * <p>A line ends after 8 KiB, a task's lines after 1,000 or 256 KiB, and those of one instance after 10,000 at once or
 * 1,000 a second; how many were dropped is logged. A task that fails has the last words of standard error in its
 * reason.
 *
 * @param stdout whether standard output is logged
 * @param stderr whether standard error is logged
 */
public record GuestLogging(boolean stdout, boolean stderr) {
    /** Both streams. */
    public static final GuestLogging BOTH = new GuestLogging(true, true);

    /** Neither: they are the JVM's own. */
    public static final GuestLogging NONE = new GuestLogging(false, false);
}
