package io.github.wasmton.wasmtime.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The native library. It is loaded once for each class loader, and classes bind their native methods to it. Not API:
 * public for the other artefact of this project, which has native methods of its own.
 *
 * <p>The library is the file that the system property {@value #PATH_PROPERTY} names, or else the one in the jar for
 * this platform. The latter is unpacked once for each user, below {@code wasmton} in the cache directory: the one that
 * {@value #CACHE_PROPERTY} names, or else {@code $XDG_CACHE_HOME} or {@code ~/.cache} (Linux), {@code ~/Library/Caches}
 * (macOS), {@code %LOCALAPPDATA%} (Windows). If that directory cannot be used, the library is unpacked into the
 * temporary directory and deleted after loading (on Windows, when the JVM ends).
 *
 * <p>Each class loader gets its own copy, because the JVM requires it, and because the library is never unmapped: its
 * signal handlers and threads outlive the class loader. A class loader that is collected leaves its copy behind, about
 * 15 MB of resident memory.
 */
public final class NativeLibrary {
    /** The system property that names the library's file, for platforms and locations that the jar does not serve. */
    public static final String PATH_PROPERTY = "io.github.wasmton.native.path";
    /**
     * The system property that names the directory for unpacking the library, without a fallback, and for keeping
     * compiled guests.
     */
    public static final String CACHE_PROPERTY = "io.github.wasmton.native.cache";

    /**
     * Prefix of a system property that records a file loaded by one of the class loaders. All class loaders share
     * system properties.
     */
    private static final String LOADED_PREFIX = "io.github.wasmton.native.loaded:";

    static {
        checkName();
        load();
        initialize();
    }

    private NativeLibrary() {}

    /**
     * Binds the native methods of a class, which calls this when it is initialised.
     *
     * @throws RuntimeException if the library lacks the class or a method, because it is of another version
     */
    public static void register(Class<?> type) {
        bind(type);
    }

    /**
     * Throws if this class was relocated to another package, as build tools do to put a copy into a jar. The library
     * looks classes up by their names. This class's own name here is put together, since such tools change the names in
     * strings too.
     */
    private static void checkName() {
        String name = String.join(".", "io", "github", "wasmton", "wasmtime", "internal", "NativeLibrary");
        String found = NativeLibrary.class.getName();
        if (!found.equals(name)) {
            throw new UnsatisfiedLinkError("wasmtime-java cannot be relocated to another package: this class is "
                    + found + " and must be " + name + ". Exclude the package " + name.replaceAll("\\.wasmtime.*", "")
                    + " from the relocation (shading)");
        }
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
     * Loads a file, unless a class loader of this JVM has loaded it before: a file serves one class loader for the life
     * of the JVM. The record of a file stays when its class loader is collected, since the file stays mapped.
     */
    private static boolean loadUnlessTaken(Path file) {
        if (System.getProperties().putIfAbsent(LOADED_PREFIX + file, "") != null) {
            return false;
        }
        System.load(file.toString());
        return true;
    }

    private static String reason(Throwable e) {
        // The message of an IOException about a file may be only the path.
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
