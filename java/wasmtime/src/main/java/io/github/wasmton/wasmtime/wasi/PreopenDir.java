package io.github.wasmton.wasmtime.wasi;

import java.util.Objects;

/**
 * A directory that a guest may access, with everything below it.
 *
 * @param hostPath  the directory on the host, absolute or relative to the JVM's working directory
 * @param guestPath its name in the guest, such as {@code /}
 * @param writable  true if the guest may write, create and delete there; false if it may only read
 */
public record PreopenDir(String hostPath, String guestPath, boolean writable) {
    public PreopenDir {
        WasiConfig.checkText("hostPath", Objects.requireNonNull(hostPath, "hostPath"));
        WasiConfig.checkText("guestPath", Objects.requireNonNull(guestPath, "guestPath"));
    }

    /** Grants reading and writing. */
    public PreopenDir(String hostPath, String guestPath) {
        this(hostPath, guestPath, true);
    }
}
