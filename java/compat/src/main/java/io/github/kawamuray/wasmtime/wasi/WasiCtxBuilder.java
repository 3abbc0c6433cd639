package io.github.kawamuray.wasmtime.wasi;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

import io.github.wasmton.wasmtime.wasi.Input;
import io.github.wasmton.wasmtime.wasi.Output;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/**
 * A builder of {@link WasiCtx}: {@link WasiConfig.Builder}. By default input is empty and output is discarded. Each
 * method returns this object.
 */
public class WasiCtxBuilder {
    /**
     * A directory for a guest: {@link io.github.wasmton.wasmtime.wasi.PreopenDir}. No method takes one.
     *
     * @param hostPath  the directory on the host
     * @param guestPath its name in the guest
     */
    public record PreopenDir(String hostPath, String guestPath) {}

    private final WasiConfig.Builder builder =
            WasiConfig.builder().stdout(Output.discard()).stderr(Output.discard());

    /** Creates a builder that starts with the defaults. */
    public WasiCtxBuilder() {}

    /** Sets a variable of the environment. */
    public WasiCtxBuilder env(String name, String value) {
        builder.env(name, value);
        return this;
    }

    /** Sets the variables of this process's environment. */
    public WasiCtxBuilder inheritEnv() {
        builder.env(System.getenv());
        return this;
    }

    /** Adds an argument. */
    public WasiCtxBuilder arg(String arg) {
        builder.args(arg);
        return this;
    }

    /** Adds arguments. */
    public WasiCtxBuilder args(Collection<String> args) {
        builder.args(List.copyOf(args));
        return this;
    }

    /** Makes a file the standard input. */
    public WasiCtxBuilder stdin(Path path) {
        builder.stdin(Input.file(path));
        return this;
    }

    /** Empties a file, which is created if needed, and makes it the standard output. */
    public WasiCtxBuilder stdout(Path path) {
        builder.stdout(WasiCtx.emptied(path));
        return this;
    }

    /** Empties a file, which is created if needed, and makes it the standard error. */
    public WasiCtxBuilder stderr(Path path) {
        builder.stderr(WasiCtx.emptied(path));
        return this;
    }

    /** Makes the process's standard input that of the guest. */
    public WasiCtxBuilder inheritStdin() {
        builder.stdin(Input.inherit());
        return this;
    }

    /** Makes the process's standard output that of the guest. */
    public WasiCtxBuilder inheritStdout() {
        builder.stdout(Output.inherit());
        return this;
    }

    /** Makes the process's standard error that of the guest. */
    public WasiCtxBuilder inheritStderr() {
        builder.stderr(Output.inherit());
        return this;
    }

    /** Makes the process's standard input, output and error those of the guest. */
    public WasiCtxBuilder inheritStdio() {
        return inheritStdin().inheritStdout().inheritStderr();
    }

    /** Adds a directory in which the guest may read and write. */
    public WasiCtxBuilder preopenedDir(Path hostPath, String guestPath) {
        builder.readWriteDir(hostPath, guestPath);
        return this;
    }

    /** Builds the environment. */
    public WasiCtx build() {
        return new WasiCtx(builder.build());
    }
}
