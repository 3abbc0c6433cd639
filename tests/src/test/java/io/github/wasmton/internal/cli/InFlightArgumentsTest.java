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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.Wasmton;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.Guests;
import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.TestKafka;
import io.github.wasmton.testing.TestServer;

class InFlightArgumentsTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Wasmton wasmton = new Wasmton(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));

    @Test
    void optionSetsTheNumberOfTasksInFlight() throws Exception {
        int count = 200;
        CountDownLatch allAreThere = new CountDownLatch(count);
        try (TestServer server = new TestServer(connection -> {
            allAreThere.countDown();
            OnThread.await(allAreThere, "all tasks to wait at once");
            TestServer.echoOnce(connection);
        })) {
            String topic = TestKafka.newTopic(2);
            for (int i = 0; i < count; i++) {
                TestKafka.sendAsync(topic, i % 2, null, server.address().getBytes(UTF_8));
            }
            TestKafka.flush();
            CompletableFuture<Integer> end = CompletableFuture.supplyAsync(() -> wasmton.run(
                    "--in-flight", Integer.toString(count), "--engine", "consumer", "--allow-net", server.address(),
                    "--deadline", "60s", "--metrics-port", "none", TestKafka.bootstrapServers(), topic,
                    TestGuests.guest("ask").toString()));
            Await.until("all tasks to wait at once", () -> allAreThere.getCount() == 0 || end.isDone());
            assertFalse(end.isDone(), () -> "it goes on: " + err.toString(UTF_8));
            Await.until("all to be committed", () -> {
                var committed = TestKafka.committed("wasmton-" + topic, topic);
                return committed.values().stream().mapToLong(Long::longValue).sum() == count;
            });
            wasmton.stop();
            assertEquals(Wasmton.OK, Await.result("the end", end), err.toString(UTF_8));
            assertTrue(out.toString(UTF_8).contains("up to 200 tasks in flight"), out.toString(UTF_8));
            assertTrue(out.toString(UTF_8).contains("200 tasks done, 0 failed"), out.toString(UTF_8));
        }
    }

    @Test
    void rejectsACoreModuleAndSaysWhatToBuild(@TempDir Path folder) throws Exception {
        Path core = Files.writeString(folder.resolve("core.wat"), Guests.TRAPS_AT_F);
        assertEquals(Wasmton.BAD_INPUT,
                wasmton.run("--in-flight", "10", "127.0.0.1:1", "topic", core.toString()));
        assertTrue(err.toString(UTF_8).contains("Build it for wasm32-wasip2"), err.toString(UTF_8));
    }

    @Test
    void rejectsZeroTasks() {
        assertEquals(Wasmton.BAD_INPUT, wasmton.run("--in-flight", "0", "127.0.0.1:1", "topic", "processor.wasm"));
        assertEquals("--in-flight must be at least 1, not 0.", err.toString(UTF_8).strip());
    }

    @Test
    void reportsALimitOfTheSystemAndWhatToSet(@TempDir Path folder) throws Exception {
        InFlightArguments.checkFiles(800, () -> 1024);
        String files = assertThrows(BadInputException.class, () -> InFlightArguments.checkFiles(10_000, () -> 1024))
                .getMessage();
        assertEquals("--in-flight 10000 means up to as many sockets, and this process may have 1024 files open. Allow "
                + "it more, by: ulimit -n 10200; or give a lower --in-flight.", files);

        Path small = Files.write(folder.resolve("small"), new byte[1024 * 1024]);
        InFlightArguments.checkAreas(12_700, small, () -> 65_530);
        Path large = Files.write(folder.resolve("large"), new byte[1024 * 1024 + 1]);
        InFlightArguments.checkAreas(9_000, large, () -> 65_530);
        String areas = assertThrows(BadInputException.class,
                () -> InFlightArguments.checkAreas(10_000, large, () -> 65_530)).getMessage();
        assertEquals("--in-flight 10000 takes up to 72000 areas of memory, and the kernel allows a process 65530. "
                + "Allow more, by: sysctl -w vm.max_map_count=72000; or give a lower --in-flight.", areas);
    }
}
