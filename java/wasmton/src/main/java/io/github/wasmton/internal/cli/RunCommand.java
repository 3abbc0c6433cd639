package io.github.wasmton.internal.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

import org.apache.kafka.common.KafkaException;

import io.github.wasmton.internal.cli.dlq.DlqCommand;
import io.github.wasmton.failure.FailureOptions;
import io.github.wasmton.guest.GuestModule;
import io.github.wasmton.guest.GuestOptions;
import io.github.wasmton.guest.InvalidGuestException;
import io.github.wasmton.guest.NetworkAccess;
import io.github.wasmton.internal.engine.Engine;
import io.github.wasmton.internal.engine.EngineConfig;
import io.github.wasmton.internal.engine.InFlight;
import io.github.wasmton.internal.kafka.KafkaSettings;
import io.github.wasmton.internal.monitoring.Monitoring;
import io.github.wasmton.internal.run.RunContext;
import io.github.wasmton.internal.run.TaskRunner;
import io.github.wasmton.wasmtime.WasmtimeException;
import io.github.wasmton.wasmtime.wasi.PreopenDir;
import io.github.wasmton.wasmtime.wasi.WasiConfig;
import io.micrometer.core.instrument.Tag;
import picocli.CommandLine;

/** Runs a WebAssembly file as the task processor of a Kafka topic. */
public final class RunCommand {
    /** What the end takes besides the tasks that are under way. */
    private static final Duration MARGIN = Duration.ofSeconds(10);

    private final PrintStream out;
    private final PrintStream err;
    private final Map<String, String> environment;
    private final CompletableFuture<Void> stop = new CompletableFuture<>();
    private volatile Duration endLimit = MARGIN;

    /** Prints progress to {@code out}, and the reason of a failure to {@code err}. */
    public RunCommand(PrintStream out, PrintStream err, Map<String, String> environment) {
        this.out = out;
        this.err = err;
        this.environment = environment;
    }

    /** Time that {@link #run} may take to return after {@link #stop}. */
    public Duration endLimit() {
        return endLimit;
    }

    /**
     * Runs until {@link #stop} or a failure. Once for each object.
     *
     * @return the program's exit code
     */
    public int run(String... args) {
        if (args.length > 0 && args[0].equals(DlqCommand.NAME)) {
            return new DlqCommand(out, err, environment, stop::isDone).run(List.of(args).subList(1, args.length));
        }
        Configuration configuration;
        try {
            configuration = new Configuration(() -> Arguments.commandLine(new Arguments()), List.of(args), environment);
        } catch (BadInputException e) {
            err.println(e.getMessage());
            return ExitCode.BAD_INPUT;
        }
        CommandLine commandLine = configuration.commandLine();
        if (commandLine.isUsageHelpRequested()) {
            commandLine.usage(out);
            return ExitCode.OK;
        }
        if (commandLine.isVersionHelpRequested()) {
            commandLine.printVersionHelp(out);
            return ExitCode.OK;
        }
        if (configuration.printRequested()) {
            configuration.print(out, commandLine.<Arguments>getCommand().defaults());
            return ExitCode.OK;
        }
        Arguments arguments = commandLine.getCommand();
        try {
            return serve(arguments);
        } catch (BadInputException e) {
            // What Kafka's clients say of a setting can quote it.
            Secrets secrets = configuration.secrets();
            err.println(secrets.mask(e.getMessage()));
            if (arguments.stacktrace) {
                StringWriter trace = new StringWriter();
                e.printStackTrace(new PrintWriter(trace));
                err.print(secrets.mask(trace.toString()));
            }
            return ExitCode.BAD_INPUT;
        }
    }

    /** Makes {@link #run} end once the tasks that are under way have. Any thread, any time. */
    public void stop() {
        stop.complete(null);
    }

    private int serve(Arguments arguments) throws BadInputException {
        check(arguments);
        FailureOptions options = arguments.failures.options(arguments.topic);
        EngineChoice choice = EngineChoice.choose(arguments.engine, arguments.inFlight.limit != null);
        KafkaSettings kafka = choice.adapt(arguments.kafka.settings(), options.longest(arguments.deadline));
        endLimit = arguments.failures.stopTimeout.plus(MARGIN);
        try (GuestModule module = load(arguments)) {
            arguments.inFlight.check(module);
            int partitions = KafkaCheck.partitions(arguments.bootstrapServers, arguments.topic,
                    arguments.outputs.topics, kafka);
            try (RunContext context = context(arguments.bootstrapServers, kafka, options, module)) {
                InFlight inFlight = arguments.inFlight.inFlight(module, context);
                EngineConfig config = new EngineConfig(arguments.bootstrapServers, arguments.topic, arguments.group(),
                        arguments.threads == null ? choice.engine().defaultThreads(partitions) : arguments.threads,
                        kafka, inFlight == null ? () -> new TaskRunner(module, context) : null, inFlight);
                Engine engine = choice.engine().create(config);
                try (Monitoring monitoring = monitoring(arguments, engine, config, context, module)) {
                    announce(choice, config, partitions, module, options);
                    announce(monitoring.address());
                    monitoring.info(List.of(Tag.of("version", Arguments.Version.own()),
                            Tag.of("engine", choice.engine().name()), Tag.of("guest_sha256", module.sha256())));
                    monitoring.start(config, partitions, arguments.metrics.summaryInterval);
                    return serve(engine, context, arguments.failures.stopTimeout);
                }
            }
        }
    }

    private static Monitoring monitoring(Arguments arguments, Engine engine, EngineConfig config,
            RunContext context, GuestModule module) throws BadInputException {
        InetSocketAddress address = arguments.metrics.listenAt();
        try {
            return new Monitoring(engine, config, context.counters(), module, address);
        } catch (IOException e) {
            throw new BadInputException("The port for /metrics and /health cannot be opened at " + address
                    + " (" + e.getMessage() + "). Is another Wasmton running? --metrics-port gives another port, 0 any "
                    + "that is free, none opens none.", e);
        }
    }

    /** What is done about failures; looks at the dead-letter topic before anything is read. */
    private static RunContext context(String servers, KafkaSettings kafka, FailureOptions options,
            GuestModule module) throws BadInputException {
        if (options.deadLetterTopic() != null) {
            KafkaCheck.deadLetterTopic(servers, options.deadLetterTopic(), kafka);
        }
        Map<String, String> producer = new HashMap<>(kafka.forProducer());
        producer.put("bootstrap.servers", servers);
        try {
            return RunContext.of(module, options, producer);
        } catch (KafkaException e) {
            throw new BadInputException("Kafka takes no records of Wasmton: " + KafkaCheck.innermost(e), e);
        }
    }

    private int serve(Engine engine, RunContext context, Duration stopTimeout) throws BadInputException {
        long start = System.nanoTime();
        try {
            engine.start();
        } catch (KafkaException e) {
            engine.close();
            throw new BadInputException("Kafka's client does not accept the settings: " + KafkaCheck.innermost(e), e);
        }
        CompletableFuture.anyOf(stop, engine.ended()).join();
        context.shutdown().begin();
        boolean closed = engine.close(stopTimeout);
        out.println(context.counters().line(Duration.ofNanos(System.nanoTime() - start)));
        if (!closed) {
            err.println("Tasks that were under way for " + stopTimeout.toMillis() / 1e3 + " s were left to come again "
                    + "at the next start (--stop-timeout).");
        }
        // Asked after closing: the last task may be the one that failed.
        String reason = engine.ended().getNow(null);
        if (reason == null) {
            return ExitCode.OK;
        }
        String task = context.settlement().stopReason();
        err.println("Stopped: " + (task == null ? reason : task)
                + ". What is not done comes again at the next start.");
        return ExitCode.FAILED;
    }

    private static void check(Arguments arguments) throws BadInputException {
        arguments.inFlight.checkNumber();
        if (arguments.threads != null && arguments.threads < 1) {
            throw new BadInputException("--threads must be at least 1, not " + arguments.threads + ".", null);
        }
        for (PreopenDir dir : arguments.dirs) {
            if (!Files.isDirectory(Path.of(dir.hostPath()))) {
                throw new BadInputException("--dir: there is no directory '" + dir.hostPath()
                        + "'. Create it first, or name another.", null);
            }
        }
    }

    /** Loads the guest and starts it once, to see that it does. */
    private static GuestModule load(Arguments arguments) throws BadInputException {
        GuestModule module;
        try {
            WasiConfig wasi = new WasiConfig(List.of(), arguments.env, arguments.dirs);
            NetworkAccess network = new NetworkAccess(arguments.allowNet, arguments.allowListen, arguments.caFile);
            GuestOptions options = arguments.limits.apply(GuestOptions.DEFAULT.withWasi(wasi))
                    .withDeadline(arguments.deadline).withNetwork(network).withConfiguration(arguments.configuration)
                    .withOutputs(arguments.outputs.access());
            module = GuestModule.load(arguments.wasm, options, arguments.cache.codeCache());
        } catch (InvalidGuestException | IllegalArgumentException | LinkageError e) {
            // The file; the environment, the network or the deadline; the native library. Each says what is wrong.
            throw new BadInputException(e.getMessage(), e);
        }
        try {
            module.instantiate().close();
            return module;
        } catch (WasmtimeException e) {
            module.close();
            throw new BadInputException(arguments.wasm + " does not start: " + e.getMessage(), e);
        }
    }

    private void announce(EngineChoice choice, EngineConfig config, int partitions, GuestModule module,
            FailureOptions options) {
        out.printf("wasmton %s: engine %s (%s), topic %s (%d partitions) on %s, group %s, %s%n",
                Arguments.Version.own(), choice.engine().name(), choice.reason(), config.topic(), partitions,
                config.bootstrapServers(), config.group(), choice.concurrency(config));
        WasiConfig wasi = module.options().wasi();
        String dirs = wasi.preopenDirs().stream().map(dir -> dir.hostPath() + " as " + dir.guestPath())
                .collect(Collectors.joining(", "));
        Set<String> outputs = new TreeSet<>(module.options().outputs().topics());
        out.printf("guest %s (sha256 %.12s): %s s per task, %s MiB; %s; directories: %s; environment: %s; network: %s; "
                + "output topics: %s%n",
                module.path(), module.sha256(), module.options().deadline().toMillis() / 1e3,
                module.options().limits().memory() / (1 << 20), FailureArguments.line(options),
                dirs.isEmpty() ? "none" : dirs, wasi.env().isEmpty() ? "none" : wasi.env().keySet(),
                network(module.options().network()), outputs.isEmpty() ? "none" : String.join(", ", outputs));
    }

    private void announce(InetSocketAddress metrics) {
        if (metrics != null) {
            out.printf("http://%s:%d: /metrics, /health, /ready%n", metrics.getHostString(), metrics.getPort());
        }
    }

    private static String network(NetworkAccess access) {
        if (access.equals(NetworkAccess.NONE)) {
            return "none";
        }
        String connect = String.join(", ", access.connect());
        return access.listen().isEmpty() ? connect : connect + " (listening at " + String.join(", ", access.listen())
                + ")";
    }
}
