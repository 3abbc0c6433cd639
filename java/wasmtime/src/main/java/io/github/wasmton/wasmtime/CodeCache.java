package io.github.wasmton.wasmtime;

import java.nio.file.Path;
import java.util.Objects;

import io.github.wasmton.wasmtime.internal.CodeFiles;
import io.github.wasmton.wasmtime.internal.PrivateDirectory;

/**
 * Where compiled code is kept, so that the same wasm is compiled once and then loaded, which takes milliseconds instead
 * of up to half a minute: see {@link Config#cache}. Any number of engines, threads and processes may use the same
 * directory.
 *
 * <p>A file's name holds the SHA-256 of the wasm, a hash of what the compiler depends on (wasmtime's version, the
 * engine's settings, the CPU's features), and the CRC-32C of the content. What is kept is run as it is; so a directory
 * or a file that another user may write to is not used. Nothing that goes wrong here is an error: the wasm is compiled
 * then, and the reason goes to the {@link System.Logger} of this class's name as a debug line. Modules of less than 16
 * KiB are compiled in no more time and not kept.
 */
public final class CodeCache extends CodeFiles {
    /** Keeps nothing. */
    public static final CodeCache NONE = new CodeCache(null, 0);

    private static final long DEFAULT_MAX_BYTES = 512L << 20;

    private CodeCache(Place place, long maxBytes) {
        super(place, maxBytes);
    }

    /**
     * The one of this user: {@code wasmton/code} in the directory for caches, which is {@code $XDG_CACHE_HOME} or
     * {@code ~/.cache} on Linux, {@code ~/Library/Caches} on macOS, {@code %LOCALAPPDATA%} on Windows, or what the
     * system property {@code io.github.wasmton.native.cache} names.
     */
    public static CodeCache ofUser() {
        return new CodeCache(() -> PrivateDirectory.ofUser().sub("code"), DEFAULT_MAX_BYTES);
    }

    /** A directory for this purpose alone, which is created if it is not there. */
    public static CodeCache in(Path directory) {
        Objects.requireNonNull(directory, "directory");
        return new CodeCache(() -> PrivateDirectory.at(directory), DEFAULT_MAX_BYTES);
    }

    /**
     * The same with another limit; 512 MiB by default. When there is more, what was used longest ago goes; the newest
     * stays, however large.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public CodeCache withMaxBytes(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("not from 0 bytes: " + bytes);
        }
        return new CodeCache(place, bytes);
    }
}
