package io.github.wasmton.internal.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.internal.author.Template;
import io.github.wasmton.testing.ProgramRun;
import io.github.wasmton.testing.TlsIdentity;

/** The templates: one set of cases runs against the processor of each language, built by its own tools. */
class TemplateTest {
    private static final Path PROJECT = Path.of(System.getProperty("wasmton.project.dir"));
    private static final Path RESOURCES = PROJECT.resolve("java/wasmton/src/main/resources/templates");

    @TempDir
    Path folder;

    static List<String> languages() {
        return Template.LANGUAGES;
    }

    /** Returns the environment with the tools that gradle/guests.gradle installed, behind those of the machine. */
    static Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.merge("PATH", System.getProperty("wasmton.test.tools"), (own, tools) ->
                own + File.pathSeparator + tools);
        environment.keySet().removeIf(name -> name.startsWith("WASMTON_"));
        environment.put("WASMTON_COMPILE_DEADLINE", "15m");  // on a busy machine
        return environment;
    }

    /** Runs a command. Skips the test if a language's tools are missing, but not in CI. */
    static ProgramRun run(String... words) {
        ProgramRun run = ProgramRun.with(environment(), words);
        if (run.exitCode() == ExitCode.BAD_INPUT && run.err().startsWith("There is no program")
                && !"true".equals(System.getenv("CI"))) {
            abort(run.err());
        }
        return run;
    }

    /** Returns the commands that docs/writing.md prints first, which it says lead to a tested processor. */
    private static List<String> printedCommands() throws IOException {
        String page = Files.readString(PROJECT.resolve("docs/writing.md"));
        String section = page.substring(page.indexOf("\n## In five minutes\n") + 1);
        return section.substring(0, section.indexOf("\n## ")).lines()
                .filter(line -> line.startsWith("    wasmton ") && !line.contains("localhost")).map(String::strip)
                .toList();
    }

    @Test
    void pagePrintsTheCommandsThatTheTestRuns() throws IOException {
        assertEquals(List.of("wasmton new --lang rust orders", "wasmton build orders", "wasmton test orders",
                "wasmton dev orders"), printedCommands());
        List<String> rows = Files.readAllLines(PROJECT.resolve("docs/writing.md")).stream()
                .filter(line -> line.matches("\\| `[a-z]+` \\| (component|core module) .*"))
                .map(line -> line.replaceFirst("\\| `([a-z]+)`.*", "$1")).toList();
        assertEquals(Template.LANGUAGES, rows);
    }

    /** Tests each language by the commands of the page, and by the same cases. */
    @ParameterizedTest
    @MethodSource("languages")
    @Timeout(value = 20, unit = TimeUnit.MINUTES)  // compilers, on a busy machine
    void processorOfEachLanguagePassesTheSameCases(String language) throws Exception {
        String project = folder.resolve("big-orders").toString();
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream("{\"id\": \"o-9\", \"amount\": 900}\n".getBytes(UTF_8)));
        try {
            for (String command : printedCommands()) {
                String[] words = Arrays.stream(command.split(" ")).skip(1)
                        .map(word -> word.equals("rust") ? language : word.equals("orders") ? project : word)
                        .toArray(String[]::new);
                if (words[0].equals("dev") && !language.equals("rust")) {
                    continue;  // it builds and compiles once more, which takes a minute for some languages
                }
                ProgramRun run = run(words);
                assertEquals(ExitCode.OK, run.exitCode(), command + ":\n" + run.out() + run.err());
                if (words[0].equals("test") || words[0].equals("dev")) {
                    assertTrue(run.out().contains("\n11 cases, 0 failed\n"), run.out());
                }
                if (words[0].equals("test")) {
                    failsWithoutTheGrantOfItsTopic(Path.of(project));
                    requestsByHttps(language, project);
                }
                if (words[0].equals("dev")) {
                    assertTrue(run.out().contains("  out  large-orders: o-9 = "), run.out());
                }
            }
        } finally {
            System.setIn(before);
        }
    }

    private void failsWithoutTheGrantOfItsTopic(Path project) throws IOException {
        String lines = Files.readString(project.resolve("wasmton.properties"));
        Path denied = Files.writeString(project.resolve("denied.properties"), lines.replaceAll("output-topic.*", ""));
        Path cases = Files.writeString(project.resolve("denied.json"), """
                {"cases": [{"name": "n", "record": {"value": {"id": "o-1", "amount": 250}},
                  "expect": {"outcome": "fatal", "reason": "large-orders"}}]}
                """);
        ProgramRun run = ProgramRun.with(environment(), "test", project.toString(), "--config-file", denied.toString(),
                "--cases", cases.toString());
        assertEquals(ExitCode.OK, run.exitCode(), run.out() + run.err());
    }

    /** Returns whether docs/languages.md says that something works in a language: its cell is not "no". */
    private static boolean works(String language, String column) throws IOException {
        String name = Template.of(Template.ORDERS, language).languageName();
        List<String> table = Files.readAllLines(PROJECT.resolve("docs/languages.md")).stream()
                .dropWhile(line -> !line.equals("## What works")).filter(line -> line.startsWith("| ")).toList();
        List<String> columns = Arrays.asList(table.get(0).split(" *\\| *"));
        String row = table.stream().filter(line -> line.startsWith("| " + name + " |")).findFirst().orElseThrow();
        return !row.split(" *\\| *")[columns.indexOf(column)].startsWith("no");
    }

    private void requestsByHttps(String language, String project) throws Exception {
        TlsIdentity identity = TlsIdentity.make(folder, "localhost");
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(identity.context()));
        List<String> tokens = new CopyOnWriteArrayList<>();
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            tokens.addAll(exchange.getRequestHeaders().getOrDefault("Authorization", List.of()));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        try {
            String address = "localhost:" + server.getAddress().getPort();
            ProgramRun run = ProgramRun.with(environment(), "invoke", project, "--value",
                    "{\"id\": \"o-1\", \"amount\": 250}", "--guest-config", "check-url=https://" + address + "/",
                    "--guest-config", "check-token=s3cret", "--allow-net", address,
                    "--ca-file", identity.certificate().toString());
            assertTrue(works(language, "HTTPS"));
            assertEquals(ExitCode.OK, run.exitCode(), run.out() + run.err());
            assertEquals(List.of("Bearer s3cret"), tokens, run.out() + run.err());
        } finally {
            server.stop(0);
        }
    }

    @ParameterizedTest
    @MethodSource("languages")
    void eachTemplateRequests(String language) throws IOException {
        Set<Path> written = Set.copyOf(Template.of(Template.ORDERS, language).write(folder.resolve("big-orders")));
        assertTrue(written.contains(Path.of("cases/check.json")));
        assertTrue(works(language, "HTTP"));
    }

    @ParameterizedTest
    @MethodSource("languages")
    void indexListsEachFileAndNothingStaysUnfilled(String language) throws IOException {
        Path project = folder.resolve("big-orders");
        Template template = Template.of(Template.ORDERS, language);
        TreeSet<String> written = template.write(project).stream().map(Path::toString)
                .collect(Collectors.toCollection(TreeSet::new));
        try (Stream<Path> files = Files.walk(RESOURCES.resolve(language))) {
            files.filter(Files::isRegularFile).map(file -> RESOURCES.resolve(language).relativize(file).toString())
                    .filter(name -> !name.equals("index"))
                    .forEach(name -> assertTrue(written.contains(name), name + " is not in the index"));
        }
        assertTrue(written.contains("cases/big-orders.json"), written.toString());
        for (String name : written) {
            assertFalse(Files.readString(project.resolve(name)).matches("(?s).*\\{\\{[a-z]+}}.*"), name);
        }
        assertTrue(Files.readAllLines(project.resolve("README.md")).size() <= 12);
    }

    /** The list is written by hand in each template, and a file that it lacks is missed only where it is used. */
    @ParameterizedTest
    @MethodSource("templatesInGo")
    void templatesInGoHaveEachFileOfTheSdk(String name) throws IOException {
        Set<Path> written = Set.copyOf(Template.of(name, "go").write(folder.resolve("totals")));
        Path sdk = PROJECT.resolve("sdk/go");
        try (Stream<Path> files = Files.walk(sdk)) {
            List<Path> needed = files.filter(file -> file.toString().matches(".*(\\.go|/go\\.mod)"))
                    .map(file -> Path.of("wasmton").resolve(sdk.relativize(file))).toList();
            assertTrue(needed.size() > 5, needed.toString());
            needed.forEach(file -> assertTrue(written.contains(file), file + " is not in the index"));
        }
    }

    static List<String> templatesInGo() {
        return Template.NAMES.stream().filter(name -> Template.languages(name).contains("go")).toList();
    }

    /** Go refuses a module that is called as its own packages are, such as go or http. */
    @ParameterizedTest
    @MethodSource("templatesInGo")
    void moduleInGoHasADomain(String name) throws IOException {
        Template.of(name, "go").write(folder.resolve("go"));
        assertEquals("module example.com/go", Files.readAllLines(folder.resolve("go/go.mod")).get(0));
    }

    @Test
    void worldOfATemplateIsTheProjects() throws IOException {
        Template.of(Template.ORDERS, "rust").write(folder.resolve("a"));
        assertEquals(Files.readString(PROJECT.resolve("wit/processor/processor.wit")),
                Files.readString(folder.resolve("a/wit/processor.wit")));
    }

    @Test
    void helpNamesEveryLanguage() {
        String help = Commands.alone("new").getUsageMessage();
        List<String> named = Pattern.compile("Language: ([a-z, ]+)\\.").matcher(help.replaceAll("\\s+", " ")).results()
                .map((MatchResult match) -> match.group(1)).toList();
        assertEquals(List.of(String.join(", ", Template.LANGUAGES)), named);
    }

    @Test
    void refusesAFolderWithFiles() throws IOException {
        Files.writeString(Files.createDirectories(folder.resolve("orders")).resolve("mine"), "x");
        ProgramRun run = ProgramRun.of("new", folder.resolve("orders").toString());
        assertEquals(ExitCode.BAD_INPUT, run.exitCode());
        assertTrue(run.err().contains("exists and is not empty"), run.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Orders", "my orders", "orders_", "1st"})
    void refusesANameThatToolsWouldRefuse(String name) {
        ProgramRun run = ProgramRun.of("new", folder.resolve(name).toString());
        assertEquals(ExitCode.BAD_INPUT, run.exitCode());
        assertTrue(run.err().contains("beginning with a letter, such as large-orders"), run.err());
    }

    @Test
    void suggestsALanguage() {
        ProgramRun run = ProgramRun.of("new", "--lang", "pyton", folder.resolve("orders").toString());
        assertTrue(run.err().contains("Did you mean python? There are: rust, python,"), run.err());
        run = ProgramRun.of("new", "--lang", "rs", folder.resolve("orders").toString());
        assertTrue(run.err().contains("Did you mean rust?"), run.err());
        assertTrue(ProgramRun.of("new").err().startsWith("NAME is missing."));
    }
}
