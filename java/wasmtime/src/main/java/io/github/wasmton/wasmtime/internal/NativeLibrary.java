package io.github.wasmton.wasmtime.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Loads the native library and binds classes to it. Not API: public for the other artefact of this project, which has
 * native methods of its own.
 *
 * <p>The library is the file that the system property {@value #PATH_PROPERTY} names, else the one in the jar for this
 * platform. That is unpacked once for each user, below {@code wasmton} in the directory for caches: what
 * {@value #CACHE_PROPERTY} names, else {@code $XDG_CACHE_HOME} or {@code ~/.cache} (Linux), {@code ~/Library/Caches}
 * (macOS), {@code %LOCALAPPDATA%} (Windows). Where that cannot be used it is unpacked into the temporary directory and
 * deleted when it is loaded (on Windows, when the JVM ends).
 *
 * <p>Each class loader has a copy of its own, since the JVM wants it so and since the library is never unmapped: its
 * signal handlers and threads live on when the class loader is gone. A copy takes some 16 MB of address space, few of
 * which are memory.
 */
public final class NativeLibrary {
    /** The system property that names the library's file, for a platform or a place that the jar does not serve. */
    public static final String PATH_PROPERTY = "io.github.wasmton.native.path";
    /**
     * The system property that names the directory to unpack the library in, nothing else being tried then; and to keep
     * compiled guests in.
     */
    public static final String CACHE_PROPERTY = "io.github.wasmton.native.cache";

    /** System properties are what all class loaders share. One that begins so names a file that one of them loaded. */
    private static final String LOADED_PREFIX = "io.github.wasmton.native.loaded:";

    static {
        load();
        initialize();
    }

    private NativeLibrary() {}

    /**
     * Binds the native methods of a class, which calls this when it is initialised.
     *
     * @throws RuntimeException if the library has no such class or method: it is of another version
     */
    public static void register(Class<?> type) {
        bind(type);
    }

    private static void load() {
        String path = System.getProperty(PATH_PROPERTY);
        if (path != null) {
            loadNamed(Path.of(path));
        } else {
            loadBundled(BundledLibrary.find(Platform.current()));
        }
    }

    private static void loadNamed(Path path) {
        try {
            Path file = path.toRealPath();
            if (!loadUnlessTaken(file)) {
                UnpackedLibrary.loadCopy(path.getFileName().toString(), copy -> Files.copy(file, copy));
            }
        } catch (IOException | UnsatisfiedLinkError e) {
            throw failure("cannot load the native library that -D" + PATH_PROPERTY + " names: " + reason(e), e);
        }
    }

    private static void loadBundled(BundledLibrary library) {
        List<Throwable> failures = new ArrayList<>();
        try {
            UnpackedLibrary unpacked = UnpackedLibrary.in(PrivateDirectory.ofUser(), library);
            if (!loadUnlessTaken(unpacked.file())) {
                unpacked.loadCopy();
            }
            return;
        } catch (IOException | UnsatisfiedLinkError e) {
            failures.add(e);
        }
        if (System.getProperty(CACHE_PROPERTY) == null) {
            try {
                UnpackedLibrary.loadCopy(library.name(), library::unpack);
                return;
            } catch (IOException | UnsatisfiedLinkError e) {
                failures.add(e);
            }
        }
        String reasons = failures.stream().map(NativeLibrary::reason).collect(Collectors.joining("; "));
        throw failure("cannot unpack and load the native library: " + reasons + ". Name a directory that may be"
                + " written to and loaded from (no 'noexec' mount) by -D" + CACHE_PROPERTY + "=DIRECTORY, or take "
                + library.resource() + " out of the jar and name it by -D" + PATH_PROPERTY + "=FILE", failures.get(0));
    }

    /**
     * Loads a file, unless a class loader of this JVM has done so: it answers to that one, for good. The files that
     * were loaded stay on record when their class loader goes, since they stay mapped.
     */
    private static boolean loadUnlessTaken(Path file) {
        if (System.getProperties().putIfAbsent(LOADED_PREFIX + file, "") != null) {
            return false;
        }
        System.load(file.toString());
        return true;
    }

    private static String reason(Throwable e) {
        // Of IOExceptions about files, the message is the path alone at times.
        return e instanceof IOException ? e.toString() : e.getMessage();
    }

    private static UnsatisfiedLinkError failure(String message, Throwable cause) {
        UnsatisfiedLinkError error = new UnsatisfiedLinkError(message);
        error.initCause(cause);
        return error;
    }

    private static native void initialize();

    private static native void bind(Class<?> type);
}
