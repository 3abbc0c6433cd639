package io.github.kawamuray.wasmtime.wasi;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

import io.github.kawamuray.wasmtime.Disposable;
import io.github.kawamuray.wasmtime.Linker;
import io.github.kawamuray.wasmtime.internal.WasiSettings;
import io.github.wasmton.wasmtime.internal.WasiLinker;
import io.github.wasmton.wasmtime.wasi.Input;
import io.github.wasmton.wasmtime.wasi.Output;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/** The environment of the WASI guests of a Store: {@link WasiConfig}. Any number of Stores can be made with one. */
public class WasiCtx extends WasiSettings implements Disposable {
    WasiCtx(WasiConfig config) {
        super(config);
    }

    /**
     * Not supported.
     *
     * @throws UnsupportedOperationException always
     */
    public WasiCtx(long innerPtr) {
        super(WasiConfig.EMPTY);
        throw noPointer();
    }

    /** Makes a Linker define the functions of {@code wasi_snapshot_preview1} in each Store that has a WasiCtx. */
    public static void addToLinker(Linker linker) {
        WasiLinker.addWasi(linker);
    }

    @Override
    public void dispose() {}

    /**
     * Not supported.
     *
     * @throws UnsupportedOperationException always
     */
    public void insertFile(int fd, Path path, Set<FileCaps> caps) {
        throw new UnsupportedOperationException("a file cannot have a number of your choice: use setStdin, setStdout or"
                + " setStderr, or pushPreopenDir for its directory");
    }

    /**
     * Not supported.
     *
     * @throws UnsupportedOperationException always
     */
    public void insertDir(int fd, Path hostPath, Set<DirCaps> caps, Set<FileCaps> fileCaps, Path guestPath) {
        throw new UnsupportedOperationException("a directory cannot have a number and rights of your choice: use "
                + "pushPreopenDir, or io.github.wasmton.wasmtime.wasi.WasiConfig.Builder.readOnlyDir");
    }

    /** Adds an argument. */
    public void pushArg(String arg) {
        builder.args(arg);
    }

    /** Sets a variable of the environment. */
    public void pushEnv(String name, String value) {
        builder.env(name, value);
    }

    /** Makes a file the standard input. */
    public void setStdin(Path path) {
        builder.stdin(Input.file(path));
    }

    /** Empties a file, which is created if needed, and makes it the standard output. */
    public void setStdout(Path path) {
        builder.stdout(emptied(path));
    }

    /** Empties a file, which is created if needed, and makes it the standard error. */
    public void setStderr(Path path) {
        builder.stderr(emptied(path));
    }

    /** Empties the file, as 0.19.0 does; the binding appends. */
    static Output emptied(Path path) {
        try {
            Files.write(path, new byte[0]);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + path, e);
        }
        return Output.file(path);
    }

    /** Adds a directory in which the guest may read and write. */
    public void pushPreopenDir(Path hostPath, String guestPath) {
        builder.readWriteDir(hostPath, guestPath);
    }

    /**
     * Not supported.
     *
     * @throws UnsupportedOperationException always
     */
    public long innerPtr() {
        throw noPointer();
    }

    /**
     * Not supported.
     *
     * @throws UnsupportedOperationException always
     */
    public long takeInnerPtr() {
        throw noPointer();
    }
}
