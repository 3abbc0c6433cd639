package io.github.wasmton.internal.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.wasmton.wasmtime.wasi.PreopenDir;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class ConfigurationTest {
    private static final String HIDDEN = "(set; --show-values shows it)";

    private static final String[] NEEDED = {"server:9092", "topic", "processor.wasm"};

    @TempDir
    Path directory;

    // ---- where a value comes from ----

    @Test
    void theEnvironmentGivesOptions() throws Exception {
        RunCommand arguments = read(Map.of("WASMTON_DEADLINE", "5s", "WASMTON_ENGINE", "streams", "WASMTON_THREADS",
                "3", "WASMTON_STACKTRACE", "true", "WASMTON_DIR", ".::/, a\\,b::/data", "WASMTON_ENV_API_KEY", "x=y",
                "WASMTON_KAFKA_FETCH_MIN_BYTES", "1", "WASMTON_GUEST_CONFIG_server", "here:80", "PATH", "/bin"),
                NEEDED);
        assertEquals(Duration.ofSeconds(5), arguments.guest.limits.deadline);
        assertEquals("streams", arguments.kafka.engine);
        assertEquals(3, arguments.kafka.threads);
        assertTrue(arguments.configuration.stacktrace);
        assertEquals(List.of(new PreopenDir(".", "/"), new PreopenDir("a,b", "/data")), arguments.guest.grants.dirs);
        assertEquals(Map.of("API_KEY", "x=y"), arguments.guest.guest.env);
        assertEquals(Map.of("fetch.min.bytes", "1"), arguments.kafka.clients.kafka);
        assertEquals(Map.of("server", "here:80"), arguments.guest.guest.configuration);
    }

    @Test
    void fileSetsOptions() throws Exception {
        RunCommand arguments = read(Map.of(), file("""
                # A comment.
                bootstrap-servers = server:1
                topic = -topic
                processor-wasm = @processor.wasm
                deadline = 5s
                stacktrace = false
                allow-net = a:1, b:2
                env.A_b = 1
                kafka.sasl.jaas.config = a b="${c}" \\
                    d;
                guest-config.greeting = Grüße
                """));
        assertEquals("server:1", arguments.bootstrapServers);
        assertEquals("-topic", arguments.topic);
        assertEquals(directory.resolve("@processor.wasm"), arguments.wasm);
        assertEquals(Duration.ofSeconds(5), arguments.guest.limits.deadline);
        assertFalse(arguments.configuration.stacktrace);
        assertEquals(List.of("a:1", "b:2"), arguments.guest.grants.allowNet);
        assertEquals(Map.of("A_b", "1"), arguments.guest.guest.env);
        assertEquals(Map.of("sasl.jaas.config", "a b=\"${c}\" d;"), arguments.kafka.clients.kafka);
        assertEquals(Map.of("greeting", "Grüße"), arguments.guest.guest.configuration);
    }

    @Test
    void commandLineOverridesTheEnvironmentAndThatOverridesTheFile() throws Exception {
        String file = "deadline = 1s\ngroup = file\nthreads = 1\nallow-net = file\nkafka.a = file\nkafka.b = file\n"
                + "kafka.c = file\ntopic = file\n";
        Map<String, String> environment = Map.of("WASMTON_DEADLINE", "2s", "WASMTON_GROUP", "environment",
                "WASMTON_ALLOW_NET", "environment", "WASMTON_KAFKA_A", "environment", "WASMTON_KAFKA_B", "environment");
        RunCommand arguments = read(environment, file(file, "--deadline", "3s", "--allow-net", "line", "--kafka",
                "a=line", "server:9092", "topic", "processor.wasm"));
        assertEquals(Duration.ofSeconds(3), arguments.guest.limits.deadline);
        assertEquals("environment", arguments.kafka.group(arguments.topic));
        assertEquals(1, arguments.kafka.threads);
        assertEquals(List.of("line"), arguments.guest.grants.allowNet, "a list is replaced as a whole");
        assertEquals(Map.of("a", "line", "b", "environment", "c", "file"), arguments.kafka.clients.kafka,
                "pairs one by one");
        assertEquals("topic", arguments.topic);
    }

    @Test
    void missingArgumentsComeFromTheOtherSources() throws Exception {
        RunCommand arguments = read(Map.of("WASMTON_TOPIC", "topic", "WASMTON_CONFIG_FILE",
                written("processor-wasm = x.wasm\n").toString()), "server:9092");
        assertEquals("server:9092", arguments.bootstrapServers);
        assertEquals("topic", arguments.topic);
        assertEquals(directory.resolve("x.wasm"), arguments.wasm, "relative to the file");
    }

    @Test
    void environmentAndFileCanSetEveryOption() throws Exception {
        OptionNames names = new OptionNames(Commands.run().getCommandSpec());
        Map<String, String> environment = new LinkedHashMap<>();
        StringBuilder file = new StringBuilder();
        names.all().forEach(arg -> {
            String name = new OptionNames.Place(arg, null).name() + (OptionNames.takesPairs(arg) ? ".x" : "");
            environment.put("WASMTON_" + name.toUpperCase().replace('-', '_').replace('.', '_'), "v");
            if (!name.equals("config-file")) {
                file.append(name).append(" = v\n");
            }
        });
        assertEquals(names.all().size(), names.inEnvironment(environment).size());
        Map<String, String> lines = ConfigFile.read(written(file.toString()));
        assertEquals(names.all().size() - 1, names.inFile(lines.keySet(), "").size());
    }

    @Command(name = "other")
    static final class Other {
        @ArgGroup(validate = false, heading = "A group%n")
        Group group;

        @Option(names = "--cache", negatable = true)
        boolean cache = true;

        static final class Group {
            @Option(names = {"-a", "--attempts"}, paramLabel = "N")
            int attempts;
            @Option(names = "--back-off")
            String backOff = "exponential";
        }
    }

    @Test
    void configurationServesOtherCommands() throws Exception {
        Other other = new Configuration(() -> new CommandLine(new Other()), List.of(),
                Map.of("WASMTON_ATTEMPTS", "5", "WASMTON_CACHE", "false")).commandLine().getCommand();
        assertFalse(other.cache);
        assertEquals(5, other.group.attempts);
        assertEquals("exponential", other.group.backOff);
    }

    // ---- what is wrong ----

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "WASMTON_DEADLIN|. Did you mean WASMTON_DEADLINE?", "WASMTON_XYZ|.", "WASMTON_HELP|."})
    void rejectsAnUnknownVariable(String variable, String rest) {
        assertEquals("There is no option for the environment variable " + variable + rest,
                refusal(Map.of(variable, "secret"), NEEDED));
    }

    @Test
    void rejectsAVariableForPairsWithoutAName() {
        assertEquals("WASMTON_ENV takes pairs, a variable each: WASMTON_ENV_NAME.",
                refusal(Map.of("WASMTON_ENV", "A=B"), NEEDED));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "deadlin = 5s|there is no option 'deadlin'. Did you mean deadline?",
        "xyz = 5s|there is no option 'xyz'.",
        "config-file = other|there is no option 'config-file'.",
        "print-config = true|there is no option 'print-config'.",
        "kafak.fetch.min.bytes = 1|there is no option 'kafak.fetch.min.bytes'. Did you mean kafka.fetch.min.bytes?",
        "topic.x = 1|there is no option 'topic.x'.",
        "guest-confg.a = 1|there is no option 'guest-confg.a'. Did you mean guest-config.a?",
        "config.minimum = 1|there is no option 'config.minimum'. Did you mean guest-config.minimum?",
        "kafka = a=b|'kafka' takes pairs, a line each: kafka.NAME = VALUE."})
    void rejectsAnUnknownLine(String line, String message) throws Exception {
        Path file = written(line);
        String refusal = refusal(Map.of(), "--config-file", file.toString(), "s:1", "t", "p");
        assertTrue(refusal.startsWith(file + ": " + message), refusal);
    }

    @Test
    void reportsEveryMistake() throws Exception {
        Path file = written("deadlin = 5s\ntopik = x\n");
        assertEquals(2, refusal(Map.of(), "--config-file", file.toString()).lines().count());
        assertEquals(2, refusal(Map.of("WASMTON_X", "1", "WASMTON_Y", "2")).lines().count());
    }

    @Test
    void ignoresVariablesOfKubernetes() throws Exception {
        RunCommand arguments = read(Map.of("WASMTON_SERVICE_HOST", "10.0.0.1", "WASMTON_SERVICE_PORT", "80",
                "WASMTON_SERVICE_PORT_HTTP", "80", "WASMTON_PORT", "tcp://10.0.0.1:80", "WASMTON_PORT_80_TCP",
                "tcp://10.0.0.1:80", "WASMTON_PORT_80_TCP_ADDR", "10.0.0.1", "WASMTON_X_PORT", "tcp://10.0.0.1:80"),
                NEEDED);
        assertEquals("topic", arguments.topic);
        assertTrue(refusal(Map.of("WASMTON_X_PORT", "80"), NEEDED).contains("WASMTON_X_PORT"));
    }

    @Test
    void invalidValueNamesItsOrigin() throws Exception {
        String wrong = "'soon' is not a time above zero";
        String variable = refusal(Map.of("WASMTON_DEADLINE", "soon"), NEEDED);
        assertTrue(variable.startsWith("WASMTON_DEADLINE: ") && variable.contains(wrong), variable);
        String[] line = file("deadline = soon\n", NEEDED);
        String inFile = refusal(Map.of(), line);
        assertTrue(inFile.startsWith(line[1] + ": ") && inFile.contains(wrong), inFile);
        String flag = refusal(Map.of("WASMTON_DEADLINE", "5s"), file("deadline = 5s\n", "--deadline", "soon"));
        assertTrue(flag.startsWith("Invalid value for option '--deadline'") && flag.contains(wrong), flag);
    }

    @Test
    void flagIsTrueOrFalse() {
        String refusal = refusal(Map.of("WASMTON_STACKTRACE", "yes"), NEEDED);
        assertTrue(refusal.startsWith("WASMTON_STACKTRACE: ") && refusal.contains("'yes' is not a boolean"), refusal);
    }

    @Test
    void namesAMissingArgumentOnce() {
        assertTrue(refusal(Map.of("WASMTON_TOPIC", "t")).startsWith("BOOTSTRAP_SERVERS, PROCESSOR_WASM are missing."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--kafka ssl.key.password:hush", "--kafak=ssl.key.password=hush", "a b c hush",
        "--kafka a=b hush d e f"})
    void errorsQuoteNoSecrets(String line) {
        String refusal = refusal(Map.of(), line.split(" "));
        assertFalse(refusal.contains("hush"), refusal);
    }

    @Test
    void namesAnUnknownOptionWithTheSimilarOne() {
        assertTrue(refusal(Map.of(), "--deadlin=5s", "a", "b", "c")
                .startsWith("Unknown option '--deadlin'. Did you mean --deadline?"));
    }

    @Test
    void fileMustExistAndBeText() throws Exception {
        assertEquals("There is no file none.properties for --config-file.",
                refusal(Map.of(), "--config-file", "none.properties"));
        Path twice = written("topic = a\ntopic = b\n");
        assertEquals(twice + " for --config-file: it gives 'topic' twice.",
                refusal(Map.of(), "--config-file", twice.toString()));
        Path latin = Files.write(directory.resolve("latin"), new byte[] {'a', '=', (byte) 0xe4, '\n'});
        assertEquals(latin + " for --config-file is not text in UTF-8.",
                refusal(Map.of("WASMTON_CONFIG_FILE", latin.toString())));
        assertTrue(refusal(Map.of(), "--config-file", directory.toString()).startsWith("Cannot read " + directory));
    }

    // ---- what is shown ----

    @Test
    void showsEveryValueWithItsOriginAndNoSecret() throws Exception {
        Map<String, String> environment = Map.of("WASMTON_ENV_API_KEY", "hush-1", "WASMTON_TOPIC", "tasks",
                "WASMTON_ENV_URL", "redis://user:hush-2@host");
        String[] line = file("kafka.sasl.jaas.config = hush-3\nkafka.client.id = me\nallow-net = a:1, b:2\n",
                "--deadline", "1m30s", "--consumer", "ssl.key.password=hush-4", "--print-config", "server:9092");
        String shown = shown(environment, line);
        assertFalse(shown.contains("hush"), shown);
        List<String> rows = shown.lines().map(row -> row.replaceAll(" {2,}", "|")).toList();
        for (String row : List.of("bootstrap-servers|server:9092|command line", "topic|tasks|WASMTON_TOPIC",
                "processor-wasm|unset|default", "group|wasmton-tasks|default", "deadline|1m30s|command line",
                "engine|auto|default", "dir|none|default", "allow-net|a:1, b:2|" + line[1],
                "env.API_KEY|" + HIDDEN + "|WASMTON_ENV_API_KEY", "env.URL|" + HIDDEN + "|WASMTON_ENV_URL",
                "kafka.sasl.jaas.config|****|" + line[1], "kafka.client.id|me|" + line[1],
                "consumer.ssl.key.password|****|command line", "producer|none|default", "stacktrace|false|default",
                "config-file|" + line[1] + "|command line")) {
            assertTrue(rows.contains(row), row + " in:\n" + String.join("\n", rows));
        }
        assertFalse(shown.contains("help") || shown.contains("print-config"), shown);
    }

    @Test
    void showsValuesOfTheGuestOnlyOnRequest() throws Exception {
        Map<String, String> environment = Map.of("WASMTON_ENV_API_KEY", "hush-1", "WASMTON_ENV_URL",
                "redis://user:hush-2@host", "WASMTON_GUEST_CONFIG_currency", "EUR");
        String names = shown(environment, "--print-config");
        assertFalse(names.contains("hush") || names.contains("EUR") || names.contains("redis"), names);
        String values = shown(environment, "--print-config", "--show-values");
        assertFalse(values.contains("hush"), values);
        List<String> rows = values.lines().map(row -> row.replaceAll(" {2,}", "|")).toList();
        for (String row : List.of("env.API_KEY|****|WASMTON_ENV_API_KEY",
                "env.URL|redis://****@host|WASMTON_ENV_URL",
                "guest-config.currency|EUR|WASMTON_GUEST_CONFIG_currency")) {
            assertTrue(rows.contains(row), row + " in:\n" + values);
        }
    }

    @Test
    void showsDefaultsInTheFormOfTheirOptions() throws Exception {
        List<String> rows = shown(Map.of(), "--print-config").lines().map(row -> row.replaceAll(" {2,}", "|")).toList();
        assertTrue(rows.contains("deadline|10s|default"), rows.toString());
        assertTrue(rows.contains("group|wasmton-TOPIC|default"), rows.toString());
        String threads = "threads\\|" + Runtime.getRuntime().availableProcessors()
                + "( for each partition|, or .*)\\|default";
        assertTrue(rows.stream().anyMatch(row -> row.matches(threads)), rows.toString());
    }

    // ---- helpers ----

    private String shown(Map<String, String> environment, String... line) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Configuration configuration = configuration(environment, line);
        assertTrue(configuration.printRequested());
        configuration.print(new PrintStream(out, true, UTF_8),
                configuration.commandLine().<Subcommand>getCommand().defaults());
        return out.toString(UTF_8);
    }

    private static RunCommand read(Map<String, String> environment, String... line) throws Exception {
        return configuration(environment, line).commandLine().getCommand();
    }

    private static String refusal(Map<String, String> environment, String... line) {
        return assertThrows(BadInputException.class, () -> configuration(environment, line)).getMessage();
    }

    private static Configuration configuration(Map<String, String> environment, String... line) throws Exception {
        return new Configuration(Commands::run, List.of(line), environment);
    }

    /** Returns the line with such a file before it. */
    private String[] file(String content, String... line) throws Exception {
        List<String> whole = new ArrayList<>(List.of("--config-file", written(content).toString()));
        Stream.of(line).forEach(whole::add);
        return whole.toArray(String[]::new);
    }

    private Path written(String content) throws Exception {
        return Files.writeString(Files.createTempFile(directory, "wasmton", ".properties"), content);
    }
}
