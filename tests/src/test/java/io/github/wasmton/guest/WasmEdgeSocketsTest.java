package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.assertDeadline;
import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import com.sun.net.httpserver.HttpServer;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.FullBacklog;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.TestServer;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests core modules that use the network by the library {@code wasmedge_wasi_socket}, with real servers. */
class WasmEdgeSocketsTest {
    private static final Duration HASTY = Duration.ofMillis(300);

    private final GuestLogCapture log = new GuestLogCapture(Level.INFO);

    @AfterEach
    void stop() {
        log.close();
    }

    private static Outcome run(NetworkAccess access, String... tasks) {
        return TestGuests.run("wasmedge-sockets", access, Await.LIMIT, tasks);
    }

    /** Asserts that the task was skipped after that kind of error, which the guest printed. */
    private void assertSkipped(String kind, Outcome outcome) {
        assertTrue(outcome instanceof Outcome.Failed, kind);
        assertEquals(Outcome.Kind.SKIP, ((Outcome.Failed) outcome).kind(), outcome.toString());
        List<String> lines = log.take();
        assertEquals(kind, lines.get(lines.size() - 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"wasmedge-sockets", "wasmedge-sockets-debug"})
    void guestGetsAFileFromAnHttpServer(String name) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = ("this is " + exchange.getRequestURI()).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            String address = "127.0.0.1:" + server.getAddress().getPort();
            assertEquals(Outcome.DONE, TestGuests.run(name, NetworkAccess.to(address), Await.LIMIT,
                    "get " + address + " /README.md"));
            assertEquals(List.of("this is /README.md"), log.take());
        } finally {
            server.stop(0);
        }
    }

    @Test
    void defaultDeniesConnectionsAndTheLogNamesTheMissingRule() throws Exception {
        try (TestServer server = new TestServer(TestServer::echoOnce)) {
            Outcome outcome = run(NetworkAccess.NONE, "connect " + server.address());
            assertEquals(List.of("a connection to " + server.address() + " was denied; \""
                    + server.address() + "\" in NetworkAccess.connect would allow it", "PermissionDenied"), log.take());
            assertEquals(Outcome.Kind.SKIP, ((Outcome.Failed) outcome).kind());
            assertSkipped("PermissionDenied", run(NetworkAccess.to("127.0.0.1:1"), "connect " + server.address()));
            assertEquals(0, server.accepted());
        }
    }

    @Test
    void refusedConnectionAndResetHaveTheirOwnErrors() throws Exception {
        int port = TestServer.unusedPort();
        assertSkipped("ConnectionRefused", run(NetworkAccess.to("127.0.0.1"), "connect 127.0.0.1:" + port));
        try (TestServer server = new TestServer(TestServer::reset)) {
            assertSkipped("ConnectionReset",
                    run(NetworkAccess.to(server.address()), "exchange " + server.address() + " hello"));
        }
    }

    @Test
    void deadlineEndsEveryWait() throws Exception {
        try (TestServer server = new TestServer(TestServer::silence)) {
            NetworkAccess access = new NetworkAccess(List.of(server.address()), List.of("127.0.0.1"));
            for (String task : List.of("exchange " + server.address() + " hello", "write-for-ever " + server.address(),
                    "accept 127.0.0.1:" + TestServer.unusedPort())) {
                assertDeadline(TestGuests.run("wasmedge-sockets", access, HASTY, task));
            }
            assertSkipped("WouldBlock", run(access, "read-within " + server.address() + " 100"));
        }
    }

    @Test
    void connectTimesOutBeforeTheDeadlineAndTheGuestCanHandleIt() throws Exception {
        try (FullBacklog full = new FullBacklog()) {
            assertSkipped("TimedOut", TestGuests.run("wasmedge-sockets", NetworkAccess.to(full.address()),
                    Duration.ofSeconds(2), "connect " + full.address()));
        }
    }

    @Test
    void looksUpOnlyGrantedNames() throws Exception {
        assertSkipped("PermissionDenied", run(NetworkAccess.to("127.0.0.1"), "look-up localhost"));
        assertEquals(Outcome.DONE, run(NetworkAccess.to("localhost:80"), "look-up localhost"));
        assertTrue(log.take().contains("127.0.0.1:80"));
        try (TestServer server = new TestServer(TestServer::echoOnce)) {
            String address = "localhost:" + server.port();
            assertEquals(Outcome.DONE, run(NetworkAccess.to(address), "exchange " + address + " hello"));
            assertEquals(List.of("hello"), log.take());
        }
        assertTrue(run(NetworkAccess.to("no-such-name.invalid"), "look-up no-such-name.invalid")
                instanceof Outcome.Failed);
    }

    @Test
    void limitsTheOpenSocketsOfAGuest() throws Exception {
        try (TestServer server = new TestServer(TestServer::silence)) {
            NetworkAccess access = NetworkAccess.to(server.address());
            assertEquals(Outcome.DONE, run(access, "sockets 100 " + server.address(), "sockets 100 "
                    + server.address()));
            assertTrue(run(access, "sockets 129 " + server.address()) instanceof Outcome.Failed);
            assertTrue(log.take().contains("a guest may have 128 sockets at a time, and has them"));
        }
    }

    private static long openSockets() throws IOException {
        long sockets = 0;
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                try {
                    if (Files.readSymbolicLink(descriptor).toString().startsWith("socket:")) {
                        sockets++;
                    }
                } catch (IOException e) {
                    // the server closed it first
                }
            }
        }
        return sockets;
    }

    @Test
    void closingTheGuestClosesItsSockets() throws Exception {
        try (TestServer server = new TestServer(connection -> connection.getInputStream().read())) {
            GuestOptions options = GuestOptions.DEFAULT.withNetwork(NetworkAccess.to(server.address()));
            try (GuestModule module = GuestModule.load(guest("wasmedge-sockets"), options);
                 Guest guest = module.instantiate()) {
                long before = openSockets();
                assertEquals(Outcome.DONE, guest.process(task("forget 50 " + server.address())));
                Await.until("the connections", () -> server.open() == 50);
                assertTrue(openSockets() >= before + 50);
                // Also when the instance goes because it trapped.
                guest.process(task("panic"));
                Await.until("the connections' end", () -> server.open() == 0 && openSockets() <= before);
                assertEquals(Outcome.DONE, guest.process(task("forget 50 " + server.address())));
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
        try (GuestModule module = GuestModule.load(guest("wasmedge-sockets"), options);
             Guest guest = module.instantiate()) {
            assertEquals(Outcome.DONE, guest.process(task("kept " + address + " one")));
            assertEquals(Outcome.DONE, guest.process(task("kept " + address + " two")));
            assertEquals(List.of("ONE", "TWO"), log.take());
            assertEquals(1, server.accepted());
            server.close();
            assertTrue(guest.process(task("kept " + address + " three")) instanceof Outcome.Failed);
            server = new TestServer(port, TestServer::echo);
            assertEquals(Outcome.DONE, guest.process(task("kept " + address + " four")));
        } finally {
            server.close();
        }
    }

    @Test
    void listeningNeedsItsOwnGrant() throws Exception {
        assertSkipped("PermissionDenied", run(NetworkAccess.to("127.0.0.1"), "listen 127.0.0.1:0"));
        NetworkAccess access = new NetworkAccess(List.of(), List.of("127.0.0.1"));
        assertEquals(Outcome.DONE, run(access, "listen 127.0.0.1:0"));
        int port = TestServer.unusedPort();
        OnThread client = OnThread.start("the client of a guest", () -> {
            String[] answer = new String[1];
            Await.until("the guest to listen", () -> {
                try (Socket socket = new Socket("127.0.0.1", port)) {
                    answer[0] = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                    return true;
                } catch (IOException e) {
                    return false;
                }
            });
            assertEquals("served\n", answer[0]);
        });
        assertEquals(Outcome.DONE, run(access, "serve 127.0.0.1:" + port));
        client.join();
    }

    @Test
    void datagramsFollowTheSameRules() throws Exception {
        assertSkipped("PermissionDenied", run(NetworkAccess.to("127.0.0.1:9"), "send 127.0.0.1:10"));
        try (DatagramSocket server = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
            OnThread echo = OnThread.start("the server of datagrams", () -> {
                DatagramPacket packet = new DatagramPacket(new byte[64], 64);
                server.receive(packet);
                // Whoever was not granted is not heard.
                try (DatagramSocket stranger = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
                    stranger.send(new DatagramPacket("strange".getBytes(StandardCharsets.UTF_8), 7,
                            packet.getSocketAddress()));
                }
                server.send(packet);
            });
            String address = "127.0.0.1:" + server.getLocalPort();
            assertEquals(Outcome.DONE, run(NetworkAccess.to(address), "echo " + address));
            echo.join();
            assertTrue(log.take().get(0).startsWith("hello from "));
        }
    }

    @Test
    void socketsHaveNumbersFarFromFiles() throws Exception {
        try (TestServer server = new TestServer(TestServer::silence)) {
            assertEquals(Outcome.DONE, run(NetworkAccess.to(server.address()), "number " + server.address()));
            assertEquals(List.of("0x10000"), log.take());
        }
    }

    /** Tests the library's buffer, which optimised code does not read again after the host wrote to it. */
    @Test
    void peersAddressMatchesTheLibrarysLayout() throws Exception {
        try (TestServer server = new TestServer(TestServer::silence)) {
            assertEquals(Outcome.DONE, TestGuests.run("wasmedge-sockets-debug", NetworkAccess.to(server.address()),
                    Await.LIMIT, "peer " + server.address()));
            assertEquals(List.of(server.address()), log.take());
        }
    }
}
