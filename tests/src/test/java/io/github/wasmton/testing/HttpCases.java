package io.github.wasmton.testing;

import static io.github.wasmton.testing.TestGuests.assertDeadline;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases of requests by wasi:http, and attacks on them. Each host of components runs them. */
public abstract class HttpCases {
    protected static final Duration HASTY = Duration.ofMillis(300);
    private static final NetworkAccess EVERYTHING = NetworkAccess.to("*", "0.0.0.0/0", "::/0");

    /** The heads of the requests that arrived. */
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();

    /** Runs one task in a new probe with that access, and returns its outcome. */
    protected abstract Outcome probe(NetworkAccess access, Duration deadline, String task);

    /** Returns the lines of the last probes, and what they were refused, and forgets them. */
    protected abstract List<String> log();

    protected final Outcome probe(NetworkAccess access, String task) {
        return probe(access, Await.LIMIT, task);
    }

    protected static void assertRefused(String error, Outcome outcome) {
        Outcome.Failed failed = (Outcome.Failed) outcome;
        assertEquals(Outcome.Kind.SKIP, failed.kind(), failed.reason());
        assertTrue(failed.reason().startsWith("Other: " + error), failed.reason());
    }

    /** Reads the head of a request, up to the empty line. */
    protected String readHead(Socket connection) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8));
        List<String> head = new ArrayList<>();
        for (String line = lines.readLine(); line != null && !line.isEmpty(); line = lines.readLine()) {
            head.add(line);
        }
        requests.add(String.join("\n", head));
        return requests.toString();
    }

    /** Answers each request with these lines, and closes. */
    protected TestServer answering(String... lines) throws IOException {
        return new TestServer(connection -> {
            readHead(connection);
            connection.getOutputStream().write(String.join("\r\n", lines).getBytes(UTF_8));
        });
    }

    protected TestServer hello() throws IOException {
        return answering("HTTP/1.1 200 OK", "content-length: 5", "", "hello");
    }

    /** Answers with a head and nothing more, and keeps the connection until the other side closes it. */
    protected TestServer headOnly() throws IOException {
        return new TestServer(connection -> {
            readHead(connection);
            connection.getOutputStream().write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe".getBytes(UTF_8));
            connection.getInputStream().read();
        });
    }

    @Test
    void requestReachesAGrantedServer() throws Exception {
        try (TestServer server = hello()) {
            NetworkAccess access = NetworkAccess.to(server.address());
            assertSame(Outcome.DONE, probe(access, "request http://" + server.address() + "/path?a=b"));
            assertEquals(List.of("200 hello"), log());
            assertEquals("GET /path?a=b HTTP/1.1\nhost: " + server.address(), requests.remove());
            assertSame(Outcome.DONE, probe(access, "request http://" + server.address() + " header x-name value"));
            // The versions of WASI put the host in different places.
            assertEquals(Set.of("GET / HTTP/1.1", "host: " + server.address(), "x-name: value"),
                    Set.of(requests.remove().split("\n")));
        }
    }

    @Test
    void requestHasABody() throws Exception {
        Queue<String> bodies = new ConcurrentLinkedQueue<>();
        try (TestServer server = new TestServer(connection -> {
            byte[] request = new byte[1000];
            int length = 0;
            while (!new String(request, 0, length, UTF_8).endsWith("0\r\n\r\n")) {
                length += connection.getInputStream().read(request, length, request.length - length);
            }
            bodies.add(new String(request, 0, length, UTF_8));
            connection.getOutputStream().write("HTTP/1.1 204 No Content\r\n\r\n".getBytes(UTF_8));
        })) {
            NetworkAccess access = NetworkAccess.to(server.address());
            assertSame(Outcome.DONE, probe(access, "request http://" + server.address() + " body question"));
            assertTrue(bodies.remove().contains("question"));
            assertEquals(List.of("204 "), log());
        }
    }

    @Test
    void requestTriesEveryAddressOfAName() throws Exception {
        try (TestServer server = hello()) {
            // Where localhost is ::1 as well, nobody listens there: its second address is taken.
            String address = "localhost:" + server.port();
            assertSame(Outcome.DONE, probe(NetworkAccess.to(address), "request http://LocalHost.:" + server.port()));
            assertEquals(List.of("200 hello"), log());
        }
    }

    @Test
    void defaultDeniesRequestsAndTheLogNamesTheMissingRule() throws Exception {
        try (TestServer server = hello()) {
            assertRefused("ErrorCode::HttpRequestDenied",
                    probe(NetworkAccess.NONE, "request http://" + server.address()));
            assertEquals(List.of("a connection to " + server.address() + " was denied; \""
                    + server.address() + "\" in NetworkAccess.connect would allow it"), log());
            assertRefused("ErrorCode::HttpRequestDenied",
                    probe(NetworkAccess.to("127.0.0.1"), "request http://localhost:" + server.port()));
            assertEquals(List.of("a request to localhost:" + server.port() + " was denied; \"localhost:"
                    + server.port() + "\" in NetworkAccess.connect would allow it"), log(),
                    "a name that is not granted is not looked up");
            assertEquals(0, server.accepted());
        }
    }

    @Test
    void deniesAnotherPort() throws Exception {
        try (TestServer server = hello()) {
            NetworkAccess access = NetworkAccess.to("localhost:1", "127.0.0.1:1-" + (server.port() - 1));
            assertRefused("ErrorCode::HttpRequestDenied", probe(access, "request http://localhost:" + server.port()));
            assertEquals(List.of("a request to localhost:" + server.port() + " was denied; \"localhost:"
                    + server.port() + "\" in NetworkAccess.connect would allow it"), log());
            assertRefused("ErrorCode::HttpRequestDenied", probe(access, "request http://" + server.address()));
            assertRefused("ErrorCode::HttpRequestDenied", probe(access, "request http://localhost:0"));
            assertEquals(0, server.accepted());
        }
    }

    /** Tests names of forbidden addresses: the machine's resolver takes the numbers for 127.0.0.1. */
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0", "[::]", "127.1", "2130706433",
        "0x7f000001", "0177.0.0.1", "localhost"})
    void reachesTheLocalMachineOnlyWithItsOwnRule(String host) throws Exception {
        try (TestServer server = hello()) {
            Outcome.Failed failed = (Outcome.Failed) probe(EVERYTHING, "request http://" + host + ':' + server.port());
            assertTrue(failed.reason().contains("HttpRequestDenied") || failed.reason().contains("DnsError"),
                    failed.reason());
            assertEquals(0, server.accepted());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"169.254.169.254", "[::ffff:169.254.169.254]", "[fd00:ec2::254]", "2852039166",
        "168.63.129.16", "10.0.0.1", "192.168.1.1", "[fe80::1]"})
    void metadataAndPrivateAddressesNeedTheirOwnRule(String host) {
        Outcome.Failed failed = (Outcome.Failed) probe(EVERYTHING, "request http://" + host + "/latest/meta-data/");
        assertTrue(failed.reason().contains("HttpRequestDenied") || failed.reason().contains("DnsError"),
                failed.reason());
    }

    @Test
    void redirectNeedsItsOwnGrant() throws Exception {
        try (TestServer secret = hello();
                TestServer server = answering("HTTP/1.1 302 Found", "location: http://" + secret.address() + "/",
                        "content-length: 0", "", "")) {
            assertRefused("ErrorCode::HttpRequestDenied",
                    probe(NetworkAccess.to(server.address()), "follow http://" + server.address()));
            assertEquals(0, secret.accepted());
            assertSame(Outcome.DONE, probe(NetworkAccess.to(server.address(), secret.address()),
                    "follow http://" + server.address()));
        }
    }

    @Test
    void rejectsRequestsThatSmuggleAnother() throws Exception {
        try (TestServer server = hello()) {
            NetworkAccess access = NetworkAccess.to(server.address());
            String url = "http://" + server.address();
            for (String[] attack : new String[][] {
                {" header x-name value\\r\\nx-other:2", "HeaderError::InvalidSyntax"},
                {" header x-name\\r\\nx-other 2", "HeaderError::InvalidSyntax"},
                {" header host example.com", "HeaderError::Forbidden"},
                {" header transfer-encoding chunked", "HeaderError::Forbidden"},
                {" header connection upgrade", "HeaderError::Forbidden"},
                {"/\\r\\nx-other:2", "the path is refused"},
                {"/_HTTP/1.1", "the path is refused"},
                {"/http://example.com/", "the path is refused"},
                {" method GET\\n", "the method is refused"},
                {" method CONNECT", "ErrorCode::HttpRequestMethodInvalid"},
            }) {
                assertRefused(attack[1], probe(access, "request " + url + attack[0]));
            }
            assertRefused("ErrorCode::HttpRequestUriInvalid",
                    probe(access, "request http://user@" + server.address()));
            assertRefused("ErrorCode::HttpProtocolError", probe(access, "request ftp://" + server.address()));
            assertEquals(0, server.accepted());
        }
    }

    @ParameterizedTest
    @CsvSource({"HTTP/1.1 2oo OK,HttpProtocolError", "no HTTP at all,HttpProtocolError",
        "HTTP/1.1 200 OK\\r\\ncontent-length: 9\\r\\n\\r\\nhe,HttpResponseIncomplete", "'',HttpResponseIncomplete"})
    void malformedResponseIsAnError(String answer, String error) throws Exception {
        try (TestServer server = answering(answer.replace("\\r", "\r").replace("\\n", "\n") + "\r\n\r\n")) {
            Outcome.Failed failed = (Outcome.Failed) probe(NetworkAccess.to(server.address()),
                    "request http://" + server.address());
            assertTrue(failed.reason().contains(error) || answer.isEmpty(), failed.reason());
        }
    }

    @Test
    void missingServerIsAnErrorWithItsReason() throws Exception {
        assertRefused("ErrorCode::ConnectionRefused", probe(NetworkAccess.to("127.0.0.1"),
                "request http://127.0.0.1:" + TestServer.unusedPort()));
        assertRefused("ErrorCode::DnsError", probe(NetworkAccess.to("no-such-host.invalid"),
                "request http://no-such-host.invalid"));
        try (TestServer server = new TestServer(TestServer::reset)) {
            Outcome.Failed failed = (Outcome.Failed) probe(NetworkAccess.to(server.address()),
                    "request http://" + server.address());
            assertTrue(failed.reason().contains("ConnectionTerminated"), failed.reason());
        }
    }

    @Test
    void deadlineEndsAWaitForAResponse() throws Exception {
        try (TestServer server = new TestServer(TestServer::silence)) {
            assertDeadline(probe(NetworkAccess.to(server.address()), HASTY, "request http://" + server.address()));
            assertEquals(1, server.accepted());
        }
    }

    @Test
    void deadlineEndsAnEndlessResponseAndClosesTheConnection() throws Exception {
        try (TestServer server = new TestServer(connection -> {
            readHead(connection);
            connection.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(UTF_8));
            while (true) {
                connection.getOutputStream().write(new byte[10_000]);
                Thread.sleep(1);
            }
        })) {
            assertDeadline(probe(NetworkAccess.to(server.address()), HASTY, "request http://" + server.address()));
            Await.until("the connection's end", () -> server.open() == 0);
        }
    }

    @Test
    void guestCanHandleItsOwnTimeouts() throws Exception {
        try (TestServer server = new TestServer(TestServer::silence)) {
            assertRefused("ErrorCode::ConnectionReadTimeout", probe(NetworkAccess.to(server.address()),
                    "request http://" + server.address() + " first-byte 100"));
        }
        try (TestServer server = headOnly()) {
            assertRefused("Some(ErrorCode::ConnectionReadTimeout)", probe(NetworkAccess.to(server.address()),
                    "request http://" + server.address() + " between-bytes 100"));
        }
    }

    @Test
    void requestsAndSocketsShareOneLimit() throws Exception {
        try (TestServer server = headOnly()) {
            NetworkAccess access = NetworkAccess.to(server.address());
            String url = "http://" + server.address();
            assertSame(Outcome.DONE, probe(access, "requests 100 " + url));
            assertRefused("ErrorCode::ConnectionLimitReached", probe(access, "requests 200 " + url));
            assertEquals(List.of("a guest may have 128 sockets at a time, and has them"), log());
            assertSame(Outcome.DONE, probe(access, "sockets-and-requests 64 " + server.address()));
            assertTrue(probe(access, "sockets-and-requests 65 " + server.address()) instanceof Outcome.Failed);
            Await.until("the connections' end", () -> server.open() == 0);
        }
    }
}
