package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.assertDeadline;
import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import ch.qos.logback.classic.Level;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.FullBacklog;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.NetworkCases;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.TestServer;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the addresses that guests reach by WASI 0.2 and 0.3. */
@ParameterizedClass
@ValueSource(strings = {"probe", "async-component"})
class NetworkAccessTest extends NetworkCases {
    @Parameter
    String name;

    private final GuestLogCapture log = new GuestLogCapture(Level.INFO);

    @AfterEach
    void stop() {
        log.close();
    }

    @Override
    protected Outcome probe(NetworkAccess access, Duration deadline, String... tasks) {
        if (tasks[0].matches("(accept|connect-within|listen) .*")) {
            onlyByWasi02();
        }
        return TestGuests.run(name, access, deadline, tasks);
    }

    @Override
    protected List<String> log() {
        return log.take();
    }

    /** Skips what only the probe of WASI 0.2 does. */
    private void onlyByWasi02() {
        assumeTrue(name.equals("probe"));
    }

    /** wasmtime's stream of connections would accept any number. */
    @Test
    void listeningByWasi03IsRefusedWithTheWayOut() {
        assumeTrue(name.equals("async-component"));
        assertSkipped("Unsupported", TestGuests.run(name, new NetworkAccess(List.of(), List.of("127.0.0.1")),
                Await.LIMIT, "listen 127.0.0.1:0"));
        assertEquals("listening by wasi:sockets 0.3 was denied, as nothing would limit the connections; use 0.2",
                String.join("\n", log.take()));
    }

    @Test
    void logNamesTheMissingRuleOnceATask() throws Exception {
        String[] tries = {"connect 127.0.0.1:9", "connect 127.0.0.1:9"};
        assertSkipped("PermissionDenied", probe(NetworkAccess.NONE, tries));
        String line = "a connection to 127.0.0.1:9 was denied; \"127.0.0.1:9\" in NetworkAccess.connect would allow it";
        assertEquals(List.of(line, line), log.take());
    }

    @Test
    void keepaliveProbesASilentPeer() throws Exception {
        try (TestServer server = new TestServer(TestServer::silence)) {
            GuestOptions options = GuestOptions.DEFAULT.withNetwork(NetworkAccess.to(server.address()));
            try (GuestModule module = GuestModule.load(guest(name), options); Guest guest = module.instantiate()) {
                assertSame(Outcome.DONE, guest.process(task("forget 1 " + server.address())));
                // The kernel's table: addresses, state 01 for connected, and 02 for a timer of TCP keep-alive.
                String connection = String.format("0100007F:[0-9A-F]+ 0100007F:%04X 01 [0-9A-F:]+ 02:.*",
                        server.port());
                List<String> table = Files.readAllLines(Path.of("/proc/net/tcp"));
                assertTrue(table.stream().anyMatch(line -> line.matches(" *\\d+: " + connection)),
                        String.join("\n", table));
            }
        }
    }

    @Test
    void connectTimesOutBeforeTheDeadlineAndTheGuestCanHandleIt() throws Exception {
        try (FullBacklog full = new FullBacklog()) {
            String address = full.address();
            NetworkAccess access = NetworkAccess.to(address);
            Duration deadline = Duration.ofSeconds(2);
            assertSkipped("TimedOut", probe(access, deadline, "connect " + address));
            // The same in a poll, with a clock that comes too late. Rust's connect_timeout finds no fault then, nor
            // with a connection that was refused: whoever uses it will.
            assertSame(Outcome.DONE, probe(access, deadline, "connect-within " + address + " 60000"));
            assertSkipped("TimedOut", probe(access, "connect-within " + address + " 100"));
        }
    }

    /** Tests a socket that gets the number of a closed one: it inherits nothing else. */
    @Test
    void timedOutSocketLeavesNothingToTheNext() throws Exception {
        onlyByWasi02();
        try (FullBacklog full = new FullBacklog(); TestServer server = new TestServer(TestServer::echo)) {
            NetworkAccess access = new NetworkAccess(List.of(full.address(), server.address()), List.of("127.0.0.1"));
            GuestOptions options = GuestOptions.DEFAULT.withNetwork(access).withDeadline(Duration.ofSeconds(1));
            try (GuestModule module = GuestModule.load(guest(name), options); Guest guest = module.instantiate()) {
                assertSkipped("TimedOut", guest.process(task("connect " + full.address())));
                assertSame(Outcome.DONE, guest.process(task("kept " + server.address() + " one")));
                assertSame(Outcome.DONE, guest.process(task("kept " + server.address() + " two")));
                assertDeadline(guest.process(task("accept 127.0.0.1:0")));
            }
        }
    }

    @Test
    void closingTheGuestClosesItsSockets() throws Exception {
        try (TestServer server = new TestServer(connection -> connection.getInputStream().read())) {
            NetworkAccess access = NetworkAccess.to(server.address());
            GuestOptions options = GuestOptions.DEFAULT.withNetwork(access);
            try (GuestModule module = GuestModule.load(guest(name), options); Guest guest = module.instantiate()) {
                assertSame(Outcome.DONE, guest.process(task("forget 50 " + server.address())));
                Await.until("the connections", () -> server.open() == 50);
                // Also when the instance goes because it trapped.
                guest.process(task("panic"));
                Await.until("the connections' end", () -> server.open() == 0);
                assertSame(Outcome.DONE, guest.process(task("forget 50 " + server.address())));
                Await.until("the connections", () -> server.open() == 50);
            }
            Await.until("the connections' end", () -> server.open() == 0);
        }
    }

    @Test
    void connectionOutlivesATaskAndIsRenewedAfterARestart() throws Exception {
        onlyByWasi02();
        int port = TestServer.unusedPort();
        TestServer server = new TestServer(port, TestServer::echo);
        String address = server.address();
        GuestOptions options = GuestOptions.DEFAULT.withNetwork(NetworkAccess.to(address));
        try (GuestModule module = GuestModule.load(guest(name), options); Guest guest = module.instantiate()) {
            assertSame(Outcome.DONE, guest.process(task("kept " + address + " one")));
            assertSame(Outcome.DONE, guest.process(task("kept " + address + " two")));
            assertEquals(List.of("connecting", "ONE", "TWO"), log.take());
            assertEquals(1, server.accepted());

            server.close();
            Outcome away = guest.process(task("kept " + address + " three"));
            assertEquals(List.of("connecting"), log.take());
            assertSkipped("ConnectionRefused", away);
            server = new TestServer(port, TestServer::echo);
            assertSame(Outcome.DONE, guest.process(task("kept " + address + " four")));
            assertEquals(List.of("connecting", "FOUR"), log.take());
        } finally {
            server.close();
        }
    }
}
