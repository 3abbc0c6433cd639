package io.github.wasmton;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

/** The pages that people read lead to what is there, and leave out no sample. */
class PagesTest {
    private static final Path PROJECT = Path.of(System.getProperty("wasmton.project.dir"));
    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:|#)([^)#]+)(#[^)]*)?\\)");

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(PROJECT.resolve("docs/languages.md")));
        pages.addAll(list(PROJECT).stream().filter(file -> file.toString().endsWith(".md")).toList());
        for (Path sample : samples()) {
            pages.add(sample.resolve("README.md"));
        }
        return pages;
    }

    private static List<Path> samples() throws IOException {
        return list(PROJECT.resolve("samples")).stream().filter(Files::isDirectory).toList();
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    @Test
    void everyLinkLeadsToAFile() throws IOException {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path page : pages()) {
            Matcher matcher = LINK.matcher(Files.readString(page));
            while (matcher.find()) {
                links++;
                if (!Files.exists(page.resolveSibling(matcher.group(1)))) {
                    broken.add(PROJECT.relativize(page) + ": " + matcher.group(1));
                }
            }
        }
        assertEquals(List.of(), broken);
        assertTrue(links > 10, links + " links");
    }

    @Test
    void everySampleIsInTheTableOfLanguages() throws IOException {
        String languages = Files.readString(PROJECT.resolve("docs/languages.md"));
        for (Path sample : samples()) {
            String name = sample.getFileName().toString();
            assertTrue(languages.contains("| [" + name + "](../samples/" + name + "/README.md) |"), name);
        }
    }
}
