package io.github.wasmton.internal.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.InFlight;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.internal.monitoring.Monitoring;
import io.github.wasmton.internal.run.RunContext;
import io.github.wasmton.internal.run.TaskRunner;
import io.github.wasmton.internal.stats.TaskCounters;
import io.github.wasmton.internal.text.Quantity;
import io.github.wasmton.internal.text.SettingNames;
import io.micrometer.core.instrument.Tag;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Runs a WebAssembly file as the task processor of a Kafka topic, until SIGTERM, Ctrl-C or a failure. */
@Command(name = RunCommand.NAME, mixinStandardHelpOptions = true, versionProvider = Root.Version.class,
        description = {"Run a WebAssembly file as the task processor of a Kafka topic, until SIGTERM or Ctrl-C.",
            "",
            "A task that fails is retried. If it keeps failing it goes to the dead-letter topic; without one Wasmton "
                + "stops, and the next start gets the task again."},
        customSynopsis = "wasmton [run] [OPTIONS] [BOOTSTRAP_SERVERS TOPIC PROCESSOR_WASM]",
        footer = {
            "Options come from the command line, then the environment (WASMTON_DEADLINE=5s, "
                + "WASMTON_KAFKA_SECURITY_PROTOCOL=SSL), then the file; so do the three arguments. There, separate the "
                + "values of a repeatable option with commas. An argument @FILE stands for the arguments in that "
                + "file."},
        exitCodeList = {
            "0:an end by SIGTERM or Ctrl-C",
            "1:a task failed and stopped the processor, or Kafka does not answer",
            "2:invalid input; the message says what is needed"})
final class RunCommand implements Subcommand, HelpText.Examples {
    private static final Logger log = LoggerFactory.getLogger(RunCommand.class);

    static final String NAME = "run";

    @Parameters(index = "0", paramLabel = "BOOTSTRAP_SERVERS", converter = Form.Servers.class,
            description = "Kafka's brokers, as host:port,...")
    String bootstrapServers;

    @Parameters(index = "1", paramLabel = "TOPIC", description = "Topic to read.")
    String topic;

    @Parameters(index = "2", paramLabel = "PROCESSOR_WASM", converter = Form.File.class,
            description = "The processor: a core module or a component.")
    Path wasm;

    @Mixin
    GuestLoading guest = new GuestLoading();

    @Mixin
    FailureArguments failures = new FailureArguments();

    @Mixin
    EngineArguments kafka = new EngineArguments();

    @Mixin
    MonitoringArguments monitoring = new MonitoringArguments();

    @Mixin
    ConfigurationArguments configuration = new ConfigurationArguments();

    /** Gets the counters before the first task. */
    Consumer<TaskCounters> watcher = counters -> { };

    @Override
    public List<String> examples() {
        return List.of(
                "wasmton run localhost:9092 orders orders.wasm",
                "wasmton run --dir data::/ --allow-net api.example.com:443 \\\n"
                        + "    --dead-letter-topic orders-dead localhost:9092 orders orders.wasm",
                "WASMTON_DEADLINE=5s wasmton run --config-file orders.properties --print-config");
    }

    @Override
    public Map<String, String> defaults() {
        Map<String, String> defaults = new HashMap<>(GuestLoading.DEFAULTS);
        defaults.put("group", kafka.group(topic == null ? "TOPIC" : topic));
        defaults.put("threads", EngineChoice.defaultThreads(kafka.engine, kafka.isInFlight(),
                hasEffects()));
        defaults.put("in-flight", "one task per thread");
        defaults.put("max-total-memory", "no limit");
        return defaults;
    }

    @Override
    public Class<? extends Subcommand> configuredAs() {
        return null;
    }

    @Override
    public int run(Session session) throws CommandException {
        SettingNames flags = SettingNames.translate(SettingFlags.ALL);
        try {
            return process(session);
        } finally {
            flags.close();
        }
    }

    /** Returns whether the engine has to commit the effects of tasks. */
    private boolean hasEffects() {
        return kafka.exactlyOnce || guest.state.config().any();
    }

    private int process(Session session) throws CommandException {
        kafka.check();
        FailureOptions options = failures.options(topic);
        EngineChoice choice = EngineChoice.choose(kafka.engine, kafka.isInFlight(), hasEffects());
        Duration longest = options.longest(guest.limits.deadline);
        KafkaSettings settings = settings(choice, longest);
        session.endsWithin(failures.stopTimeout);
        try (Monitoring shown = openMonitoring()) {
            StartLines lines = new StartLines(session.out());
            lines.address(shown.address());
            shown.starting("compiling the guest");
            try (GuestModule module = guest.load(wasm, session)) {
                kafka.check(module);
                guest.state.check(module);
                if (module.takesBatches()) {
                    choice = EngineChoice.forBatches(kafka.engine, kafka.exactlyOnce);
                    // Before its own attempts, a task may be in a batch that fails at its deadline.
                    settings = settings(choice, longest.plus(guest.limits.deadline));
                }
                shown.starting("connecting to Kafka");
                int partitions = KafkaCheck.partitions(bootstrapServers, topic, others(), settings);
                if (kafka.exactlyOnce) {
                    KafkaCheck.transactionTimeout(bootstrapServers, settings);
                }
                if (choice.takesOutputs()) {
                    RecordSizes.check(bootstrapServers, guest.grants.outputTopics, guest.limits.outputRecordBytes,
                            settings);
                }
                List<String> changelogs = guest.state.changelogs(kafka.group(topic));
                List<String> empty = KafkaCheck.changelogs(bootstrapServers, changelogs, partitions, settings);
                if (!empty.isEmpty() && KafkaCheck.hasProgress(bootstrapServers, kafka.group(topic), settings)) {
                    log.warn("The group {} has committed offsets, but there is no topic {}: that state begins empty in "
                            + "the middle of the topic {}", kafka.group(topic), String.join(", ", empty), topic);
                }
                try (RunContext context = context(settings, options, module)) {
                    if (kafka.exactlyOnce) {
                        warnOfSingleReplicas(changelogs, empty, settings);
                    }
                    int threads = kafka.threads(choice, partitions);
                    InFlight inFlight = kafka.inFlight(module, context, choice, threads);
                    EngineConfig config = new EngineConfig(bootstrapServers, topic, kafka.group(topic), threads,
                            settings, inFlight == null ? () -> new TaskRunner(module, context) : null, inFlight)
                            .withThreadStack(module.options().limits().threadStack())
                            .withExactlyOnce(kafka.exactlyOnce).withState(guest.state.config())
                            .withBatches(choice.batches() && inFlight == null ? kafka.batches.config() : null);
                    Engine engine = choice.engine().create(config);
                    lines.engine(choice, config, partitions, kafka.concurrency(choice, config));
                    lines.guest(module, options);
                    lines.state(guest.state.config(), empty);
                    shown.info(List.of(Tag.of("version", Root.Version.own()), Tag.of("engine", choice.engine().name()),
                            Tag.of("guest_sha256", module.sha256())));
                    shown.watch(engine, config, context.counters(), module, monitoring.summaryInterval);
                    watcher.accept(context.counters());
                    return serve(session, engine, context);
                }
            }
        }
    }

    private KafkaSettings settings(EngineChoice choice, Duration longest) throws BadInputException {
        KafkaSettings adapted = choice.adapt(kafka.settings(), longest);
        return kafka.exactlyOnce ? EngineChoice.withTransactionTimeout(adapted, longest) : adapted;
    }

    /** Returns the topics that have to exist besides the one that is read. */
    private List<String> others() {
        return Stream.concat(guest.grants.outputTopics.stream(), guest.state.tables.stream()).toList();
    }

    private void warnOfSingleReplicas(List<String> changelogs, List<String> missing, KafkaSettings settings)
            throws CommandException {
        List<String> written = Stream.of(guest.grants.outputTopics, changelogs,
                failures.deadLetterTopic == null ? List.<String>of() : List.of(failures.deadLetterTopic))
                .flatMap(List::stream).filter(each -> !missing.contains(each)).distinct().toList();
        List<String> single = KafkaCheck.withSingleReplicas(bootstrapServers, written, settings);
        if (!single.isEmpty()) {
            log.warn("--exactly-once: partitions of {} have a single replica. If its broker goes down, Kafka 4.3 "
                    + "may end a transaction without them (KAFKA-20734), which loses or repeats what was written. Use "
                    + "three replicas and min.insync.replicas=2", String.join(", ", single));
        }
    }

    private Monitoring openMonitoring() throws BadInputException {
        InetSocketAddress address = monitoring.listenAt();
        try {
            return new Monitoring(topic, kafka.group(topic), address);
        } catch (IOException e) {
            throw new BadInputException("The port for /metrics and /health cannot be opened at "
                    + address.getHostString() + ':' + address.getPort() + " (" + e.getMessage() + "). Is another "
                    + "Wasmton running? --metrics-port gives another port, 0 any that is free, none opens none.", e);
        }
    }

    /** Creates the parts that all runners share; checks the dead-letter topic before anything is read. */
    private RunContext context(KafkaSettings settings, FailureOptions options, GuestModule module)
            throws CommandException {
        if (options.deadLetterTopic() != null) {
            KafkaCheck.deadLetterTopic(bootstrapServers, options.deadLetterTopic(), settings);
        }
        Map<String, String> producer = new HashMap<>(settings.forProducer());
        producer.put("bootstrap.servers", bootstrapServers);
        try {
            return RunContext.of(module, options, producer);
        } catch (KafkaException e) {
            throw new BadInputException("Kafka takes no records of Wasmton: " + KafkaCheck.innermost(e), e);
        }
    }

    private int serve(Session session, Engine engine, RunContext context) throws BadInputException {
        long start = System.nanoTime();
        try {
            engine.start();
        } catch (KafkaException e) {
            engine.close();
            throw new BadInputException("Kafka's client does not accept the settings: " + KafkaCheck.innermost(e), e);
        }
        CompletableFuture.anyOf(session.stop(), engine.ended()).join();
        context.shutdown().begin();
        boolean closed = engine.close(failures.stopTimeout);
        session.out().println(context.counters().line(Duration.ofNanos(System.nanoTime() - start)));
        if (!closed) {
            session.err().println("Tasks that were in progress for " + Quantity.time(failures.stopTimeout)
                    + " are left for the next start (--stop-timeout).");
        }
        // Read after closing: the last task may be the one that failed.
        String reason = engine.ended().getNow(null);
        if (reason == null) {
            return ExitCode.OK;
        }
        String task = context.settlement().stopReason();
        session.err().println("Stopped: " + (task == null ? reason : task)
                + ". What is not done comes again at the next start.");
        return ExitCode.FAILED;
    }
}
