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
 * What a native library has to fit.
 *
 * @param os   {@code linux}, {@code macos}, {@code windows}, or the system's own name in lower case
 * @param arch {@code x86_64}, {@code aarch64}, or the JVM's own name for it
 * @param libc {@code gnu} or {@code musl} on Linux, else empty
 */
record Platform(String os, String arch, String libc) {
    /** The folders that a jar of this project may have below {@code native}. */
    static final List<String> FOLDERS = List.of("linux-x86_64", "linux-aarch64", "linux-x86_64-musl",
            "linux-aarch64-musl", "macos-x86_64", "macos-aarch64", "windows-x86_64", "windows-aarch64");

    /** That of this JVM. */
    static Platform current() {
        Platform platform = of(System.getProperty("os.name"), System.getProperty("os.arch"));
        return platform.os.equals("linux") && runsOnMusl(platform.arch)
                ? new Platform(platform.os, platform.arch, "musl")
                : platform;
    }

    /** From the system properties {@code os.name} and {@code os.arch}; Linux is taken to be one of GNU. */
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

    /** The name of this platform's folder in the jar. */
    String folder() {
        return os + '-' + arch + (libc.equals("musl") ? "-musl" : "");
    }

    @Override
    public String toString() {
        return os + ' ' + arch + (libc.isEmpty() ? "" : " with " + libc + " libc");
    }

    /** Both C libraries may be installed; what counts is the one that this process runs on. */
    private static boolean runsOnMusl(String arch) {
        if (!Files.exists(Path.of("/lib/ld-musl-" + arch + ".so.1"))) {
            return false;
        }
        // Not UTF-8: paths may be anything.
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1)) {
            return namesMusl(maps);
        } catch (IOException | UncheckedIOException e) {
            return !Files.exists(Path.of("/lib64"));
        }
    }

    /** Whether one of a process's mappings is musl's loader, which is its C library as well. */
    static boolean namesMusl(Stream<String> maps) {
        return maps.anyMatch(line -> line.contains("/ld-musl-") || line.contains("/libc.musl-"));
    }
}
