package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

import ch.qos.logback.classic.Level;
import com.sun.net.httpserver.HttpServer;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.TestServer;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A core module in Go that uses the network by stealthrocket/net: non-blocking sockets under Go's own scheduler. */
class GoSocketsTest {
    private static HttpServer server;
    private static String address;
    private static TestServer silent;
    private static GuestModule module;

    private final GuestLogCapture log = new GuestLogCapture(Level.INFO);

    @BeforeAll
    static void load() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = ("this is " + exchange.getRequestURI()).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        address = "127.0.0.1:" + server.getAddress().getPort();
        silent = new TestServer(TestServer::silence);
        module = GuestModule.load(TestGuests.guest("sockets-go"), GuestOptions.DEFAULT
                .withNetwork(NetworkAccess.to(address, silent.address(), "127.0.0.1:1"))
                .withDeadline(Duration.ofSeconds(3)));
    }

    @AfterAll
    static void unload() throws Exception {
        module.close();
        silent.close();
        server.stop(0);
    }

    @AfterEach
    void stop() {
        log.close();
    }

    private static Outcome run(String... tasks) {
        try (Guest guest = module.instantiate()) {
            Outcome outcome = null;
            for (String task : tasks) {
                outcome = guest.process(task(task));
            }
            return outcome;
        }
    }

    @Test
    void gosHttpClientGetsAFile() {
        assertEquals(Outcome.DONE, run("get " + address + " /README.md", "get " + address + " /again"));
        assertEquals(List.of("this is /README.md", "this is /again"), log.take());
    }

    @Test
    void deniedAndRefusedConnectionsAreErrors() {
        Outcome.Failed denied = (Outcome.Failed) run("exchange 127.0.0.1:2 hello");
        assertEquals(Outcome.Kind.SKIP, denied.kind(), denied.reason());
        List<String> lines = log.take();
        assertEquals("a connection to 127.0.0.1:2 was denied; \"127.0.0.1:2\" in NetworkAccess.connect would allow it",
                lines.get(0));
        assertTrue(lines.get(1).contains("ermission denied"), lines.toString());
        run("exchange 127.0.0.1:1 hello");
        assertTrue(log.take().get(0).contains("refused"));
    }

    @Test
    void deadlineEndsAWait() {
        TestGuests.assertDeadline(run("exchange " + silent.address() + " hello"));
    }

    @Test
    void panicIsReported() {
        Outcome.Failed failed = (Outcome.Failed) run("panic");
        assertTrue(failed.reason().endsWith("; its last words: panic: on purpose"), failed.reason());
    }
}
