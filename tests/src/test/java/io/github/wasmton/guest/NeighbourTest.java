package io.github.wasmton.guest;

import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.WasiConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A good guest beside a hostile one in the same process: nothing of the good one's fails. */
class NeighbourTest {
    private static final int TASKS = 2_000;

    private static final List<String> HOSTILE = List.of("spin 200", "hold fields 3900 15000", "hold bodies 1000",
            "hold handles 4000", "hold files 1000 /file", "hold look-ups 1000 localhost", "flood 20000",
            "sockets 200 127.0.0.1:1", "loop", "recurse", "panic", "produce-of-size out 10000 1000");

    @Test
    void hostileGuestFailsNothingOfItsNeighbour(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("file"), "content");
        GuestOptions options = GuestOptions.DEFAULT
                .withWasi(WasiConfig.builder().readOnlyDir(directory, "/").build());
        GuestOptions hostile = options.withDeadline(Duration.ofMillis(300)).withOutputs(OutputAccess.to("out"))
                .withNetwork(NetworkAccess.to("*", "127.0.0.1"));
        AtomicBoolean end = new AtomicBoolean();
        AtomicInteger attacks = new AtomicInteger();
        try (GuestModule good = GuestModule.load(TestGuests.guest("probe"), options);
             GuestModule bad = GuestModule.load(TestGuests.guest("probe"), hostile);
             Guest guest = good.instantiate(); Guest attacker = bad.instantiate()) {
            OnThread attack = OnThread.start("the hostile guest", () -> {
                while (!end.get()) {
                    for (String task : HOSTILE) {
                        attacker.process(TestGuests.task(task));
                        attacks.incrementAndGet();
                    }
                }
            });
            try {
                // The good one uses files and the host's calls, as far as it was granted them.
                for (int i = 0; i < TASKS || attacks.get() < 2 * HOSTILE.size(); i++) {
                    String task = i % 2 == 0 ? "count" : "hold files 1 /file";
                    assertSame(Outcome.DONE, guest.process(TestGuests.task(task)));
                    if (i % 50 == 49) {
                        // It forgets its files; so may an honest guest until it is replaced.
                        assertTrue(guest.process(TestGuests.task("panic")) instanceof Outcome.Failed);
                    }
                }
            } finally {
                end.set(true);
                attack.join();
            }
        }
    }
}
