package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import io.github.wasmton.wasmtime.wasi.PreopenDir;
import io.github.wasmton.wasmtime.wasi.WasiConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The samples that append to a file, in each language. */
class MessagesTest {
    @TempDir
    private Path directory;

    private GuestOptions options() {
        return GuestOptions.DEFAULT.withWasi(new WasiConfig(List.of(), Map.of(),
                List.of(new PreopenDir(directory.toString(), "/"))));
    }

    private List<String> messages() throws Exception {
        return Files.readAllLines(directory.resolve("messages"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"messages", "messages-go"})
    void everyMessageBecomesALine(String name) throws Exception {
        List<String> sent = IntStream.range(0, 500).mapToObj(i -> "message " + i + " ü").toList();
        try (GuestModule module = GuestModule.load(guest(name), options()); Guest guest = module.instantiate()) {
            for (String message : sent) {
                assertSame(Outcome.DONE, guest.process(task("{\"message\":\"" + message + "\"}")));
            }
            assertInstanceOf(Outcome.Failed.class, guest.process(task("nonsense")));
            assertInstanceOf(Outcome.Failed.class, guest.process(task("{}")));
            assertSame(Outcome.DONE, guest.process(task("{\"message\":\"after a failure\"}")));
        }
        assertEquals(sent, messages().subList(0, sent.size()));
        assertEquals(List.of("after a failure"), messages().subList(sent.size(), messages().size()));
    }

    @Test
    void sampleInCAppendsTasksInOrder() throws Exception {
        String long1 = "x".repeat(1 << 20);
        try (GuestModule module = GuestModule.load(guest("messages-c"), options());
                Guest guest = module.instantiate()) {
            for (String text : List.of("Hello", "", "from C", long1)) {
                assertSame(Outcome.DONE, guest.process(task(text)));
            }
            Outcome.Failed failed = assertInstanceOf(Outcome.Failed.class, guest.process(task(long1 + "x")));
            assertEquals("run returned 2; its last words: the task is longer than 1048576 bytes", failed.reason());
            assertSame(Outcome.DONE, guest.process(task("after a failure")));
        }
        assertEquals(List.of("Hello", "", "from C", long1, "after a failure"), messages());
    }

    @ParameterizedTest
    @ValueSource(strings = {"messages-c", "messages-go"})
    void guestAsksForAnotherAttempt(String name) {
        // No directory was granted.
        try (GuestModule module = GuestModule.load(guest(name), GuestOptions.DEFAULT);
                Guest guest = module.instantiate()) {
            Outcome.Failed failed = assertInstanceOf(Outcome.Failed.class,
                    guest.process(task("{\"message\":\"Hello\"}")));
            assertEquals(Outcome.Kind.RETRY, failed.kind());
            String expected = "run returned 1; its last words: .*was the directory / granted\\?.*";
            assertTrue(failed.reason().matches(expected), failed.reason());
        }
    }
}
