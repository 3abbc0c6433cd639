package io.github.wasmton.wasmtime.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/**
 * Loads the native library and binds classes to it. Not API: public for the other artefact of this project, which has
 * native methods of its own.
 *
 * <p>The library is the file that the system property {@value #PATH_PROPERTY} names, else the one in the jar for this
 * platform. That is copied to the temporary directory and deleted as soon as it is loaded, where the system allows it.
 */
public final class NativeLibrary {
    /** The system property that names the library's file, for a platform or a place that the jar does not serve. */
    public static final String PATH_PROPERTY = "io.github.wasmton.native.path";

    private static final String NAME = "wasmtime_java";

    static {
        load();
        initialize(HostFunction.class);
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
            System.load(Path.of(path).toAbsolutePath().toString());
            return;
        }
        String resource = "/native/" + platform() + '/' + System.mapLibraryName(NAME);
        try (InputStream in = NativeLibrary.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new UnsatisfiedLinkError("this jar has no native library for " + platform() + " (" + resource
                        + "); build it for this platform, or name its file by -D" + PATH_PROPERTY);
            }
            loadCopy(in);
        } catch (IOException e) {
            UnsatisfiedLinkError error = new UnsatisfiedLinkError("cannot unpack the native library to "
                    + System.getProperty("java.io.tmpdir") + ": " + e.getMessage()
                    + "; set -Djava.io.tmpdir, or unpack " + resource + " by hand and name it by -D" + PATH_PROPERTY);
            error.initCause(e);
            throw error;
        }
    }

    private static void loadCopy(InputStream library) throws IOException {
        Path copy = Files.createTempFile("wasmtime-java-", '-' + System.mapLibraryName(NAME));
        try {
            Files.copy(library, copy, StandardCopyOption.REPLACE_EXISTING);
            System.load(copy.toString());
        } finally {
            if (!copy.toFile().delete()) {
                copy.toFile().deleteOnExit();
            }
        }
    }

    private static String platform() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch");
        return (os.contains("win") ? "windows" : os.contains("mac") ? "macos" : "linux") + '-' + switch (arch) {
            case "amd64", "x86_64" -> "x86_64";
            case "arm64", "aarch64" -> "aarch64";
            default -> arch;
        };
    }

    private static native void initialize(Class<?> hostFunction);

    private static native void bind(Class<?> type);
}
