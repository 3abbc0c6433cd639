package io.github.wasmton.wasmtime;

import java.nio.file.Path;
import java.util.Objects;

import io.github.wasmton.wasmtime.internal.CodeFiles;
import io.github.wasmton.wasmtime.internal.PrivateDirectory;

/**
 * A directory for compiled code: see {@link Config#cache}. Wasm is compiled once and then loaded from there, which
 * takes milliseconds instead of up to 13 s of processor time. Any number of engines, threads and processes may share
 * one directory.
 *
 * <p>A file's name holds the SHA-256 of the wasm, a hash of everything else that the compiler depends on (wasmtime's
 * version, the engine's settings, the CPU's features), and the CRC-32C of the content. Cached code runs unchecked, so a
 * directory or file that another user may write to is not used. A failure of the cache is not an error: the wasm is
 * compiled instead, and the reason goes to the {@link System.Logger} named after this class, at debug level. Modules
 * below 16 KiB are not cached, because compiling them takes no longer than loading.
 */
public final class CodeCache extends CodeFiles {
    /** A cache that keeps nothing. */
    public static final CodeCache NONE = new CodeCache(null, 0);

    private static final long DEFAULT_MAX_BYTES = 512L << 20;

    private CodeCache(Place place, long maxBytes) {
        super(place, maxBytes);
    }

    /**
     * Returns this user's cache, {@code wasmton/code} in the cache directory: {@code $XDG_CACHE_HOME} or {@code
     * ~/.cache} on Linux, {@code ~/Library/Caches} on macOS, {@code %LOCALAPPDATA%} on Windows, or the directory that
     * the system property {@code io.github.wasmton.native.cache} names.
     */
    public static CodeCache ofUser() {
        return new CodeCache(() -> PrivateDirectory.ofUser().sub("code"), DEFAULT_MAX_BYTES);
    }

    /** Returns a cache in a directory that serves nothing else. The directory is created if needed. */
    public static CodeCache in(Path directory) {
        Objects.requireNonNull(directory, "directory");
        return new CodeCache(() -> PrivateDirectory.at(directory), DEFAULT_MAX_BYTES);
    }

    /**
     * Returns a copy with another size limit. Default: 512 MiB. Above the limit, the files used longest ago are
     * deleted; the newest file stays, however large it is.
     *
     * @throws IllegalArgumentException if the limit is negative
     */
    public CodeCache withMaxBytes(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("the limit of a code cache cannot be negative: " + bytes);
        }
        return new CodeCache(place, bytes);
    }
}
