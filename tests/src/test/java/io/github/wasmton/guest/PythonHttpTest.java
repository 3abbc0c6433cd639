package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import ch.qos.logback.classic.Level;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.TestServer;
import io.github.wasmton.testing.TlsIdentity;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the module wasmton.http of the package for Python. */
class PythonHttpTest {
    @TempDir
    private static Path folder;

    private final GuestLogCapture log = new GuestLogCapture(Level.INFO);
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();

    @AfterEach
    void stop() {
        log.close();
    }

    private static Outcome request(NetworkAccess access, String arguments) {
        GuestOptions options = GuestOptions.DEFAULT.withNetwork(access).withDeadline(Await.LIMIT);
        try (GuestModule module = GuestModule.load(guest("http-python"), options);
                Guest guest = module.instantiate()) {
            Outcome outcome = guest.process(task(arguments));
            assertEquals(outcome, guest.process(task(arguments)), "the instance can request again");
            return outcome;
        }
    }

    private static String get(String url) {
        return "{\"method\": \"GET\", \"url\": \"" + url + "\"}";
    }

    private static void assertFailure(String reason, Outcome outcome) {
        Outcome.Failed failed = (Outcome.Failed) outcome;
        assertEquals(Outcome.Kind.SKIP, failed.kind(), outcome.toString());
        assertEquals(reason, failed.reason());
    }

    private void echo(HttpServer server) {
        server.createContext("/", exchange -> {
            Headers headers = exchange.getRequestHeaders();
            byte[] body = exchange.getRequestBody().readAllBytes();
            requests.add(exchange.getRequestMethod() + ' ' + exchange.getRequestURI() + ' ' + headers.get("X-Name")
                    + ' ' + headers.get("Content-Length"));
            exchange.getResponseHeaders().add("Set-Cookie", "a=1");
            exchange.getResponseHeaders().add("Set-Cookie", "b=\u00e9");
            exchange.sendResponseHeaders(exchange.getRequestURI().getPath().equals("/") ? 200 : 404,
                    body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @Test
    void sendsRequestsAndReadsResponses() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        echo(server);
        try {
            String address = "127.0.0.1:" + server.getAddress().getPort();
            NetworkAccess access = NetworkAccess.to(address);
            assertSame(Outcome.DONE, request(access, get("http://" + address)));
            assertEquals("GET / null null", requests.poll());
            assertEquals("200 [a=1,b=\u00e9] ", log.take().get(0));
            assertSame(Outcome.DONE, request(access, "{\"method\": \"PROPFIND\", \"url\": \"http://" + address
                    + "/path?a=b#c\", \"headers\": {\"x-name\": \"value\"}, \"body\": \"\"}"));
            requests.poll();
            assertEquals("PROPFIND /path?a=b [value] [0]", requests.poll());
            assertEquals("404 [a=1,b=\u00e9] ", log.take().get(0));

            String large = "x\u00e9".repeat(100_000);
            assertSame(Outcome.DONE, request(access, "{\"method\": \"POST\", \"url\": \"http://" + address
                    + "?q\", \"body\": \"" + large + "\", \"timeout\": 60.5}"));
            requests.poll();
            assertEquals("POST /?q null [300000]", requests.poll());
        } finally {
            server.stop(0);
        }
    }

    @Test
    void requestsByHttpsAndTrustsTheFileOfAuthorities() throws Exception {
        TlsIdentity localhost = TlsIdentity.make(folder, "localhost");
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(localhost.context()));
        echo(server);
        try {
            String address = "localhost:" + server.getAddress().getPort();
            NetworkAccess access = NetworkAccess.to(address);
            assertSame(Outcome.DONE, request(access.withCaFile(localhost.certificate()), get("https://" + address)));
            assertEquals("200 [a=1,b=\u00e9] ", log.take().get(0));
            assertFailure("TLS: the server's certificate was not accepted; the log says why",
                    request(access, get("https://" + address)));
            assertTrue(log.take().get(0).startsWith("the certificate of " + address + " was not accepted: "));
        } finally {
            server.stop(0);
        }
    }

    @Test
    void missingServerIsAnErrorWithItsReason() throws Exception {
        assertFailure("DENIED: the server is not granted (--allow-net); the log says which",
                request(NetworkAccess.NONE, get("https://api.example.com")));
        assertFailure("NO_NAME: there is no such name",
                request(NetworkAccess.to("no-such-host.invalid"), get("https://no-such-host.invalid")));
        assertFailure("CONNECTION: the server refused the connection",
                request(NetworkAccess.to("127.0.0.1"), get("http://127.0.0.1:" + TestServer.unusedPort())));
        try (TestServer server = new TestServer(TestServer::silence)) {
            NetworkAccess access = NetworkAccess.to(server.address());
            assertFailure("TIMEOUT: the server did not answer in time", request(access,
                    get("http://" + server.address()).replace("}", ", \"timeout\": 0.2}")));
            assertFailure("TIMEOUT: the server could not be connected to in time", request(access,
                    get("https://" + server.address()).replace("}", ", \"timeout\": 0.2}")));
        }
    }

    private static void skipHead(Socket connection) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) connection.getInputStream().read());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            HTTP/1.1 200 OK_content-length: 9__he | CONNECTION: the response broke off
            HTTP/1.1 200 OK_x: LARGE__            | MALFORMED: the response is not HTTP, or its head is too large
            no HTTP at all__                      | MALFORMED: the response is not HTTP, or its head is too large
            """)
    void brokenResponseIsAnError(String response, String reason) throws Exception {
        try (TestServer server = new TestServer(connection -> {
            skipHead(connection);
            connection.getOutputStream().write(response.replace("_", "\r\n")
                    .replace("LARGE", "y".repeat(1_000_000)).getBytes(UTF_8));
        })) {
            assertFailure(reason, request(NetworkAccess.to(server.address()), get("http://" + server.address())));
        }
    }

    /** Tests a server that answers before it has read the body. */
    @Test
    void responseToAnUnreadBodyIsReturned() throws Exception {
        try (TestServer server = new TestServer(connection -> {
            skipHead(connection);
            connection.getOutputStream().write("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno".getBytes(UTF_8));
            connection.shutdownOutput();
            connection.getInputStream().readAllBytes();
        })) {
            assertSame(Outcome.DONE, request(NetworkAccess.to(server.address()), "{\"method\": \"PUT\", \"url\": "
                    + "\"http://" + server.address() + "\", \"body\": \"" + "x".repeat(1_000_000) + "\"}"));
            assertEquals("413 [] no", log.take().get(0));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET   | ftp://127.0.0.1        |        | the URL does not begin with http:// or https:// and a host
            GET   | /path                  |        | the URL does not begin with http:// or https:// and a host
            GET   | http://[x              |        | the URL is invalid: Invalid IPv6 URL
            GET   | http://127.0.0.1/a b   |        | the method or the URL is invalid
            G T   | http://127.0.0.1       |        | the method or the URL is invalid
            GET   | http://127.0.0.1       | x y    | a header is invalid
            GET   | http://127.0.0.1       | host   | a header belongs to the connection
            """)
    void rejectsInvalidRequests(String method, String url, String header, String reason) {
        String headers = header == null ? "{}" : "{\"" + header + "\": \"1\"}";
        assertFailure("INVALID: " + reason, request(NetworkAccess.to("127.0.0.1"), "{\"method\": \"" + method
                + "\", \"url\": \"" + url + "\", \"headers\": " + headers + "}"));
    }
}
