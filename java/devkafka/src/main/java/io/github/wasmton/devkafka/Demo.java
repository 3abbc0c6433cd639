package io.github.wasmton.devkafka;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

import io.github.wasmton.Wasmton;
import io.github.wasmton.internal.cli.Demonstration;

/**
 * The program of {@code ./gradlew run}. With arguments it is {@link Wasmton}. Without, it is the demo: it starts a
 * Kafka in this JVM, runs the sample processor on it, sends it three tasks, and shows the file that the processor
 * wrote. On a terminal ({@code WASMTON_TERMINAL=1}) it continues with what the user types.
 */
public final class Demo {
    /** The system property that names the sample processor's file. */
    private static final String SAMPLE = "wasmton.demo.guest";
    /** The system property that names the directory for the processor; by default a temporary one. */
    private static final String DIRECTORY = "wasmton.demo.directory";
    private static final String TOPIC = "tasks";
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final PrintStream out;
    private final PrintStream err;
    private final Wasmton wasmton;
    private final Path directory;
    private final Path messages;
    private volatile boolean stopped;

    /** Prepares a demo that grants the processor that directory. */
    Demo(PrintStream out, PrintStream err, Path directory) {
        this.out = out;
        this.err = err;
        this.directory = directory;
        messages = directory.resolve("messages");
        // What the environment says is for another processor and another Kafka.
        wasmton = new Wasmton(out, err, Map.of());
    }

    public static void main(String[] args) {
        Wasmton.main(args.length > 0 ? args : new String[] {"demo"});
    }

    /** The demo as the command {@code wasmton demo} finds it. */
    public static final class Service implements Demonstration {
        private final CompletableFuture<Demo> demo = new CompletableFuture<>();

        @Override
        public int run(PrintStream out, PrintStream err) {
            InputStream keyboard = "1".equals(System.getenv("WASMTON_TERMINAL")) ? System.in : null;
            String named = System.getProperty(DIRECTORY);
            try {
                Path directory = named == null ? Files.createTempDirectory("wasmton-demo-") : Path.of(named);
                demo.complete(new Demo(out, err, directory));
                try {
                    return demo.join().run(System.getProperty(SAMPLE), keyboard);
                } finally {
                    if (named == null) {
                        Files.deleteIfExists(directory.resolve("messages"));
                        Files.deleteIfExists(directory);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot use a temporary directory for the demo", e);
            }
        }

        @Override
        public void stop() {
            demo.thenAccept(Demo::stop);
        }
    }

    /**
     * Runs the demo.
     *
     * @param sample   the sample processor's file
     * @param keyboard further messages, one per line, until its end; {@code null} to stop after the first three
     * @return the exit code
     */
    int run(String sample, InputStream keyboard) {
        if (sample == null) {
            err.println("-D" + SAMPLE + "=FILE must name the sample processor, as ./gradlew run does.");
            return Wasmton.BAD_INPUT;
        }
        out.println("Starting a Kafka in this process (3 to 9 s) ...");
        try (EmbeddedKafka kafka = new EmbeddedKafka()) {
            kafka.createTopic(TOPIC, 2);
            out.println("Kafka is on " + kafka.bootstrapServers() + ", with the topic " + TOPIC + ".");
            Files.createDirectories(directory);
            Files.deleteIfExists(messages);
            FutureTask<Integer> wasmtonRun = new FutureTask<>(() -> wasmton.run(
                    kafka.bootstrapServers(), TOPIC, sample, "--dir", directory + "::/", "--threads", "2",
                    "--metrics-port", "0"));
            new Thread(wasmtonRun, "wasmton").start();
            try {
                converse(kafka, keyboard, wasmtonRun);
            } finally {
                wasmton.stop();
            }
            return wasmtonRun.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (IOException | InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the demo failed", e);
        }
    }

    /** Ends {@link #run}. Thread-safe. */
    void stop() {
        stopped = true;
        wasmton.stop();
    }

    private void converse(EmbeddedKafka kafka, InputStream keyboard, Future<?> wasmtonRun)
            throws IOException, InterruptedException, ExecutionException {
        try (Producer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "linger.ms", "0"),
                new StringSerializer(), new StringSerializer())) {
            for (String message : List.of("Hello", "from", "Wasm!")) {
                send(producer, message);
            }
            if (!written(3, wasmtonRun)) {
                return;
            }
            out.println("The file " + messages + ", as the processor wrote it:");
            Files.readAllLines(messages).forEach(out::println);
            if (keyboard == null) {
                return;
            }
            out.println("Type more messages, one per line. Ctrl-D ends.");
            BlockingQueue<Optional<String>> typed = read(keyboard);
            int count = 3;
            while (!stopped && !wasmtonRun.isDone()) {
                Optional<String> line = typed.poll(100, TimeUnit.MILLISECONDS);
                if (line == null) {
                    continue;
                }
                if (line.isEmpty()) {
                    return;
                }
                send(producer, line.get());
                count++;
                if (written(count, wasmtonRun)) {
                    out.println(messages + ": " + Files.readAllLines(messages).get(count - 1));
                }
            }
        }
    }

    /** Sends a message. All have one key, so they stay in order. */
    private void send(Producer<String, String> producer, String message)
            throws InterruptedException, ExecutionException {
        String task = "{\"message\":" + quote(message) + '}';
        producer.send(new ProducerRecord<>(TOPIC, "demo", task)).get();
        out.println("Sent " + task);
    }

    /** Waits until the processor has written that many messages. Returns false if it ended, or was ended, before. */
    private boolean written(int count, Future<?> wasmtonRun) throws IOException, InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!Files.exists(messages) || Files.readAllLines(messages).size() < count) {
            if (stopped || wasmtonRun.isDone()) {
                return false;
            }
            if (System.nanoTime() > end) {
                throw new IllegalStateException("waited " + LIMIT.toSeconds() + " s for the processor to write "
                        + count + " messages to " + messages);
            }
            Thread.sleep(20);
        }
        return true;
    }

    /** Reads lines on a separate thread, because nothing interrupts a read. An empty line is the end. */
    private static BlockingQueue<Optional<String>> read(InputStream keyboard) {
        BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();
        Thread reader = new Thread(() -> {
            new BufferedReader(new InputStreamReader(keyboard, StandardCharsets.UTF_8)).lines()
                    .forEach(line -> lines.add(Optional.of(line)));
            lines.add(Optional.empty());
        }, "keyboard");
        reader.setDaemon(true);
        reader.start();
        return lines;
    }

    /** Returns the text as a JSON string. */
    static String quote(String text) {
        StringBuilder json = new StringBuilder("\"");
        text.chars().forEach(c -> {
            if (c == '"' || c == '\\') {
                json.append('\\').append((char) c);
            } else if (c < ' ') {
                json.append(String.format("\\u%04x", c));
            } else {
                json.append((char) c);
            }
        });
        return json.append('"').toString();
    }
}
