package io.github.wasmton.internal.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import io.github.wasmton.guest.Output;
import io.github.wasmton.guest.Task;
import io.github.wasmton.internal.author.AttemptText;
import io.github.wasmton.internal.author.Project;
import io.github.wasmton.internal.stats.TaskCounters;
import picocli.CommandLine;

/** The part of {@code wasmton dev} that runs the processor on a Kafka inside of this process, as production does. */
final class DevKafka implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);

    private final Project project;
    private final DevCommand command;
    private final Session session;
    private final PrintStream out;
    private final LocalKafka.Running kafka;
    private final Producer<byte[], byte[]> producer;
    /** Options of {@code wasmton run} in the folder's file and the environment. */
    private final RunCommand options;
    private final Configuration configuration;
    private final CompletableFuture<Void> printer;
    private volatile boolean closed;
    private Session runSession;
    /** The counters of the version that runs; null until it reads the topic. */
    private volatile TaskCounters counters;
    private Ends reported;
    private CompletableFuture<Integer> run;

    /** Starts a Kafka with the topic of the records and those that the processor may produce to. */
    DevKafka(Project project, DevCommand command, Session session) throws BadInputException {
        this.project = project;
        this.command = command;
        this.session = session;
        out = session.out();
        configuration = configuration();
        options = configuration.commandLine().getCommand();
        options.kafka.clients = new KafkaArguments();
        LocalKafka service = ServiceLoader.load(LocalKafka.class, DevKafka.class.getClassLoader()).findFirst()
                .orElseThrow(() -> new BadInputException("--with-kafka needs Wasmton's module devkafka on the class "
                        + "path, which the archive and './gradlew run' have. Leave the option out, or start a Kafka "
                        + "yourself and use 'wasmton run'.", null));
        out.println("Starting a Kafka in this process ...");
        Set<String> outputs = new TreeSet<>(command.guest.grants.outputTopics);
        if (options.failures.deadLetterTopic != null) {
            outputs.add(options.failures.deadLetterTopic);
        }
        Set<String> topics = new TreeSet<>(outputs);
        topics.addAll(command.guest.state.tables);
        topics.add(command.records.topic);
        kafka = service.start(topics);
        out.println("Kafka is on " + kafka.bootstrapServers() + ", with the topics " + String.join(", ", topics) + '.');
        producer = new KafkaProducer<>(Map.of("bootstrap.servers", kafka.bootstrapServers(), "linger.ms", "0"),
                new ByteArraySerializer(), new ByteArraySerializer());
        printer = CompletableFuture.runAsync(() -> print(outputs));
    }

    /** Reads the options that {@code wasmton run} would have in the folder, but for those of the Kafka to run on. */
    private Configuration configuration() throws BadInputException {
        Path own = command.configuration.configFile;
        CommandLine run = Root.commandLine().getSubcommands().get(RunCommand.NAME);
        return new Configuration(() -> Root.alone(run), List.of(
                "--" + OptionNames.CONFIG_FILE + '=' + (own == null ? project.file() : own), "localhost:1",
                command.records.topic, project.wasm().toString()), session.environment());
    }

    /** Stops the version that runs, and starts the built file in its place. */
    void swap() {
        stopRun();
        RunCommand next = new RunCommand();
        next.bootstrapServers = kafka.bootstrapServers();
        next.topic = command.records.topic;
        next.wasm = project.wasm();
        next.guest = command.guest;
        next.kafka = options.kafka;
        next.failures = options.failures;
        next.monitoring.port = 0;
        next.watcher = started -> counters = started;
        reported = Ends.NONE;
        Session own = new Session(out, session.err(), session.environment());
        runSession = own;
        run = CompletableFuture.supplyAsync(() -> {
            try {
                return next.run(own);
            } catch (CommandException e) {
                out.println(configuration.withOrigins(e.getMessage()));
                return e.exitCode();
            }
        });
    }

    /** Sends a record to the topic of the records. */
    void send(Task task) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(task.topic(), task.key(), task.value());
        task.headers().forEach(header -> record.headers().add(header.name(), header.value()));
        producer.send(record).toString();
        producer.flush();
    }

    /** The ends of tasks so far. */
    private record Ends(long done, long deadLettered, long skipped, long stopped) {
        static final Ends NONE = new Ends(0, 0, 0, 0);

        static Ends of(TaskCounters counters) {
            return new Ends(counters.done(), counters.deadLettered(), counters.skipped(), counters.stopped());
        }

        /** Returns what came since, in words. */
        String since(Ends before) {
            Map<String, Long> ends = new LinkedHashMap<>();
            ends.put("done", done - before.done);
            ends.put("dead-lettered", deadLettered - before.deadLettered);
            ends.put("skipped", skipped - before.skipped);
            ends.put("stopped", stopped - before.stopped);
            return ends.entrySet().stream().filter(end -> end.getValue() > 0)
                    .map(end -> end.getValue() + " " + end.getKey()).collect(Collectors.joining(", "));
        }
    }

    /** Prints what came of tasks since the last look. */
    void report() {
        TaskCounters running = counters;
        if (running == null) {
            return;
        }
        Ends now = Ends.of(running);
        if (!now.equals(reported)) {
            out.println("  tasks  " + now.since(reported));
            reported = now;
        }
    }

    private void print(Set<String> topics) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "isolation.level", "read_committed"),
                new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = topics.stream().map(topic -> new TopicPartition(topic, 0)).toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (!closed && !partitions.isEmpty()) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    out.println("  out  " + AttemptText.text(new Output(record.topic(), null, null, record.key(),
                            record.value(), List.of())));
                }
            }
        }
    }

    private void stopRun() {
        if (run != null) {
            runSession.stop().complete(null);
            run.join();
            counters = null;
        }
    }

    @Override
    public void close() {
        stopRun();
        closed = true;
        printer.join();
        producer.close();
        kafka.close();
    }
}
