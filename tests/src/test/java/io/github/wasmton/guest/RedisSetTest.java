package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import ch.qos.logback.classic.Level;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.TestRedis;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.Output;
import io.github.wasmton.wasmtime.wasi.WasiConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sample that keeps a connection, against a real Redis. */
class RedisSetTest {
    @TempDir
    private Path directory;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private TestRedis redis;
    private GuestModule module;
    private Guest guest;

    @BeforeEach
    void start() throws Exception {
        redis = new TestRedis(directory);
        module = GuestModule.load(guest("redis-set"), options().withNetwork(NetworkAccess.to(redis.address())));
        guest = module.instantiate();
    }

    @AfterEach
    void stop() {
        if (guest != null) {
            guest.close();
            module.close();
        }
        if (redis != null) {
            redis.close();
        }
    }

    private GuestOptions options() {
        Output output = Output.stream(printed);
        return GuestOptions.DEFAULT.withWasi(WasiConfig.builder().env(Map.of("REDIS", redis.address()))
                .stdout(output).stderr(output).build());
    }

    private Outcome set(String key, String value) {
        return guest.process(task("{\"key\":\"" + key + "\",\"value\":\"" + value + "\"}"));
    }

    private void assertDone(Outcome outcome) {
        assertSame(Outcome.DONE, outcome, () -> outcome + printed.toString(StandardCharsets.UTF_8));
    }

    @Test
    void taskBecomesACommandOnAKeptConnection() throws Exception {
        assertDone(set("greeting", "Hello"));
        assertEquals("Hello", redis.command("GET", "greeting"));
        List<String> connections = redis.connections();
        assertEquals(1, connections.size(), connections.toString());
        for (int i = 0; i < 100; i++) {
            assertDone(set("key-" + i, "value " + i));
        }
        assertEquals("value 99", redis.command("GET", "key-99"));
        assertEquals("101", redis.command("DBSIZE"));
        assertEquals(connections, redis.connections(), "the one of the first task served all");
    }

    @Test
    void reconnectsToAServerThatIsBack() throws Exception {
        assertDone(set("first", "1"));
        redis.kill();
        Outcome.Failed away = assertInstanceOf(Outcome.Failed.class, set("second", "2"));
        assertEquals("run returned 1", away.reason(), "a server that is away may come back");
        assertTrue(printed.toString(StandardCharsets.UTF_8).contains("SET second: "), printed.toString());
        redis.start();
        assertDone(set("second", "2"));
        assertEquals("2", redis.command("GET", "second"));
        assertNull(redis.command("GET", "first"));
    }

    @Test
    void restartOfTheServerCostsNoTask() throws Exception {
        assertDone(set("first", "1"));
        redis.kill();
        redis.start();
        assertDone(set("second", "2"));
        assertEquals("2", redis.command("GET", "second"));
    }

    @Test
    void connectionClosedByTheServerCostsNoTask() throws Exception {
        assertDone(set("first", "1"));
        List<String> connections = redis.connections();
        assertEquals("1", redis.command("CLIENT", "KILL", "TYPE", "normal"));
        Await.until("the connection to be gone", () -> redis.connections().isEmpty());
        assertDone(set("second", "2"));
        assertEquals(1, redis.connections().size());
        assertNotEquals(connections, redis.connections());
    }

    @Test
    void invalidTaskBecomesADeadLetterAndTheConnectionStays() throws Exception {
        assertDone(set("first", "1"));
        List<String> connections = redis.connections();
        Outcome.Failed failed = assertInstanceOf(Outcome.Failed.class, guest.process(task("nonsense")));
        assertEquals("run returned 2", failed.reason());
        assertDone(set("second", "2"));
        assertEquals(connections, redis.connections());
    }

    @Test
    void needsAGrantToReachTheServer() throws Exception {
        try (GuestLogCapture log = new GuestLogCapture(Level.INFO);
                GuestModule ungranted = GuestModule.load(guest("redis-set"), options());
                Guest alone = ungranted.instantiate()) {
            assertInstanceOf(Outcome.Failed.class, alone.process(task("{\"key\":\"k\",\"value\":\"v\"}")));
            assertEquals(List.of("a connection to " + redis.address() + " was denied; \"" + redis.address()
                    + "\" in NetworkAccess.connect would allow it"), log.take());
        }
        assertNull(redis.command("GET", "k"));
    }
}
