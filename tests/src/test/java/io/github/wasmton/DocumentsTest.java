package io.github.wasmton;

import static java.util.stream.Collectors.toCollection;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.junit.jupiter.api.Test;

import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.Outcome;
import io.github.wasmton.internal.stats.TaskCounters;
import io.github.wasmton.metrics.TaskMeters;
import io.github.wasmton.testing.Guests;
import io.github.wasmton.testing.Wasm;

/** Names in documents exist: files, classes, packages, headings, metrics, headers, kinds of failure. */
class DocumentsTest {
    private static final Path PROJECT = Path.of(System.getProperty("wasmton.project.dir"));
    /** Folders with files that the build or a tool wrote. */
    private static final Set<String> SKIPPED = Set.of("build", "target", "node_modules", ".git", ".gradle");

    /** The target of a link, and an image in HTML. Not a web address. */
    private static final Pattern LINK =
            Pattern.compile("(?:\\]\\(|(?:src|srcset)=\")(?!https?:)([^)#\"]*)(?:#([^)\"]*))?[)\"]");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");
    /** A test class or contract, alone or with one of its methods. */
    private static final Pattern TEST = Pattern.compile("([A-Z]\\w*(?:Test|Contract))(?:\\.([a-z]+[A-Z]\\w*))?");
    private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
    /** A path below one of the project's folders. */
    private static final Pattern PATH =
            Pattern.compile("(?:src|java|wit|tests|bench|docs|samples|gradle|\\.ci)/[\\w./-]*");

    /** The name of a class, or of one of its members. */
    private static final Pattern CLASS = Pattern.compile("([A-Z][a-z]\\w*)(?:[.(].*)?");
    /** Types that the project uses and others own. */
    private static final Set<String> FOREIGN = Set.of("Env", "LazyLock", "OnceLock", "String");

    // ---- links ----

    @Test
    void everyLinkLeadsToAFileAndAHeading() throws IOException {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path page : files(name -> name.endsWith(".md"))) {
            Matcher link = LINK.matcher(Files.readString(page));
            while (link.find()) {
                links++;
                Path target = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
                if (!Files.exists(target) || link.group(2) != null && !anchors(target).contains(link.group(2))) {
                    broken.add(PROJECT.relativize(page) + ": " + link.group());
                }
            }
        }
        assertEquals(List.of(), broken);
        assertTrue(links > 80, links + " links");
    }

    /** The anchors that GitHub gives the headings of a page. */
    private static Set<String> anchors(Path page) throws IOException {
        return HEADING.matcher(Files.readString(page)).results().map(heading -> heading.group(1)
                .toLowerCase(Locale.ROOT).replaceAll("[^\\w -]", "").replace(' ', '-'))
                .collect(toCollection(TreeSet::new));
    }

    @Test
    void theReadmeLinksEveryPage() throws IOException {
        String readme = text("README.md");
        String more = readme.substring(readme.indexOf("\n## More\n"));
        List<String> missing = files(name -> name.endsWith(".md")).stream()
                .map(file -> PROJECT.relativize(file).toString()).filter(page -> page.startsWith("docs/"))
                .filter(page -> !more.contains("](" + page + ')')).toList();
        assertEquals(List.of(), missing);
    }

    @Test
    void everySampleIsInTheTableOfLanguages() throws IOException {
        String languages = text("docs/languages.md");
        try (Stream<Path> samples = Files.list(PROJECT.resolve("samples"))) {
            for (Path sample : samples.filter(Files::isDirectory).toList()) {
                String name = sample.getFileName().toString();
                assertTrue(languages.contains("| [" + name + "](../samples/" + name + "/README.md) |"), name);
            }
        }
    }

    // ---- ARCHITECTURE.md ----

    @Test
    void theMapNamesEveryFileOfTheRustLibraryOnce() throws IOException {
        List<String> named = new ArrayList<>();
        for (List<String> row : mapRows()) {
            if (row.get(0).startsWith("src/")) {
                row.stream().skip(1).filter(name -> name.endsWith(".rs")).forEach(name -> named.add(row.get(0) + name));
            }
        }
        List<String> there = files(name -> name.endsWith(".rs")).stream()
                .map(file -> PROJECT.relativize(file).toString()).filter(file -> file.startsWith("src/")).toList();
        assertEquals(there, named.stream().sorted().toList());
    }

    @Test
    void theMapNamesEveryPackageOfThePublishedArtefactsOnce() throws IOException {
        List<String> named = mapRows().stream().map(row -> row.get(0)).filter(name -> name.startsWith("io.github."))
                .sorted().toList();
        List<String> there = files(name -> name.endsWith(".java")).stream()
                .map(file -> PROJECT.relativize(file).toString().replace('/', '.'))
                .filter(file -> file.matches("java\\.(wasmtime|bindgen|compat|wasmton)\\.src\\.main\\..*"))
                .map(file -> file.replaceAll("^.*?src\\.main\\.java\\.|\\.[^.]+\\.java$", ""))
                .distinct().sorted().toList();
        assertEquals(there, named);
    }

    /** The code words of each row of a table in the section "The map". */
    private static List<List<String>> mapRows() throws IOException {
        String page = text("ARCHITECTURE.md");
        int start = page.indexOf("\n## The map\n");
        String map = page.substring(start, page.indexOf("\n## ", start + 1));
        return map.lines().filter(line -> line.startsWith("| `"))
                .map(line -> CODE.matcher(line).results().map(word -> word.group(1)).toList()).toList();
    }

    @Test
    void everyClassThatArchitectureNamesExists() throws IOException {
        Set<String> types = new TreeSet<>(FOREIGN);
        Pattern declaration = Pattern.compile("\\b(?:class|interface|record|enum|struct|trait|type) (\\w+)");
        for (Path file : files(name -> name.endsWith(".java") || name.endsWith(".rs"))) {
            declaration.matcher(Files.readString(file)).results().forEach(type -> types.add(type.group(1)));
        }
        List<String> missing = CODE.matcher(text("ARCHITECTURE.md")).results()
                .map(word -> word.group(1)).filter(word -> !word.endsWith(".toml")).map(CLASS::matcher)
                .filter(Matcher::matches).map(name -> name.group(1))
                .filter(name -> !types.contains(name)).distinct().toList();
        assertEquals(List.of(), missing);
    }

    // ---- all documents ----

    @Test
    void everyPathInADocumentExists() throws IOException {
        List<String> missing = new ArrayList<>();
        for (Path page : pages()) {
            CODE.matcher(Files.readString(page)).results().map(word -> word.group(1))
                    .filter(word -> PATH.matcher(word).matches() && !Files.exists(PROJECT.resolve(word))
                            && !Files.exists(page.resolveSibling(word)))
                    .forEach(word -> missing.add(PROJECT.relativize(page) + ": " + word));
        }
        assertEquals(List.of(), missing);
    }

    @Test
    void everyTestInADocumentExists() throws IOException {
        Map<String, Path> tests = new HashMap<>();
        files(name -> name.endsWith(".java")).forEach(
                file -> tests.put(file.getFileName().toString().replace(".java", ""), file));
        List<String> missing = new ArrayList<>();
        for (Path page : pages()) {
            for (MatchResult word : CODE.matcher(Files.readString(page)).results().toList()) {
                Matcher test = TEST.matcher(word.group(1));
                if (test.matches() && !(tests.containsKey(test.group(1)) && (test.group(2) == null
                        || Files.readString(tests.get(test.group(1))).contains("void " + test.group(2) + '(')))) {
                    missing.add(PROJECT.relativize(page) + ": " + word.group(1));
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    @Test
    void everyMetricExistsAndIsExplained() throws Exception {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Set<String> there;
        try (GuestModule module = Wasm.guest(Guests.TRAPS_AT_F, GuestOptions.DEFAULT)) {
            new TaskMeters(new TaskCounters(), module, Tags.empty()).bindTo(registry);
            there = registry.scrape().lines().filter(line -> line.startsWith("# TYPE "))
                    .map(line -> line.split(" ")[2]).collect(toCollection(TreeSet::new));
        }
        // Of Monitoring, of the engine streams, and of a guest that counts.
        there.addAll(List.of("wasmton_group_lag", "wasmton_info", "wasmton_state_restoring_records",
                "wasmton_state_standby_behind_records", "wasmton_guest_counts_total"));
        String operations = text("docs/operations.md");
        String monitoring = operations.substring(operations.indexOf("## Monitoring"), operations.indexOf("## Alerts"));
        assertEquals(there,
                metrics(String.join("\n", monitoring.lines().filter(line -> line.startsWith("|")).toList())));
        String functions = text("sdk/c/wasmton.h");
        for (Path page : pages()) {
            Set<String> named = metrics(Files.readString(page));
            named.removeAll(there);
            named.removeIf(functions::contains);
            assertEquals(Set.of(), named, page.toString());
        }
    }

    private static Set<String> metrics(String text) {
        return Pattern.compile("\\bwasmton_[a-z_]+").matcher(text).results()
                .map(name -> name.group().replaceAll("_bucket$", "")).collect(toCollection(TreeSet::new));
    }

    // ---- docs/failures.md ----

    @Test
    void everyKindOfFailureHasARow() throws IOException {
        List<String> kinds = Arrays.stream(Outcome.Kind.values())
                .map(kind -> kind.name().toLowerCase(Locale.ROOT).replace('_', '-')).sorted().toList();
        String page = text("docs/failures.md");
        List<String> rows = page.substring(page.indexOf("## What happens"), page.indexOf("## Options")).lines()
                .map(line -> line.split(" \\| ")).filter(cells -> cells.length == 4 && cells[1].startsWith("`"))
                .filter(cells -> !cells[1].startsWith("`--")).map(cells -> cells[1].replace("`", "")).sorted().toList();
        assertEquals(kinds, rows);
    }

    @Test
    void everyHeaderOfADeadLetterExists() throws IOException {
        String sources = "";
        for (Path file : files(name -> name.equals("DeadLetter.java") || name.equals("Replay.java"))) {
            sources += Files.readString(file);
        }
        Set<String> there = Pattern.compile("PREFIX \\+ \"([a-z0-9-]+)\"").matcher(sources).results()
                .map(name -> "wasmton.dlq." + name.group(1)).collect(toCollection(TreeSet::new));
        assertEquals(there, Pattern.compile("wasmton\\.dlq\\.[a-z0-9-]+").matcher(text("docs/failures.md")).results()
                .map(name -> name.group()).collect(toCollection(TreeSet::new)));
    }

    // ---- docs/operations.md ----

    @Test
    void everyLoggerIsAClassOrAPackage() throws IOException {
        String page = text("docs/operations.md");
        List<String> loggers = Pattern.compile("(?m)^\\| `(io\\.github\\.[\\w.]+)`")
                .matcher(page.substring(page.indexOf("## Logs"))).results().map(row -> row.group(1)).toList();
        assertTrue(loggers.size() >= 3, loggers.toString());
        for (String logger : loggers) {
            Path place = PROJECT.resolve("java/wasmton/src/main/java/" + logger.replace('.', '/'));
            boolean named = false;
            for (Path file : files(name -> name.endsWith(".java"))) {
                named |= Files.readString(file).contains("getLogger(\"" + logger + "\")");
            }
            assertTrue(named || Files.isDirectory(place) || Files.exists(Path.of(place + ".java")), logger);
        }
    }

    /** The pages that describe this version; CHANGELOG.md tells of names that are gone. */
    private static List<Path> pages() throws IOException {
        return files(name -> name.endsWith(".md") && !name.equals("CHANGELOG.md"));
    }

    private static String text(String page) throws IOException {
        return Files.readString(PROJECT.resolve(page));
    }

    private static List<Path> files(Predicate<String> name) throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(PROJECT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return SKIPPED.contains(folder.getFileName().toString()) ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (name.test(file.getFileName().toString())) {
                    files.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return files.stream().sorted().toList();
    }
}
