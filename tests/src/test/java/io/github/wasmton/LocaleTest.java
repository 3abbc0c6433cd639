package io.github.wasmton;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

/** Promise: logs, metrics and messages have Latin digits and decimal points, whatever the language of the machine. */
class LocaleTest {
    private static final Path PROJECT = Path.of(System.getProperty("wasmton.project.dir"));
    /** A call that formats by the default locale, with a number or a date among its arguments. */
    private static final Pattern LOCAL_FORMAT = Pattern.compile("(printf|format|formatted)"
            + "\\((?!\\s*(?:java\\.util\\.)?Locale\\.ROOT)[^;]*%[-+ #,0-9.$(]*[deEfgGtT]");

    @Test
    void numbersAreFormattedWithoutALocale() throws IOException {
        List<String> found = new ArrayList<>();
        int sources = 0;
        for (String artefact : List.of("wasmtime", "wasmton", "devkafka")) {
            try (Stream<Path> files = Files.walk(PROJECT.resolve("java").resolve(artefact).resolve("src/main"))) {
                for (Path file : files.filter(it -> it.toString().endsWith(".java")).toList()) {
                    sources++;
                    LOCAL_FORMAT.matcher(Files.readString(file)).results()
                            .forEach(call -> found.add(PROJECT.relativize(file) + ": " + call.group()));
                }
            }
        }
        assertTrue(sources > 100, sources + " sources");
        assertEquals(List.of(), found);
    }
}
