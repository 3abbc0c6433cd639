package io.github.wasmton.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.ResourceLimitException;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.WasiConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Promise: however many files and sockets guests open, Kafka, the metrics port and the JVM have descriptors left. */
@Tag("own-jvm")
class DescriptorsTest {
    private static final int ALL = 400;
    private static final int KEPT = 100;

    @Test
    void guestsLeaveTheLastDescriptors(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("file"), "content");
        new ChildJvm().under("sh", "-c", "ulimit -n " + ALL + "; exec \"$0\" \"$@\"")
                .run(Hoarders.class, directory.toString(), TestGuests.guest("probe").toString()).succeeded();
    }

    /** Guests that take what they can get, each by another door. */
    static class Hoarders {
        private static final List<Guest> GUESTS = new ArrayList<>();

        public static void main(String[] args) throws IOException {
            Path directory = Path.of(args[0]);
            GuestOptions options = GuestOptions.DEFAULT.withLimits(GuestLimits.DEFAULT.withFiles(100_000))
                    .withWasi(WasiConfig.builder().readOnlyDir(directory, "/").build())
                    .withNetwork(new NetworkAccess(List.of("127.0.0.1"), List.of("127.0.0.1")));
            GuestModule component = GuestModule.load(Path.of(args[1]), options);
            GuestModule core = Wasm.guest(opener(), options);
            // What is needed to look afterwards is loaded before.
            assertTrue(free(directory) > KEPT);
            for (String door : List.of("directories 50 /", "accepted 30 127.0.0.1:0", "files 100000 /file")) {
                Guest guest = component.instantiate();
                GUESTS.add(guest);
                guest.process(TestGuests.task("hold " + door));
                assertLeft(directory, door);
            }
            // There is none left for a core module, neither for a file nor for a socket.
            GuestModule free = Wasm.guest(opener(), options.withWasi(WasiConfig.EMPTY));
            Outcome.Failed failed = (Outcome.Failed) free.instantiate().process(TestGuests.task(""));
            assertTrue(failed.reason().startsWith("run returned 41"), failed.reason());
            assertLeft(directory, "a core module");
            // A new instance opens its directory. They have a share of what is kept.
            ResourceLimitException e = assertThrows(ResourceLimitException.class, () -> {
                while (true) {
                    GUESTS.add(core.instantiate());
                }
            });
            assertEquals("no file or connection was opened for the guest: the process may have 400 file descriptors "
                    + "(ulimit -n), and the last 50 are not for this", e.getMessage());
            int left = free(directory);
            assertTrue(left >= KEPT / 2 - 10 && left < KEPT - 10, "instances left " + left);
            GUESTS.forEach(Guest::close);
            assertSame(Outcome.DONE, component.instantiate().process(TestGuests.task("hold files 50 /file")));
            core.instantiate().close();
        }

        private static void assertLeft(Path directory, String door) {
            int free = free(directory);
            assertTrue(free >= KEPT - 10, door + " left " + free);
        }

        /** Opens a socket and returns the error. */
        private static String opener() {
            return """
                    (module
                      (import "decaton" "poll_task" (func $poll (param i64 i32) (result i32)))
                      (import "wasi_snapshot_preview1" "sock_open" (func $open (param i32 i32 i32) (result i32)))
                      (memory (export "memory") 1)
                      (func (export "run") (result i32)
                        (drop (call $poll (i64.const 0) (i32.const 100)))
                        (call $open (i32.const 1) (i32.const 2) (i32.const 0))))""";
        }

        /** Returns how many files Java can open. */
        private static int free(Path directory) {
            List<InputStream> open = new ArrayList<>();
            try {
                while (open.size() < ALL) {
                    open.add(Files.newInputStream(directory.resolve("file")));
                }
            } catch (IOException e) {
                // That was the last one.
            }
            int free = open.size();
            for (InputStream in : open) {
                try {
                    in.close();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
            return free;
        }
    }
}
