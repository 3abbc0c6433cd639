package io.github.wasmton.internal.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.wasmtime.wasi.PreopenDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** The command line, as picocli fills it in. */
@Command(name = "wasmton", mixinStandardHelpOptions = true, versionProvider = Arguments.Version.class,
        sortOptions = false, abbreviateSynopsis = true,
        description = "Runs a WebAssembly file as the task processor of a Kafka topic, until SIGTERM or Ctrl-C.",
        footer = {"",
            "A task that fails is tried again; if it fails for good it goes to the dead-letter topic, or Wasmton stops "
                + "and its next start gets it again. 'wasmton dlq --help' is about dead letters.",
            "Each of these can be given in the environment too, such as WASMTON_DEADLINE=5s or "
                + "WASMTON_KAFKA_SECURITY_PROTOCOL=SSL, and in a file. The command line comes first, then the "
                + "environment, then the file. A repeatable option's values are apart by commas there.",
            "An argument @FILE stands for the arguments in that file.",
            "Exit code: 0 after SIGTERM or Ctrl-C, 1 after a failure, 2 where the input is not right."})
public final class Arguments {
    @Parameters(index = "0", paramLabel = "BOOTSTRAP_SERVERS", description = "Kafka's host:port,...")
    public String bootstrapServers;

    @Parameters(index = "1", paramLabel = "TOPIC", description = "The topic to read.")
    public String topic;

    @Parameters(index = "2", paramLabel = "PROCESSOR_WASM", description = "The processor.")
    public Path wasm;

    @Option(names = "--group", paramLabel = "NAME",
            description = "Consumer group, under which Kafka keeps the progress. Default: wasmton-TOPIC. Two "
                    + "processors of one topic need two groups, or each gets a part of the tasks.")
    private String group;

    @Option(names = "--threads", paramLabel = "N",
            description = "Threads: of each partition with the engine decaton, of the whole process with streams "
                    + "(where more than there are partitions are idle). Default: the number of CPUs.")
    public Integer threads;

    @Option(names = "--dir", paramLabel = "HOST::GUEST", converter = DirConverter.class,
            description = "Grants the guest a directory and all below it, under another name; repeatable. "
                    + "Default: none. --dir .::/ gives it the working directory as /.")
    public List<PreopenDir> dirs = new ArrayList<>();

    @Option(names = "--env", paramLabel = "NAME=VALUE",
            description = "Sets a variable in the guest's environment; repeatable. Default: none.")
    Map<String, String> env = new LinkedHashMap<>();

    @Option(names = "--allow-net", paramLabel = "HOST[:PORT]",
            description = "Lets the guest connect there; repeatable. Default: nowhere. HOST is a name, an address or a "
                    + "block of them such as 10.0.0.0/8; PORT may be a range such as 8000-8099; without it, all. What "
                    + "is denied is logged with the --allow-net that would allow it.")
    public List<String> allowNet = new ArrayList<>();

    @Option(names = "--allow-listen", paramLabel = "ADDRESS[:PORT]",
            description = "Lets the guest wait for connections at an address of this machine; repeatable. "
                    + "Default: at none.")
    public List<String> allowListen = new ArrayList<>();

    @Option(names = "--ca-file", paramLabel = "FILE",
            description = "Further authorities whose certificates are believed when the guest requests something by "
                    + "https (wasi:http), in the form PEM. Default: those alone that this machine trusts.")
    public Path caFile;

    @Mixin
    public OutputArguments outputs = new OutputArguments();

    @Option(names = "--guest-config", paramLabel = "NAME=VALUE",
            description = "A setting that a guest of the world decaton:processor can ask for; repeatable.")
    Map<String, String> configuration = new LinkedHashMap<>();

    @Option(names = "--deadline", paramLabel = "TIME", converter = DurationConverter.class,
            description = "How long one task may take: 500ms, 10s, 2m, or ISO 8601. Default: 10s.")
    public Duration deadline = GuestOptions.DEFAULT.deadline();

    @Mixin
    public FailureArguments failures = new FailureArguments();

    @Mixin
    public InFlightArguments inFlight = new InFlightArguments();

    @Mixin
    public CacheArguments cache = new CacheArguments();

    @Mixin
    public LimitArguments limits = new LimitArguments();

    @Option(names = "--engine", paramLabel = "NAME", completionCandidates = EngineChoice.Names.class,
            description = "Engine that reads Kafka: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}, the first of "
                    + "the others that is on the class path and does what --in-flight asks.",
            showDefaultValue = CommandLine.Help.Visibility.NEVER)
    public String engine = EngineChoice.AUTO;

    @Mixin
    public KafkaArguments kafka = new KafkaArguments();

    @Mixin
    public MetricsArguments metrics = new MetricsArguments();

    @Option(names = "--" + OptionNames.CONFIG_FILE, paramLabel = "FILE",
            description = "Takes options from that file too: Java properties in UTF-8, named as here without the "
                    + "hyphens, such as deadline = 5s or kafka.security.protocol = SSL.")
    Path configFile;

    @Option(names = "--" + OptionNames.PRINT_CONFIG,
            description = "Shows the value of every option and where that comes from, without secrets, and ends.")
    boolean printConfig;

    @Option(names = "--stacktrace", description = "Shows the stack trace of an error in the input.")
    public boolean stacktrace;

    public String group() {
        return group == null ? "wasmton-" + topic : group;
    }

    /** What counts where nothing is given, of options whose default depends on others; by their names in a file. */
    public Map<String, String> defaults() {
        return Map.of("group", topic == null ? "wasmton-TOPIC" : group(),
                "threads", EngineChoice.defaultThreads(engine, inFlight.limit != null));
    }

    public static CommandLine commandLine(Arguments arguments) {
        return new CommandLine(arguments).setCaseInsensitiveEnumValuesAllowed(true);
    }

    public static final class Version implements CommandLine.IVersionProvider {
        /** The version of this build; there is none in a class folder. */
        static String own() {
            String version = Arguments.class.getPackage().getImplementationVersion();
            return version == null ? "(development build)" : version;
        }

        @Override
        public String[] getVersion() {
            return new String[] {"wasmton " + own() + ", Java " + System.getProperty("java.version")};
        }
    }

    private static final class DirConverter implements ITypeConverter<PreopenDir> {
        @Override
        public PreopenDir convert(String value) {
            int middle = value.indexOf("::");
            if (middle <= 0 || middle + 2 == value.length()) {
                throw new TypeConversionException("'" + value + "' is not HOST::GUEST, such as data::/");
            }
            return new PreopenDir(value.substring(0, middle), value.substring(middle + 2));
        }
    }

    static final class DurationConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            String iso = value.toUpperCase(Locale.ROOT);
            try {
                Duration duration = iso.endsWith("MS")
                        ? Duration.ofMillis(Long.parseLong(iso.substring(0, iso.length() - 2)))
                        : Duration.parse(iso.startsWith("P") ? iso : "PT" + iso);
                if (!duration.isNegative() && !duration.isZero()) {
                    return duration;
                }
            } catch (DateTimeParseException | NumberFormatException e) {
                // falls through to the one message
            }
            throw new TypeConversionException("'" + value + "' is not a time above zero, such as 500ms, 10s or 2m");
        }
    }
}
