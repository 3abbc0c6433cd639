package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.guest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sample that produces records, in Rust, C and C++, and what docs/world.md quotes of it. */
class RouterTest {
    private static final Path PROJECT = Path.of(System.getProperty("wasmton.project.dir"));

    private GuestModule module;
    private Guest router;

    private void load(String name, GuestLimits limits) {
        module = GuestModule.load(guest(name), GuestOptions.DEFAULT.withLimits(limits)
                .withConfiguration(Map.of("invoice", "invoices", "refund", "refunds"))
                .withOutputs(OutputAccess.to("invoices")));
        router = module.instantiate();
    }

    @AfterEach
    void close() {
        if (router != null) {
            router.close();
            module.close();
        }
    }

    private Outcome process(byte[] value, Task.Header... headers) {
        return router.process(new Task("orders", 0, 1, 1_700_000_000_123L, new byte[] {1}, value, List.of(headers), 1));
    }

    private static Task.Header kind(String kind) {
        return new Task.Header("kind", kind.getBytes(UTF_8));
    }

    private static void assertFailed(Outcome.Kind kind, Outcome outcome) {
        assertEquals(kind, ((Outcome.Failed) outcome).kind(), outcome.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"router", "router-c", "router-cpp"})
    void taskGoesUnchangedToTheTopicOfItsKind(String name) {
        load(name, GuestLimits.DEFAULT);
        Output output = ((Outcome.Done) process(new byte[] {2}, kind("invoice"))).outputs().get(0);
        assertEquals("invoices", output.topic());
        assertNull(output.partition());
        assertEquals(1_700_000_000_123L, output.timestamp());
        assertArrayEquals(new byte[] {1}, output.key());
        assertArrayEquals(new byte[] {2}, output.value());
        assertEquals(List.of("kind"), output.headers().stream().map(Task.Header::name).toList());
        assertNull(((Outcome.Done) process(null, kind("invoice"))).outputs().get(0).value());
    }

    @ParameterizedTest
    @ValueSource(strings = {"router", "router-c", "router-cpp"})
    void tasksLeaveNothingBehindInTheMemory(String name) {
        load(name, GuestLimits.DEFAULT.withMemory(4 << 20));
        byte[] value = new byte[100_000];
        for (int i = 0; i < 200; i++) {
            assertEquals(1, ((Outcome.Done) process(value, kind("invoice"))).outputs().size());
            assertFailed(Outcome.Kind.DEAD_LETTER, process(value, kind("offer")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"router", "router-c", "router-cpp"})
    void unroutableTaskFailsWithItsReason(String name) {
        load(name, GuestLimits.DEFAULT);
        assertFailed(Outcome.Kind.DEAD_LETTER, process(new byte[0]));
        assertFailed(Outcome.Kind.DEAD_LETTER, process(new byte[0], kind("offer")));
        assertFailed(Outcome.Kind.DEAD_LETTER, process(new byte[1_000_001], kind("invoice")));
        assertFailed(Outcome.Kind.FATAL, process(new byte[0], kind("refund")));
    }

    @Test
    void documentationQuotesTheSource() throws Exception {
        String page = Files.readString(PROJECT.resolve("docs/world.md"));
        String quoted = page.substring(page.indexOf("```rust\n") + "```rust\n".length());
        quoted = quoted.substring(0, quoted.indexOf("```"));
        String sample = Files.readString(PROJECT.resolve("samples/router/src/lib.rs"));
        assertTrue(sample.contains(quoted), "not in the sample:\n" + quoted);
    }
}
