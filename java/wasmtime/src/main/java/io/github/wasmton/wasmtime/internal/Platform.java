package io.github.wasmton.wasmtime.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A platform that a native library is built for.
 *
 * @param os   {@code linux}, {@code macos}, {@code windows}, or the JVM's own name for it in lower case,
 *             without spaces
 * @param arch {@code x86_64}, {@code aarch64}, or the JVM's own name for it
 * @param libc {@code gnu} or {@code musl} on Linux, else empty
 */
record Platform(String os, String arch, String libc) {
    /** The folders that a jar of this project may have below {@code native}. */
    static final List<String> FOLDERS = List.of("linux-x86_64", "linux-aarch64", "linux-x86_64-musl",
            "linux-aarch64-musl", "macos-x86_64", "macos-aarch64", "windows-x86_64", "windows-aarch64");

    /** Returns the platform of this JVM. */
    static Platform current() {
        Platform platform = of(System.getProperty("os.name"), System.getProperty("os.arch"));
        return platform.os.equals("linux") && runsOnMusl(platform.arch)
                ? new Platform(platform.os, platform.arch, "musl")
                : platform;
    }

    /**
     * Returns the platform for the system properties {@code os.name} and {@code os.arch}. Linux is assumed to use
     * glibc.
     */
    static Platform of(String osName, String osArch) {
        String name = osName.toLowerCase(Locale.ROOT).replace(" ", "");
        String os = name.startsWith("windows") ? "windows" : name.startsWith("mac") ? "macos" : name;
        String arch = switch (osArch.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64", "x64" -> "x86_64";
            case "arm64", "aarch64" -> "aarch64";
            default -> osArch.toLowerCase(Locale.ROOT);
        };
        return new Platform(os, arch, os.equals("linux") ? "gnu" : "");
    }

    /** Returns the name of this platform's folder in the jar. */
    String folder() {
        return os + '-' + arch + (libc.equals("musl") ? "-musl" : "");
    }

    @Override
    public String toString() {
        return os + ' ' + arch + (libc.isEmpty() ? "" : " with " + libc + " libc");
    }

    /** Returns whether this process runs on musl; both C libraries may be installed. */
    private static boolean runsOnMusl(String arch) {
        if (!Files.exists(Path.of("/lib/ld-musl-" + arch + ".so.1"))) {
            return false;
        }
        // Not UTF-8: paths may contain any bytes.
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1)) {
            return namesMusl(maps);
        } catch (IOException | UncheckedIOException e) {
            return !Files.exists(Path.of("/lib64"));
        }
    }

    /** Returns whether one of a process's mappings is musl's loader, which is also its C library. */
    static boolean namesMusl(Stream<String> maps) {
        return maps.anyMatch(line -> line.contains("/ld-musl-") || line.contains("/libc.musl-"));
    }
}
