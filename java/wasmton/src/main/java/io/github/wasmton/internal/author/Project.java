package io.github.wasmton.internal.author;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A processor's folder. Its file {@code wasmton.properties} is a file of options, as {@code wasmton run --config-file}
 * reads it, with lines for the author's commands, which begin with {@code project.}.
 *
 * @param wasm    the file that the build leaves
 * @param build   the command that builds it, for a shell in the folder; {@code null} if there is none
 * @param sources files and folders that the build reads
 * @param tools   how to get each program that the build needs
 */
public record Project(Path folder, Path wasm, String build, List<Path> sources, Map<String, String> tools) {
    /** Name of the file in the folder. */
    public static final String FILE = "wasmton.properties";
    /** Begin of the lines for the author's commands. */
    public static final String PREFIX = "project.";

    /** Line with the file that the build leaves; it is also the argument of {@code wasmton run}. */
    public static final String WASM = "processor-wasm";
    private static final String BUILD = PREFIX + "build";
    private static final String SOURCES = PREFIX + "sources";
    private static final String TOOL = PREFIX + "tool.";

    /**
     * Makes a project of the lines of its file.
     *
     * @throws IllegalArgumentException if a line is unknown or missing
     */
    public static Project of(Path folder, Map<String, String> lines) {
        Map<String, String> tools = new TreeMap<>();
        lines.forEach((name, value) -> {
            if (name.startsWith(TOOL)) {
                tools.put(name.substring(TOOL.length()), value);
            } else if (name.startsWith(PREFIX) && !name.equals(BUILD) && !name.equals(SOURCES)) {
                throw new IllegalArgumentException("there is no line '" + name + "'. There are: " + BUILD + ", "
                        + SOURCES + ", " + TOOL + "PROGRAM");
            }
        });
        if (!lines.containsKey(WASM)) {
            throw new IllegalArgumentException("it has no line '" + WASM + " = FILE', which names the file that the "
                    + "build leaves");
        }
        List<Path> sources = Arrays.stream(lines.getOrDefault(SOURCES, "").split(",")).map(String::strip)
                .filter(name -> !name.isEmpty()).map(folder::resolve).toList();
        return new Project(folder, wasm(folder.resolve(FILE), lines.get(WASM)), lines.get(BUILD), sources, tools);
    }

    /** Returns the path of a processor that a file of options names: it is relative to that file. */
    public static Path wasm(Path file, String wasm) {
        return file.resolveSibling(wasm).normalize();
    }

    /** Returns the folder of its cases. */
    public Path cases() {
        return folder.resolve("cases");
    }

    /** Returns a source that was saved after the file was built; {@code null} if there is none. */
    public Path newerSource() throws IOException {
        FileTime built = Files.getLastModifiedTime(wasm);
        for (Path source : sources) {
            if (!Files.exists(source)) {
                continue;
            }
            try (Stream<Path> below = Files.walk(source)) {
                for (Path file : below.filter(Files::isRegularFile).toList()) {
                    if (Files.getLastModifiedTime(file).compareTo(built) > 0) {
                        return file;
                    }
                }
            }
        }
        return null;
    }

    /** Returns the file with its lines. */
    public Path file() {
        return folder.resolve(FILE);
    }
}
