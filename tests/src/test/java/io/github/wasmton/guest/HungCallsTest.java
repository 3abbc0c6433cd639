package io.github.wasmton.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.WasiConfig;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Promise: a call that the system does not end holds up its task until the deadline, and no other task at all. */
class HungCallsTest {
    /** Holds a lease on a file: whoever opens it waits, until this ends or for 45 seconds. */
    private static final String LEASE = """
            import fcntl, os, signal, sys
            signal.signal(signal.SIGIO, lambda *ignored: print("waiting", flush=True))
            file = os.open(sys.argv[1], os.O_RDWR)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            print("held", flush=True)
            sys.stdin.readline()
            """;

    @Test
    void deadlineEndsTheOpeningOfAFileThatHangs(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "content");
        Files.writeString(directory.resolve("other"), "content");
        Process lease = new ProcessBuilder("python3", "-c", LEASE, file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        GuestOptions options = GuestOptions.DEFAULT.withDeadline(Duration.ofMillis(500))
                .withWasi(WasiConfig.builder().readOnlyDir(directory, "/").build());
        try (BufferedReader out = lease.inputReader();
             GuestModule core = Wasm.guest(opener("file"), options);
             GuestModule good = Wasm.guest(opener("other"), options.withDeadline(Duration.ofMinutes(2)));
             GuestModule component = GuestModule.load(TestGuests.guest("probe"), options);
             Guest coreGuest = core.instantiate(); Guest componentGuest = component.instantiate();
             Guest goodGuest = good.instantiate()) {
            assertEquals("held", out.readLine());
            TestGuests.assertDeadline(coreGuest.process(TestGuests.task("")));
            assertEquals("waiting", out.readLine());
            TestGuests.assertDeadline(componentGuest.process(TestGuests.task("hold files 1 /file")));
            assertSame(Outcome.DONE, goodGuest.process(TestGuests.task("")));
            // So the deadline ended them, and not the lease.
            assertTrue(lease.isAlive());
            lease.getOutputStream().close();
            lease.waitFor();
            assertSame(Outcome.DONE, coreGuest.process(TestGuests.task("")));
        } finally {
            lease.destroy();
        }
    }

    private static String opener(String name) {
        return """
                (module
                  (import "decaton" "poll_task" (func $poll (param i64 i32) (result i32)))
                  (import "wasi_snapshot_preview1" "path_open"
                    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
                  (memory (export "memory") 1)
                  (data (i32.const 64) "%s")
                  (func (export "run") (result i32)
                    (drop (call $poll (i64.const 0) (i32.const 8)))
                    (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const %d) (i32.const 0)
                      (i64.const 2) (i64.const 2) (i32.const 0) (i32.const 128))))""".formatted(name, name.length());
    }

    /** In a mount namespace, whose resolver asks a server that takes questions and never answers. */
    @Test
    @Tag("own-jvm")
    void dnsServerThatDoesNotAnswerHoldsUpNobodyElse(@TempDir Path directory) throws Exception {
        Path resolver = Files.writeString(directory.resolve("resolv.conf"),
                "nameserver " + Silent.ADDRESS + "\noptions timeout:30 attempts:5\n");
        Files.writeString(directory.resolve("file"), "content");
        String mount = "mount --bind " + resolver + " /etc/resolv.conf && ip link set lo up && exec \"$0\" \"$@\"";
        String[] namespace = {"unshare", "--user", "--map-root-user", "--mount", "--net", "sh", "-c"};
        Process tried = new ProcessBuilder(namespace[0], namespace[1], namespace[2], namespace[3], namespace[4],
                namespace[5], namespace[6], mount, "true").redirectErrorStream(true).start();
        String said = new String(tried.getInputStream().readAllBytes());
        Assumptions.assumeTrue(tried.waitFor() == 0, "this machine allows no namespaces: " + said);
        new ChildJvm().under(namespace[0], namespace[1], namespace[2], namespace[3], namespace[4], namespace[5],
                namespace[6], mount).run(Silent.class, directory.toString(), TestGuests.guest("probe").toString())
                .succeeded();
    }

    static class Silent {
        static final String ADDRESS = "127.0.0.9";

        public static void main(String[] args) throws Exception {
            AtomicInteger questions = new AtomicInteger();
            DatagramSocket server = new DatagramSocket(53, InetAddress.getByName(ADDRESS));
            Thread swallows = new Thread(() -> {
                try {
                    while (true) {
                        server.receive(new DatagramPacket(new byte[512], 512));
                        questions.incrementAndGet();
                    }
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            swallows.setDaemon(true);
            swallows.start();
            GuestOptions options = GuestOptions.DEFAULT.withDeadline(Duration.ofMinutes(2))
                    .withWasi(WasiConfig.builder().readOnlyDir(Path.of(args[0]), "/").build());
            GuestModule hostile = GuestModule.load(Path.of(args[1]),
                    options.withNetwork(NetworkAccess.to("slow.test")));
            GuestModule other = GuestModule.load(Path.of(args[1]),
                    options.withNetwork(NetworkAccess.to("localhost")));
            Guest attacker = hostile.instantiate();
            assertSame(Outcome.DONE, attacker.process(TestGuests.task("hold look-ups 2000 slow.test")));
            Await.until("a question to the server", () -> questions.get() > 0);
            // Another instance of the same module has its own share.
            assertSame(Outcome.DONE, hostile.instantiate().process(TestGuests.task("hold look-ups 3 slow.test")));
            Guest good = other.instantiate();
            for (int i = 0; i < 50; i++) {
                assertSame(Outcome.DONE, good.process(TestGuests.task("hold files 1 /file")));
                assertSame(Outcome.DONE, good.process(TestGuests.task("look-up localhost")));
            }
            try (GuestPool pool = new GuestPool(other, 4)) {
                assertSame(Outcome.DONE, pool.process(TestGuests.task("hold files 1 /file")).join());
                assertSame(Outcome.DONE, pool.process(TestGuests.task("look-up localhost")).join());
            }
            // A task that waits for an answer ends with its deadline.
            GuestModule waits = GuestModule.load(Path.of(args[1]),
                    options.withNetwork(NetworkAccess.to("slow.test")).withDeadline(Duration.ofMillis(500)));
            TestGuests.assertDeadline(waits.instantiate().process(TestGuests.task("look-up slow.test")));
            System.exit(0);  // look-ups are not ended by anything
        }
    }
}
