package io.github.wasmton;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

/** The packages of the artefact {@code wasmton} have one order, and only some may use a library. */
class PackagesTest {
    private static final Path SOURCES = Path.of(System.getProperty("wasmton.project.dir"),
            "java/wasmton/src/main/java");
    private static final String ROOT = "io.github.wasmton";
    /**
     * Packages in order; each may use earlier ones. Packages of one line may use each other's neighbours, but not each
     * other.
     */
    private static final List<List<String>> ORDER = List.of(
            List.of("internal.text"),
            List.of("guest"),
            List.of("failure", "metrics"),
            List.of("internal.stats", "internal.kafka"),
            List.of("internal.engine"),
            List.of("internal.engine.consumer", "internal.engine.decaton", "internal.engine.streams", "internal.run"),
            List.of("decaton", "internal.monitoring"),
            List.of("internal.author"),
            List.of("internal.cli"),
            List.of(""));
    /** Files that count as part of another package, with that package. */
    private static final Map<String, String> ELSEWHERE = Map.of(
            "EngineTypes.java", "decaton");  // the list of all engines
    /** Packages that may use a library, with those below them. */
    private static final Map<String, List<String>> LIBRARIES = Map.of(
            "com.linecorp.decaton", List.of("decaton", "internal.engine.decaton"),
            "org.apache.kafka.streams", List.of("internal.engine.streams"),
            "org.apache.kafka", List.of("internal", "decaton"),
            "io.micrometer", List.of("metrics", "internal.engine", "internal.monitoring", "internal.cli"),
            "io.prometheus", List.of("metrics"),
            "com.fasterxml.jackson", List.of("internal.author"),
            "picocli", List.of("internal.cli"));
    private static final Pattern IMPORT = Pattern.compile("(?m)^import (?:static )?([\\w.]+);");

    @Test
    void packagesUseOnlyEarlierPackages() throws IOException {
        assertEquals("", arrows((from, used) -> {
            String to = own(used);
            return to == null || to.startsWith("wasmtime") || to.equals(from) || level(to) < level(from);
        }));
    }

    @Test
    void onlyTheListedPackagesUseALibrary() throws IOException {
        assertEquals("", arrows((from, used) -> LIBRARIES.entrySet().stream()
                .filter(library -> used.startsWith(library.getKey() + '.'))
                .allMatch(library -> library.getValue().stream()
                        .anyMatch(allowed -> from.equals(allowed) || from.startsWith(allowed + '.')))));
    }

    private interface Rule {
        boolean allows(String from, String used);
    }

    /** Lists the imports that a rule does not allow, one a line. */
    private static String arrows(Rule rule) throws IOException {
        List<String> bad = new ArrayList<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java")).sorted().toList()) {
                String name = file.getFileName().toString();
                String from = ELSEWHERE.containsKey(name) ? ELSEWHERE.get(name)
                        : own(SOURCES.relativize(file).toString().replace('/', '.').replaceAll("\\.java$", ""));
                Matcher imports = IMPORT.matcher(Files.readString(file));
                while (imports.find()) {
                    if (!rule.allows(from, imports.group(1))) {
                        bad.add(SOURCES.relativize(file) + " must not import " + imports.group(1));
                    }
                }
            }
        }
        return String.join("\n", bad);
    }

    /** Returns the package of a class, below the root; {@code null} for another project's. */
    private static String own(String type) {
        if (!type.startsWith(ROOT + '.')) {
            return null;
        }
        String below = type.substring(ROOT.length() + 1);
        Matcher matcher = Pattern.compile("^((?:[a-z]\\w*\\.)*)").matcher(below);
        return matcher.find() ? matcher.group(1).replaceAll("\\.$", "").replaceAll("^(internal\\.cli)\\..*", "$1") : "";
    }

    private static int level(String name) {
        for (int i = 0; i < ORDER.size(); i++) {
            if (ORDER.get(i).contains(name)) {
                return i;
            }
        }
        throw new AssertionError("the package '" + name + "' has no place in the order of this test: give it one");
    }
}
