package io.github.wasmton.wasmtime.wasi;

import java.util.Objects;

/**
 * A directory that a guest may use, and everything below it: read, write, create and delete.
 *
 * @param hostPath  the directory here, relative to the working directory of the JVM or absolute
 * @param guestPath its name in the guest, such as {@code /}
 */
public record PreopenDir(String hostPath, String guestPath) {
    public PreopenDir {
        Objects.requireNonNull(hostPath, "hostPath");
        Objects.requireNonNull(guestPath, "guestPath");
    }
}
