package io.github.wasmton.wasmtime.wasi;

import java.util.Objects;

/**
 * A directory that a guest may use, and everything below it.
 *
 * @param hostPath  the directory here, relative to the working directory of the JVM or absolute
 * @param guestPath its name in the guest, such as {@code /}
 * @param writable  whether the guest may write, create and delete there; else it may only read
 */
public record PreopenDir(String hostPath, String guestPath, boolean writable) {
    public PreopenDir {
        WasiConfig.checkText("hostPath", Objects.requireNonNull(hostPath, "hostPath"));
        WasiConfig.checkText("guestPath", Objects.requireNonNull(guestPath, "guestPath"));
    }

    /** A directory to read and to write. */
    public PreopenDir(String hostPath, String guestPath) {
        this(hostPath, guestPath, true);
    }
}
