package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.assertDeadline;
import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import ch.qos.logback.classic.Level;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.FullBacklog;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the addresses that guests reach, with real servers. */
class NetworkAccessTest {
    private static final Duration HASTY = Duration.ofMillis(300);

    private final GuestLogCapture log = new GuestLogCapture(Level.INFO);

    @AfterEach
    void stop() {
        log.close();
    }

    /** Runs one task in a probe with that access, and returns its outcome. */
    private static Outcome probe(NetworkAccess access, Duration deadline, String... tasks) {
        return TestGuests.run("probe", access, deadline, tasks);
    }

    private static Outcome probe(NetworkAccess access, String... tasks) {
        return probe(access, Await.LIMIT, tasks);
    }

    private static void assertSkipped(String kind, Outcome outcome) {
        Outcome.Failed failed = (Outcome.Failed) outcome;
        assertEquals(Outcome.Kind.SKIP, failed.kind(), failed.reason());
        assertTrue(failed.reason().startsWith(kind + ": "), failed.reason());
    }

    @Test
    void guestReachesAGrantedAddress() throws Exception {
        try (TestServer server = new TestServer(TestServer::echoOnce)) {
            NetworkAccess access = NetworkAccess.to(server.address());
            assertSame(Outcome.DONE, probe(access, "exchange " + server.address() + " hello"));
            assertEquals(List.of("hello"), log.take());
        }
    }

    @Test
    void defaultDeniesConnectionsAndTheLogNamesTheMissingRule() throws Exception {
        try (TestServer server = new TestServer(TestServer::echoOnce)) {
            String[] tries = {"exchange " + server.address() + " hello", "exchange " + server.address() + " again"};
            assertSkipped("PermissionDenied", probe(NetworkAccess.NONE, tries));
            String line = "a connection to " + server.address() + " was denied; \"" + server.address()
                    + "\" in NetworkAccess.connect would allow it";
            assertEquals(List.of(line, line), log.take(), "one line for each task");
            assertEquals(0, server.accepted());
        }
    }

    @Test
    void deniesAnotherPortOfAGrantedHost() throws Exception {
        try (TestServer server = new TestServer(TestServer::echoOnce)) {
            NetworkAccess access = NetworkAccess.to("127.0.0.1:1-" + (server.port() - 1), "localhost:1",
                    "127.0.0.1:" + (server.port() + 1) + "-65535");
            assertSkipped("PermissionDenied", probe(access, "connect " + server.address()));
            assertSkipped("PermissionDenied", probe(access, "connect localhost:" + server.port()));
            assertEquals(0, server.accepted());
        }
    }

    @Test
    void mappedIpv4AddressCannotBypassTheRules() throws Exception {
        try (TestServer server = new TestServer(TestServer::echoOnce)) {
            NetworkAccess access = NetworkAccess.to("::/0", "0.0.0.0/0", "*");
            assertTrue(probe(access, "connect [::ffff:127.0.0.1]:" + server.port()) instanceof Outcome.Failed);
            assertTrue(probe(access, "connect " + server.address()) instanceof Outcome.Failed);
            assertEquals(0, server.accepted());
        }
    }

    /** Names that the machine's resolver takes for this machine or its cloud's metadata service. */
    @ParameterizedTest
    @ValueSource(strings = {"127.1", "2130706433", "0x7f000001", "localhost", "2852039166"})
    void nameOfASpecialAddressCannotBypassTheRules(String name) throws Exception {
        try (TestServer server = new TestServer(TestServer::echoOnce)) {
            NetworkAccess access = NetworkAccess.to("*", "0.0.0.0/0", "::/0");
            assertTrue(probe(access, "connect " + name + ':' + server.port()) instanceof Outcome.Failed);
            assertEquals(0, server.accepted());
        }
    }

    @Test
    void deniesPort0() {
        assertTrue(probe(NetworkAccess.to("127.0.0.1", "localhost"), "connect 127.0.0.1:0") instanceof Outcome.Failed);
        assertTrue(probe(NetworkAccess.to("127.0.0.1", "localhost"), "send 127.0.0.1:0") instanceof Outcome.Failed);
    }

    @Test
    void keepaliveProbesASilentPeer() throws Exception {
        try (TestServer server = new TestServer(TestServer::silence)) {
            GuestOptions options = GuestOptions.DEFAULT.withNetwork(NetworkAccess.to(server.address()));
            try (GuestModule module = GuestModule.load(guest("probe"), options); Guest guest = module.instantiate()) {
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
    void looksUpOnlyGrantedNames() throws Exception {
        assertTrue(probe(NetworkAccess.to("127.0.0.1"), "look-up localhost") instanceof Outcome.Failed);
        assertEquals(List.of("the look-up of the name 'localhost' was denied; "
                + "\"localhost\" in NetworkAccess.connect would allow it"),
                log.take());
        assertSame(Outcome.DONE, probe(NetworkAccess.to("localhost:80"), "look-up localhost"));
        assertTrue(log.take().get(0).contains("127.0.0.1"));
    }

    @Test
    void guestReachesANameAtItsPort() throws Exception {
        try (TestServer server = new TestServer(TestServer::echoOnce)) {
            String address = "localhost:" + server.port();
            assertSame(Outcome.DONE, probe(NetworkAccess.to(address), "exchange " + address + " hello"));
            assertEquals(List.of("hello"), log.take());
        }
    }

    @Test
    void refusedConnectionHasItsOwnError() throws Exception {
        int port = TestServer.unusedPort();
        assertSkipped("ConnectionRefused", probe(NetworkAccess.to("127.0.0.1"), "connect 127.0.0.1:" + port));
        assertEquals(List.of(), log.take());
    }

    @Test
    void resetHasItsOwnError() throws Exception {
        try (TestServer server = new TestServer(TestServer::reset)) {
            NetworkAccess access = NetworkAccess.to(server.address());
            Outcome.Failed failed = (Outcome.Failed) probe(access, "exchange " + server.address() + " hello");
            assertEquals(Outcome.Kind.SKIP, failed.kind(), failed.reason());
        }
    }

    @Test
    void deadlineEndsAReadFromASilentServer() throws Exception {
        try (TestServer server = new TestServer(TestServer::silence)) {
            NetworkAccess access = NetworkAccess.to(server.address());
            assertDeadline(probe(access, HASTY, "exchange " + server.address() + " hello"));
            assertEquals(1, server.accepted());
        }
    }

    @Test
    void deadlineEndsAWriteToAServerThatNeverReads() throws Exception {
        try (TestServer server = new TestServer(TestServer::silence)) {
            assertDeadline(probe(NetworkAccess.to(server.address()), HASTY, "write-for-ever " + server.address()));
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
        try (FullBacklog full = new FullBacklog(); TestServer server = new TestServer(TestServer::echo)) {
            NetworkAccess access = new NetworkAccess(List.of(full.address(), server.address()), List.of("127.0.0.1"));
            GuestOptions options = GuestOptions.DEFAULT.withNetwork(access).withDeadline(Duration.ofSeconds(1));
            try (GuestModule module = GuestModule.load(guest("probe"), options); Guest guest = module.instantiate()) {
                assertSkipped("TimedOut", guest.process(task("connect " + full.address())));
                assertSame(Outcome.DONE, guest.process(task("kept " + server.address() + " one")));
                assertSame(Outcome.DONE, guest.process(task("kept " + server.address() + " two")));
                assertDeadline(guest.process(task("accept 127.0.0.1:0")));
            }
        }
    }

    @Test
    void deadlineEndsAnAcceptWithoutClients() {
        NetworkAccess access = new NetworkAccess(List.of(), List.of("127.0.0.1"));
        assertDeadline(probe(access, HASTY, "accept 127.0.0.1:0"));
    }

    @Test
    void listeningNeedsItsOwnGrant() {
        assertSkipped("PermissionDenied", probe(NetworkAccess.to("127.0.0.1"), "listen 127.0.0.1:0"));
        assertEquals(List.of("listening at 127.0.0.1:0 was denied; "
                + "\"127.0.0.1:0\" in NetworkAccess.listen would allow it"),
                log.take());
        assertTrue(probe(NetworkAccess.to("0.0.0.0"), "listen 0.0.0.0:0") instanceof Outcome.Failed,
                "the implicit address of a client is nothing to listen at");
        log.take();
        assertSame(Outcome.DONE, probe(new NetworkAccess(List.of(), List.of("127.0.0.1")), "listen 127.0.0.1:0"));
        assertTrue(log.take().get(0).startsWith("127.0.0.1:"));
    }

    @Test
    void datagramsFollowTheSameRules() {
        assertSame(Outcome.DONE, probe(NetworkAccess.to("127.0.0.1:9"), "send 127.0.0.1:9"));
        assertSkipped("PermissionDenied", probe(NetworkAccess.to("127.0.0.1:9"), "send 127.0.0.1:10"));
    }

    @Test
    void limitsTheOpenSocketsOfAGuest() throws Exception {
        try (TestServer server = new TestServer(TestServer::silence)) {
            NetworkAccess access = NetworkAccess.to(server.address());
            assertSame(Outcome.DONE, probe(access, "sockets 100 " + server.address(), "sockets 100 "
                    + server.address()));
            assertTrue(probe(access, "sockets 129 " + server.address()) instanceof Outcome.Failed);
            assertEquals(List.of("a guest may have 128 sockets at a time, and has them"), log.take());
        }
    }

    @Test
    void closingTheGuestClosesItsSockets() throws Exception {
        try (TestServer server = new TestServer(connection -> connection.getInputStream().read())) {
            NetworkAccess access = NetworkAccess.to(server.address());
            GuestOptions options = GuestOptions.DEFAULT.withNetwork(access);
            try (GuestModule module = GuestModule.load(guest("probe"), options); Guest guest = module.instantiate()) {
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
        int port = TestServer.unusedPort();
        TestServer server = new TestServer(port, TestServer::echo);
        String address = server.address();
        GuestOptions options = GuestOptions.DEFAULT.withNetwork(NetworkAccess.to(address));
        try (GuestModule module = GuestModule.load(guest("probe"), options); Guest guest = module.instantiate()) {
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

    @Test
    void rejectsAMalformedRuleAtOnce() {
        String message = assertThrows(IllegalArgumentException.class, () -> NetworkAccess.to("http://localhost:80"))
                .getMessage();
        assertEquals("'http://localhost:80' is not HOST[:PORT]: it is a URL; leave out the scheme and the path",
                message);
        assertThrows(IllegalArgumentException.class, () -> new NetworkAccess(List.of(), List.of("localhost")));
        assertThrows(NullPointerException.class, () -> NetworkAccess.to((String) null));
    }
}
