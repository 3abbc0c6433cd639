package io.github.wasmton.internal.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.Wasmton;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.TestKafka;

/** Another version of a guest finds the state of the one before, and so does the one to which it is rolled back. */
class StateVersionsTest {
    @TempDir
    Path directory;

    private final String topic = TestKafka.newTopic(1);
    private final String outputs = TestKafka.newTopic(1);

    @Test
    void versionsShareTheStateInBothDirections() throws Exception {
        List<String> versions = List.of("count", "count-go", "count-component", "count");
        for (int i = 1; i <= versions.size(); i++) {
            for (int record = 0; record < 100; record++) {
                TestKafka.sendAsync(topic, 0, "key".getBytes(UTF_8), "x".getBytes(UTF_8));
            }
            TestKafka.flush();
            run(versions.get(i - 1), 100L * i);
        }
        List<String> counts = new ArrayList<>();
        TestKafka.records(outputs).forEach(record -> counts.add(new String(record.value(), UTF_8)));
        assertEquals(IntStream.rangeClosed(1, 400).mapToObj(Integer::toString).toList(), counts);
    }

    /** Runs a version until that offset is committed. */
    private void run(String guest, long offset) throws Exception {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Wasmton wasmton = new Wasmton(new PrintStream(new ByteArrayOutputStream()), new PrintStream(err, true, UTF_8),
                Map.of());
        CompletableFuture<Integer> exit = new CompletableFuture<>();
        OnThread.start("wasmton", () -> exit.complete(wasmton.run("--exactly-once", "--state", "counts",
                "--streams", "state.dir=" + directory, "--guest-config", "topic=" + outputs, "--output-topic", outputs,
                "--metrics-port", "none", TestKafka.bootstrapServers(), topic, TestGuests.guest(guest).toString())));
        Await.until("every task of " + guest, () -> exit.isDone()
                || TestKafka.committed("wasmton-" + topic, topic).equals(Map.of(0, offset)));
        wasmton.stop();
        assertEquals(ExitCode.OK, Await.result("the end", exit), () -> err.toString(UTF_8));
    }
}
