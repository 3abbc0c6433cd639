package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

import ch.qos.logback.classic.Level;
import com.sun.net.httpserver.HttpServer;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.Output;
import io.github.wasmton.wasmtime.wasi.WasiConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The article's network processor, as printed, and the samples that do the same, against a real HTTP server. */
class HttpGetTest {
    private static final String README = "# This is the file\n";
    /** Address in the article's source. */
    private static final String ADDRESS = "127.0.0.1:8080";

    @TempDir
    private Path directory;

    private final GuestLogCapture log = new GuestLogCapture(Level.INFO);
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();
    private final Set<InetSocketAddress> clients = ConcurrentHashMap.newKeySet();
    private HttpServer server;

    @AfterEach
    void stop() {
        log.close();
        if (server != null) {
            server.stop(0);
        }
    }

    /** Options of a guest whose output and error are {@link #printed()}. */
    private GuestOptions printing() {
        Output printed = Output.stream(output);
        return GuestOptions.DEFAULT.withWasi(WasiConfig.builder().stdout(printed).stderr(printed).build());
    }

    private String printed() {
        return output.toString(StandardCharsets.UTF_8);
    }

    /** Starts a server that has one file, /README.md, on a port with as many digits as the article's. */
    private String serve() throws IOException {
        int port = 1024;
        while (server == null) {
            try {
                server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 0);
            } catch (BindException e) {
                port++;
            }
        }
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            clients.add(exchange.getRemoteAddress());
            requests.add(exchange.getRequestMethod() + ' ' + path);
            byte[] body = README.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(path.equals("/README.md") ? 200 : 404, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /**
     * Returns the article's processor with another address instead of its own, which may be occupied on this machine.
     */
    private Path article(String address) throws IOException {
        assertEquals(ADDRESS.length(), address.length());
        String bytes = new String(Files.readAllBytes(guest("article-http")), StandardCharsets.ISO_8859_1);
        assertEquals(1, bytes.split(ADDRESS, -1).length - 1, "the address is there once");
        return Files.write(directory.resolve("article-http.wasm"),
                bytes.replace(ADDRESS, address).getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void articlesSourceAsPrintedGetsTheFile() throws IOException {
        String address = serve();
        GuestOptions options = printing().withNetwork(NetworkAccess.to(address));
        try (GuestModule module = GuestModule.load(article(address), options);
                Guest guest = module.instantiate()) {
            assertSame(Outcome.DONE, guest.process(task("{\"path\":\"/README.md\"}")));
            assertTrue(printed().startsWith("HTTP/1.1 200 OK\r\n"), printed());
            assertTrue(printed().endsWith("\r\n\r\n" + README), printed());
            assertSame(Outcome.DONE, guest.process(task("{\"path\":\"/another\"}")));
        }
        assertEquals(List.of("GET /README.md", "GET /another"), List.copyOf(requests));
        assertEquals(List.of(), log.take());
    }

    @Test
    void goSampleGetsTheFile() throws IOException {
        String address = serve();
        Output printed = Output.stream(output);
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        WasiConfig wasi = WasiConfig.builder().env(Map.of("SERVER", address)).stdout(printed)
                .stderr(Output.stream(errors)).build();
        GuestOptions options = GuestOptions.DEFAULT.withWasi(wasi).withNetwork(NetworkAccess.to(address));
        try (GuestModule module = GuestModule.load(guest("http-get-go"), options);
                Guest guest = module.instantiate()) {
            assertSame(Outcome.DONE, guest.process(task("{\"path\":\"/README.md\"}")), errors::toString);
            assertEquals(README, printed());
            assertEquals(Outcome.Kind.DEAD_LETTER, kind(guest.process(task("{\"path\":\"/another\"}"))));
            assertEquals(Outcome.Kind.DEAD_LETTER, kind(guest.process(task("nonsense"))));
            assertEquals(1, clients.size(), "its client keeps the connection");

            server.stop(0);
            assertEquals(Outcome.Kind.RETRY, kind(guest.process(task("{\"path\":\"/README.md\"}"))));
        }
    }

    private static Outcome.Kind kind(Outcome outcome) {
        return ((Outcome.Failed) outcome).kind();
    }

    @Test
    void articlesSourcePanicsAtTheSamePlaceWithoutAGrant() {
        try (GuestModule module = GuestModule.load(guest("article-http"), printing());
                Guest guest = module.instantiate()) {
            Outcome.Failed failed = (Outcome.Failed) guest.process(task("{\"path\":\"/README.md\"}"));
            assertEquals(Outcome.Kind.TRAP, failed.kind());
            assertTrue(printed().contains("PermissionDenied"), printed());
        }
        assertEquals(List.of("a connection to 127.0.0.1:8080 was denied; "
                + "\"127.0.0.1:8080\" in NetworkAccess.connect would allow it"),
                log.take());
    }

    @ParameterizedTest
    @ValueSource(strings = {"http-get", "http-get-debug", "http-get-python", "http-get-js"})
    void rustSampleGetsTheFile(String name) throws IOException {
        String address = serve();
        GuestOptions options = printing().withNetwork(NetworkAccess.to(address))
                .withConfiguration(Map.of("server", address));
        try (GuestModule module = GuestModule.load(guest(name), options); Guest guest = module.instantiate()) {
            assertSame(Outcome.DONE, guest.process(task("{\"path\":\"/README.md\"}")));
            assertEquals(README, printed());
            assertEquals(List.of("GET /README.md: " + README.length() + " bytes"), log.take());

            Outcome.Failed missing = (Outcome.Failed) guest.process(task("{\"path\":\"/another\"}"));
            assertEquals(Outcome.Kind.DEAD_LETTER, missing.kind());
            assertTrue(missing.reason().contains("404"), missing.reason());
            assertEquals(Outcome.Kind.DEAD_LETTER, ((Outcome.Failed) guest.process(task("nonsense"))).kind());

            server.stop(0);
            Outcome.Failed away = (Outcome.Failed) guest.process(task("{\"path\":\"/README.md\"}"));
            assertEquals(Outcome.Kind.RETRY, away.kind(), "a server that is away may come back");
        }
    }
}
