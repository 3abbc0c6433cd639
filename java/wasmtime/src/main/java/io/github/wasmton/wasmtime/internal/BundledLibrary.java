package io.github.wasmton.wasmtime.internal;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * The native library in the jar. Beside it is a file of one line, written by the build: the library's SHA-256, its
 * CRC-32C and its size.
 *
 * @param resource its path in the jar
 * @param sha256   its SHA-256 in hexadecimal
 * @param crc32c   its CRC-32C
 * @param size     its size in bytes
 */
record BundledLibrary(String resource, String sha256, long crc32c, long size) {
    private static final String NAME = System.mapLibraryName("wasmtime_java");
    // Not the class: on the module path that finds nothing outside of its own jar, and the library is in another.
    private static final ClassLoader LOADER = BundledLibrary.class.getClassLoader();

    /**
     * Finds the library for a platform.
     *
     * @throws UnsatisfiedLinkError if there is none; the message lists the platforms that have one
     */
    static BundledLibrary find(Platform platform) {
        String resource = resource(platform.folder(), NAME);
        URL checksums = LOADER.getResource(resource + ".checksums");
        if (checksums == null) {
            List<String> bundled = Platform.FOLDERS.stream().filter(BundledLibrary::has).toList();
            throw new UnsatisfiedLinkError("there is no native library for " + platform
                    + " on the class path, only for: " + (bundled.isEmpty() ? "nothing" : String.join(", ", bundled))
                    + ". Add io.github.wasmton:wasmtime-java with the classifier natives-" + platform.folder()
                    + ", or build the library and name its file by -D" + NativeLibrary.PATH_PROPERTY + "=FILE");
        }
        try (InputStream in = checksums.openStream()) {
            String[] words = new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip().split(" ");
            return new BundledLibrary(resource, words[0], Long.parseLong(words[1], 16), Long.parseLong(words[2]));
        } catch (IOException | RuntimeException e) {
            UnsatisfiedLinkError error = new UnsatisfiedLinkError("cannot read " + checksums + ": " + e);
            error.initCause(e);
            throw error;
        }
    }

    private static boolean has(String folder) {
        String name = folder.startsWith("windows") ? "wasmtime_java.dll"
                : folder.startsWith("macos") ? "libwasmtime_java.dylib" : "libwasmtime_java.so";
        return LOADER.getResource(resource(folder, name)) != null;
    }

    private static String resource(String folder, String name) {
        return "native/" + folder + '/' + name;
    }

    String name() {
        return NAME;
    }

    /**
     * Writes the library to a file.
     *
     * @throws IOException if writing fails, or if the content differs from what the build put into the jar
     */
    void unpack(Path file) throws IOException {
        MessageDigest digest = newSha256();
        try (InputStream in = LOADER.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("there is no " + resource + " in the jar");
            }
            Files.copy(new DigestInputStream(in, digest), file, StandardCopyOption.REPLACE_EXISTING);
        }
        String actual = HexFormat.of().formatHex(digest.digest());
        if (!actual.equals(sha256)) {
            throw new IOException(resource + " in the jar is damaged: its SHA-256 is " + actual + ", not " + sha256);
        }
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
