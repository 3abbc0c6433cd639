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

/** The sample that produces records, and what docs/world.md quotes of it. */
class RouterTest {
    private static final Path PROJECT = Path.of(System.getProperty("wasmton.project.dir"));

    private final GuestModule module = GuestModule.load(guest("router"), GuestOptions.DEFAULT
            .withConfiguration(Map.of("invoice", "invoices", "refund", "refunds"))
            .withOutputs(OutputAccess.to("invoices")));
    private final Guest router = module.instantiate();

    @AfterEach
    void close() {
        router.close();
        module.close();
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

    @Test
    void taskGoesUnchangedToTheTopicOfItsKind() {
        Output output = ((Outcome.Done) process(new byte[] {2}, kind("invoice"))).outputs().get(0);
        assertEquals("invoices", output.topic());
        assertNull(output.partition());
        assertEquals(1_700_000_000_123L, output.timestamp());
        assertArrayEquals(new byte[] {1}, output.key());
        assertArrayEquals(new byte[] {2}, output.value());
        assertEquals(List.of("kind"), output.headers().stream().map(Task.Header::name).toList());
        assertNull(((Outcome.Done) process(null, kind("invoice"))).outputs().get(0).value());
    }

    @Test
    void unroutableTaskFailsWithItsReason() {
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
