package io.github.wasmton.internal.author;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A template of a processor in a language, among the resources. Its file {@code index} lists the language's name, the
 * main source, the built file, and the files to copy, each with its place in the new folder.
 */
public final class Template {
    /** Template without state: it passes on large orders. All languages have it. */
    public static final String ORDERS = "orders";
    /** Template with state: it counts records by key. */
    public static final String COUNT = "count";
    /** Template that takes batches: it sends the tasks of each in one HTTP request. */
    public static final String BATCH = "batch";
    /** Templates, by the word that selects them. */
    public static final List<String> NAMES = List.of(ORDERS, COUNT, BATCH);
    /** Languages, by the word that selects them. */
    public static final List<String> LANGUAGES =
            List.of("rust", "python", "javascript", "typescript", "go", "c", "cpp", "zig", "assemblyscript");

    private static final String ROOT = "/templates/";
    /** Languages of the templates that are not there in every language. */
    private static final Map<String, List<String>> FEWER = Map.of(
            COUNT, List.of("rust", "python", "javascript", "typescript", "go"),
            BATCH, List.of("rust", "go", "c"));

    private final String language;
    private final Map<String, String> words = new LinkedHashMap<>();
    private final Map<String, String> files = new LinkedHashMap<>();

    private Template(String language) {
        this.language = language;
    }

    /** Returns the languages of one of the {@link #NAMES}. */
    public static List<String> languages(String name) {
        return FEWER.getOrDefault(name, LANGUAGES);
    }

    /** Returns the template of that name in one of its {@link #languages}. */
    public static Template of(String name, String language) {
        Template template = new Template(language);
        String folder = name.equals(ORDERS) ? language : name + '/' + language;
        for (String line : resource(folder + "/index").lines().filter(text -> !text.isBlank()).toList()) {
            int middle = line.indexOf(" = ");
            if (middle > 0) {
                template.words.put(line.substring(0, middle), line.substring(middle + 3));
            } else {
                int to = line.indexOf(" from ");
                template.files.put(to < 0 ? line : line.substring(0, to),
                        to < 0 ? folder + '/' + line : line.substring(to + 6));
            }
        }
        return template;
    }

    /** Returns the name of its language. */
    public String languageName() {
        return words.get("language");
    }

    /**
     * Writes the template's files to a new folder.
     *
     * @return the files, relative to the folder
     * @throws FileAlreadyExistsException if the folder exists and is not empty
     */
    public List<Path> write(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (var inside = Files.list(folder)) {
                if (inside.findAny().isPresent()) {
                    throw new FileAlreadyExistsException(folder.toString());
                }
            }
        }
        String name = folder.toAbsolutePath().normalize().getFileName().toString();
        List<Path> written = new ArrayList<>();
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path to = folder.resolve(filled(file.getKey(), name));
            Files.createDirectories(to.toAbsolutePath().getParent());
            Files.writeString(to, filled(resource(file.getValue()), name));
            written.add(folder.relativize(to));
        }
        return written;
    }

    private String filled(String text, String name) {
        String filled = text;
        for (Map.Entry<String, String> word : words.entrySet()) {
            filled = filled.replace("{{" + word.getKey() + "}}", word.getValue());
        }
        return filled.replace("{{name}}", name).replace("{{crate}}", name.replace('-', '_'));
    }

    private static String resource(String name) {
        try (InputStream in = Template.class.getResourceAsStream(ROOT + name)) {
            if (in == null) {
                throw new IllegalStateException("the resource " + ROOT + name + " is missing");
            }
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return language;
    }
}
