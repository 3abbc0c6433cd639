package io.github.wasmton.testing;

import static io.github.wasmton.testing.TestGuests.assertDeadline;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases of the addresses that components reach by sockets, with real servers. Each host of components runs them. */
public abstract class NetworkCases {
    protected static final Duration HASTY = Duration.ofMillis(300);

    /** Runs tasks in turn in a new probe with that access, and returns the last outcome. */
    protected abstract Outcome probe(NetworkAccess access, Duration deadline, String... tasks);

    /** Returns the lines of the last probes, and what they were refused, and forgets them. */
    protected abstract List<String> log();

    protected final Outcome probe(NetworkAccess access, String... tasks) {
        return probe(access, Await.LIMIT, tasks);
    }

    protected static void assertSkipped(String kind, Outcome outcome) {
        Outcome.Failed failed = (Outcome.Failed) outcome;
        assertEquals(Outcome.Kind.SKIP, failed.kind(), failed.reason());
        assertTrue(failed.reason().startsWith(kind + ": "), failed.reason());
    }

    @Test
    void guestReachesAGrantedAddress() throws Exception {
        try (TestServer server = new TestServer(TestServer::echoOnce)) {
            NetworkAccess access = NetworkAccess.to(server.address());
            assertSame(Outcome.DONE, probe(access, "exchange " + server.address() + " hello"));
            assertEquals(List.of("hello"), log());
        }
    }

    @Test
    void defaultDeniesConnectionsAndTheLogNamesTheMissingRule() throws Exception {
        try (TestServer server = new TestServer(TestServer::echoOnce)) {
            assertSkipped("PermissionDenied", probe(NetworkAccess.NONE, "exchange " + server.address() + " hello"));
            assertEquals(List.of("a connection to " + server.address() + " was denied; \"" + server.address()
                    + "\" in NetworkAccess.connect would allow it"), log());
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
    void looksUpOnlyGrantedNames() throws Exception {
        assertTrue(probe(NetworkAccess.to("127.0.0.1"), "look-up localhost") instanceof Outcome.Failed);
        assertEquals(List.of("the look-up of the name 'localhost' was denied; "
                + "\"localhost\" in NetworkAccess.connect would allow it"),
                log());
        assertSame(Outcome.DONE, probe(NetworkAccess.to("localhost:80"), "look-up localhost"));
        assertTrue(log().get(0).contains("127.0.0.1"));
    }

    @Test
    void guestReachesANameAtItsPort() throws Exception {
        try (TestServer server = new TestServer(TestServer::echoOnce)) {
            String address = "localhost:" + server.port();
            assertSame(Outcome.DONE, probe(NetworkAccess.to(address), "exchange " + address + " hello"));
            assertEquals(List.of("hello"), log());
        }
    }

    @Test
    void refusedConnectionHasItsOwnError() throws Exception {
        int port = TestServer.unusedPort();
        assertSkipped("ConnectionRefused", probe(NetworkAccess.to("127.0.0.1"), "connect 127.0.0.1:" + port));
        assertEquals(List.of(), log());
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
    void deadlineEndsAnAcceptWithoutClients() {
        NetworkAccess access = new NetworkAccess(List.of(), List.of("127.0.0.1"));
        assertDeadline(probe(access, HASTY, "accept 127.0.0.1:0"));
    }

    @Test
    void listeningNeedsItsOwnGrant() {
        assertSkipped("PermissionDenied", probe(NetworkAccess.to("127.0.0.1"), "listen 127.0.0.1:0"));
        assertEquals(List.of("listening at 127.0.0.1:0 was denied; "
                + "\"127.0.0.1:0\" in NetworkAccess.listen would allow it"),
                log());
        assertTrue(probe(NetworkAccess.to("0.0.0.0"), "listen 0.0.0.0:0") instanceof Outcome.Failed,
                "the implicit address of a client is nothing to listen at");
        log();
        assertSame(Outcome.DONE, probe(new NetworkAccess(List.of(), List.of("127.0.0.1")), "listen 127.0.0.1:0"));
        assertTrue(log().get(0).startsWith("127.0.0.1:"));
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
            assertEquals(List.of("a guest may have 128 sockets at a time, and has them"), log());
        }
    }
}
