package io.github.wasmton.devkafka;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

import io.github.wasmton.Wasmton;
import io.github.wasmton.internal.cli.Program;

/**
 * The program of {@code ./gradlew runHttpGet}, the article's second example. It starts a Kafka in this JVM and an HTTP
 * server for the files of the working directory, sends one task with a path, and runs the processor that gets that file
 * and prints it.
 */
public final class HttpGetDemo {
    /** The system property that names the processor's file. */
    private static final String GUEST = "wasmton.demo.guest";
    private static final String TOPIC = "paths";
    /** The port in the article's source. */
    private static final int PORT = 8080;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final PrintStream out;
    private final Wasmton wasmton;
    private final Path files;
    private final CountDownLatch served = new CountDownLatch(1);

    /** Prepares a demo that serves the files of that directory. */
    HttpGetDemo(PrintStream out, PrintStream err, Path files) {
        this.out = out;
        this.files = files.toAbsolutePath().normalize();
        wasmton = new Wasmton(out, err);
    }

    public static void main(String[] args) {
        HttpGetDemo demo = new HttpGetDemo(System.out, System.err, Path.of(""));
        Program.run(() -> demo.run(System.getProperty(GUEST)), demo.wasmton::stop);
    }

    /** Runs the demo with that processor. Returns the exit code. */
    int run(String guest) {
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), PORT), 0);
        } catch (IOException e) {
            out.println("Port " + PORT + " of this machine, which the processor's source names, cannot be had: "
                    + e.getMessage());
            return Wasmton.BAD_INPUT;
        }
        server.createContext("/", this::serve);
        server.start();
        out.println("The files of " + files + " are on http://127.0.0.1:" + PORT + '.');
        out.println("Starting a Kafka in this process (3 to 9 s) ...");
        try (EmbeddedKafka kafka = new EmbeddedKafka()) {
            kafka.createTopic(TOPIC, 1);
            send(kafka, "{\"path\":\"/README.md\"}");
            FutureTask<Integer> run = new FutureTask<>(() -> wasmton.run(kafka.bootstrapServers(), TOPIC, guest,
                    "--allow-net", "127.0.0.1:" + PORT, "--threads", "1", "--metrics-port", "none",
                    "--stdout", "inherit"));
            new Thread(run, "wasmton").start();
            try {
                long end = System.nanoTime() + LIMIT.toNanos();
                while (!served.await(100, TimeUnit.MILLISECONDS) && !run.isDone() && System.nanoTime() < end) {
                    // Not served yet.
                }
            } finally {
                wasmton.stop();  // lets the task in progress end
            }
            return run.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the demo failed", e);
        } finally {
            server.stop(0);
        }
    }

    private void send(EmbeddedKafka kafka, String task) throws InterruptedException, ExecutionException {
        try (Producer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()), new StringSerializer(),
                new StringSerializer())) {
            producer.send(new ProducerRecord<>(TOPIC, task)).get();
        }
        out.println("Sent " + task);
    }

    private void serve(HttpExchange exchange) throws IOException {
        Path file = files.resolve(exchange.getRequestURI().getPath().substring(1)).normalize();
        boolean found = file.startsWith(files) && Files.isRegularFile(file);
        byte[] body = found ? Files.readAllBytes(file) : new byte[0];
        exchange.sendResponseHeaders(found ? 200 : 404, found ? body.length : -1);
        exchange.getResponseBody().write(body);
        exchange.close();
        served.countDown();
    }
}
