package io.github.wasmton;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.SmallDisk;
import io.github.wasmton.testing.TestKafka;
import io.github.wasmton.testing.Wasm;

/** Tests a guest whose directory is on a disk that becomes full: tasks that fail to write become dead letters. */
class FullDiskTest {
    @TempDir
    Path directory;

    @Test
    void fullDiskTurnsTasksIntoDeadLettersAndLosesNothing() throws Exception {
        Path disk = SmallDisk.mount(directory.resolve("disk"), "16k");
        try {
            fill(disk);
        } finally {
            SmallDisk.unmount(disk);
        }
    }

    private static void fill(Path disk) throws Exception {
        int count = 200;
        String padding = "x".repeat(190);
        String topic = TestKafka.newTopic(1);
        String dead = TestKafka.newTopic(1);
        for (int i = 0; i < count; i++) {
            TestKafka.sendAsync(topic, 0, null, ("{\"message\":\"" + padding + i + "\"}").getBytes(UTF_8));
        }
        TestKafka.flush();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Wasmton wasmton = new Wasmton(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
        CompletableFuture<Integer> exit = new CompletableFuture<>();
        OnThread.start("wasmton", () -> exit.complete(wasmton.run("--dir", disk + "::/", "--attempts", "1",
                "--dead-letter-topic", dead, "--failure-threshold", "100%", "--metrics-port", "none",
                TestKafka.bootstrapServers(), topic, Wasm.built("messages").toString())));
        Await.until("every task", () -> exit.isDone()
                || TestKafka.committed("wasmton-" + topic, topic).equals(Map.of(0, (long) count)));
        wasmton.stop();
        assertEquals(Wasmton.OK, Await.result("the end", exit), () -> err.toString(UTF_8));

        Set<String> found = new HashSet<>();
        List<String> lines = Files.readAllLines(disk.resolve("messages"));
        assertTrue(lines.size() > 10 && lines.size() < count, lines.size() + " lines fitted");
        found.addAll(lines);
        TestKafka.records(dead).forEach(record ->
                found.add(new String(record.value(), UTF_8).replace("{\"message\":\"", "").replace("\"}", "")));
        for (int i = 0; i < count; i++) {
            assertTrue(found.contains(padding + i), "task " + i + " is lost");
        }
    }
}
