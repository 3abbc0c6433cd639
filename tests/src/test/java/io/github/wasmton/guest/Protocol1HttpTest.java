package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import ch.qos.logback.classic.Level;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.FullBacklog;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.TestServer;
import io.github.wasmton.testing.TlsIdentity;
import io.github.wasmton.wasmtime.WasmtimeException;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests HTTP by protocol 1: by the SDKs, with the probe of each language, and attacks on it. */
class Protocol1HttpTest {
    private static final Duration HASTY = Duration.ofMillis(500);

    private final GuestLogCapture log = new GuestLogCapture(Level.INFO);
    /** The requests that arrived, head and body. */
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();
    @TempDir
    private Path folder;

    @AfterEach
    void stop() {
        log.close();
    }

    private static GuestOptions options(NetworkAccess access) {
        return GuestOptions.DEFAULT.withNetwork(access).withDeadline(Await.LIMIT);
    }

    private static Outcome process(String probe, GuestOptions options, String task) {
        try (GuestModule module = GuestModule.load(guest(probe), options); Guest guest = module.instantiate()) {
            return guest.process(task(task));
        }
    }

    private static Outcome process(NetworkAccess access, String task) {
        return process("probe-c", options(access), task);
    }

    /** Asserts the number of a failure and a word of its reason. */
    private static void assertFailure(int number, String reason, Outcome outcome) {
        Outcome.Failed failed = (Outcome.Failed) outcome;
        assertEquals(Outcome.Kind.SKIP, failed.kind(), failed.reason());
        assertTrue(failed.reason().startsWith("http " + number + ": ") && failed.reason().contains(reason),
                failed.reason());
    }

    private void readRequest(Socket connection) throws IOException {
        InputStream in = connection.getInputStream();
        StringBuilder head = new StringBuilder();
        for (int next = in.read(); next >= 0 && head.indexOf("\r\n\r\n") < 0; next = in.read()) {
            head.append((char) next);
            if (head.indexOf("\r\n\r\n") >= 0) {
                break;
            }
        }
        String text = head.toString().strip();
        String length = text.replaceFirst("(?s).*content-length: ([0-9]+).*", "$1");
        String body = length.equals(text) ? "" : new String(in.readNBytes(Integer.parseInt(length)), UTF_8);
        requests.add(text.replace("\r\n", "\n") + '\n' + body);
    }

    private TestServer answering(String answer) throws IOException {
        return new TestServer(connection -> {
            readRequest(connection);
            connection.getOutputStream().write(answer.getBytes(UTF_8));
        });
    }

    private TestServer hello() throws IOException {
        return answering("HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx-one: 1\r\nX-Two: \r\n\r\nhello");
    }

    @ParameterizedTest
    @ValueSource(strings = {"probe-assemblyscript", "probe-c", "probe-cpp", "probe-go", "probe-rust", "probe-zig"})
    void eachLanguageSendsRequestsAndReadsResponses(String probe) throws Exception {
        String large = "x".repeat(300_000);
        String large2 = "HTTP/1.1 500 Trouble\r\nx-big: " + "y".repeat(6_000) + "\r\n\r\n" + large;
        try (TestServer server = hello(); TestServer other = answering(large2)) {
            GuestOptions options = options(NetworkAccess.to(server.address(), other.address()));
            try (GuestModule module = GuestModule.load(guest(probe), options); Guest guest = module.instantiate()) {
                String url = "http://" + server.address();
                assertSame(Outcome.DONE, guest.process(task("http GET " + url + "/path?a=b -1 - accept text/plain")));
                assertEquals(List.of("200 hello x-one=1 x-two="), log.take());
                assertEquals("GET /path?a=b HTTP/1.1\naccept: text/plain\nhost: " + server.address() + "\n",
                        requests.remove());
                assertSame(Outcome.DONE, guest.process(task("http POST " + url + " 60000 question x-name value")));
                assertEquals("POST / HTTP/1.1\nx-name: value\nhost: " + server.address()
                        + "\ncontent-length: 8\nquestion", requests.remove());
                assertEquals(List.of("200 hello x-one=1 x-two="), log.take());

                assertSame(Outcome.DONE, guest.process(task("http GET http://" + other.address() + " -1 -")));
                assertEquals(List.of("500 300000 bytes x-big=" + "y".repeat(6_000)), log.take());
                assertEquals(1, other.accepted(), "a response that does not fit the buffer is not asked for again");

                assertFailure(-1, "--allow-net", guest.process(task("http GET http://127.0.0.1:1 -1 -")));
                assertFailure(-2, "URL", guest.process(task("http GET ftp://" + server.address() + " -1 -")));
                assertSame(Outcome.DONE, guest.process(task("http GET " + url + " -1 -")));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"probe-assemblyscript", "probe-c", "probe-cpp", "probe-go", "probe-rust", "probe-zig"})
    void eachLanguageCanSetATimeout(String probe) throws Exception {
        try (TestServer server = new TestServer(TestServer::silence)) {
            assertFailure(-6, "time", process(probe, options(NetworkAccess.to(server.address())),
                    "http GET http://" + server.address() + " 200 -"));
        }
    }

    @Test
    void defaultDeniesRequestsAndTheLogNamesTheMissingRule() throws Exception {
        try (TestServer server = hello()) {
            assertFailure(-1, "--allow-net", process(NetworkAccess.NONE,
                    "http GET http://" + server.address() + " -1 -"));
            assertEquals(List.of("a connection to " + server.address() + " was denied; \"" + server.address()
                    + "\" in NetworkAccess.connect would allow it"), log.take());
            assertFailure(-1, "", process(NetworkAccess.to("127.0.0.1"),
                    "http GET http://localhost:" + server.port() + " -1 -"));
            assertFailure(-1, "", process(NetworkAccess.to("0.0.0.0/0"), "http GET http://169.254.169.254/ -1 -"));
            assertEquals(0, server.accepted());
        }
    }

    @Test
    void standInAnswersInTheNameOfAnotherServer() throws Exception {
        try (TestServer server = hello()) {
            NetworkAccess access = NetworkAccess.to("api.example=" + server.address());
            assertSame(Outcome.DONE, process(access, "http GET https://api.example/x -1 -"));
            assertTrue(requests.remove().contains("host: api.example\n"));
        }
    }

    @Test
    void rejectsRequestsThatSmuggleAnother() throws Exception {
        try (TestServer server = hello()) {
            NetworkAccess access = NetworkAccess.to(server.address());
            String get = "http GET http://" + server.address();
            for (String[] attack : new String[][] {
                {get + " -1 - x-name value\r\nx-other:2", "the value of the header x-name is invalid"},
                {get + " -1 - x-name\r\nx-other 2", "is no name of a header"},
                {get + " -1 - host example.com", "the header host is Wasmton's to set"},
                {get + " -1 - transfer-encoding chunked", "the header transfer-encoding is Wasmton's to set"},
                {get + " -1 - expect 100-continue", "the header expect is Wasmton's to set"},
                {get + " -1 body content-length 3", "the header content-length is not 4, the length of the body"},
                {get + "/\r\nx-other:2 -1 -", "is not valid"},
                {get + " -1 - x " + "y".repeat(16 * 1024), "the headers have more than 16384 bytes"},
                {"http G\r\nT http://" + server.address() + " -1 -", "is no method"},
                {"http CONNECT http://" + server.address() + " -1 -", ""},
                {"http GET http://user@" + server.address() + " -1 -", ""},
                {"http GET /path -1 -", "does not begin with http:// or https://"},
            }) {
                assertFailure(-2, attack[1], process(access, attack[0]));
            }
            assertEquals(0, server.accepted());
            assertSame(Outcome.DONE, process(access, get + " -1 body content-length 4"));
        }
    }

    @Test
    void missingServerIsAFailureWithItsReason() throws Exception {
        assertFailure(-4, "refused", process(NetworkAccess.to("127.0.0.1"),
                "http GET http://127.0.0.1:" + TestServer.unusedPort() + " -1 -"));
        assertFailure(-3, "no such name", process(NetworkAccess.to("no-such-host.invalid"),
                "http GET http://no-such-host.invalid -1 -"));
        try (TestServer server = new TestServer(TestServer::reset)) {
            assertFailure(-4, "broke off", process(NetworkAccess.to(server.address()),
                    "http GET http://" + server.address() + " -1 -"));
        }
        try (TestServer server = answering("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhe")) {
            assertFailure(-4, "broke off", process(NetworkAccess.to(server.address()),
                    "http GET http://" + server.address() + " -1 -"));
        }
        try (TestServer server = answering("no HTTP at all\r\n\r\n")) {
            assertFailure(-8, "", process(NetworkAccess.to(server.address()),
                    "http GET http://" + server.address() + " -1 -"));
        }
        try (TestServer server = answering("HTTP/1.1 200 OK\r\nx: " + "y".repeat(1_000_000) + "\r\n\r\n")) {
            assertFailure(-7, "", process(NetworkAccess.to(server.address()),
                    "http GET http://" + server.address() + " -1 -"));
        }
    }

    @Test
    void connectTimesOutBeforeTheDeadline() throws Exception {
        try (FullBacklog full = new FullBacklog()) {
            assertFailure(-6, "in time", process("probe-c",
                    options(NetworkAccess.to(full.address())).withDeadline(Duration.ofSeconds(2)),
                    "http GET http://" + full.address() + " -1 -"));
        }
    }

    @Test
    void deadlineEndsAWaitForAResponseAndClosesTheConnection() throws Exception {
        try (TestServer silent = new TestServer(TestServer::silence);
                TestServer endless = new TestServer(connection -> {
                    readRequest(connection);
                    connection.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(UTF_8));
                    while (true) {
                        connection.getOutputStream().write(new byte[1_000]);
                        Thread.sleep(1);
                    }
                })) {
            GuestOptions options = options(NetworkAccess.to(silent.address(), endless.address())).withDeadline(HASTY);
            for (TestServer server : List.of(silent, endless)) {
                Outcome.Failed failed = (Outcome.Failed) process("probe-c", options,
                        "http GET http://" + server.address() + " -1 -");
                assertEquals(Outcome.Kind.DEADLINE, failed.kind(), failed.toString());
                assertEquals(1, server.accepted());
            }
            Await.until("the connection's end", () -> endless.open() == 0);
        }
    }

    @Test
    void responseCountsAsMemoryOfTheHost() throws Exception {
        String body = "x".repeat(3_000_000);
        try (TestServer server = answering("HTTP/1.1 200 OK\r\ncontent-length: 3000000\r\n\r\n" + body)) {
            GuestOptions options = options(NetworkAccess.to(server.address()));
            String task = "http GET http://" + server.address() + " -1 -";
            GuestLimits small = options.limits().withHostMemory(2 * 1024 * 1024);
            assertFailure(-7, "more bytes", process("probe-c", options.withLimits(small), task));
            assertTrue(log.take().get(0).contains("GuestLimits.hostMemory"));
            try (GuestModule module = GuestModule.load(guest("probe-c"),
                    options.withLimits(options.limits().withHostMemory(4 * 1024 * 1024)));
                    Guest guest = module.instantiate()) {
                for (int i = 0; i < 5; i++) {
                    assertSame(Outcome.DONE, guest.process(task(task)));
                    assertEquals(0, module.hostMemoryInUse());
                }
            }
        }
    }

    @Test
    void tlsIsWasmtons() throws Exception {
        TlsIdentity localhost = TlsIdentity.make(folder, "localhost");
        try (TestServer server = new TestServer(localhost.context().getServerSocketFactory().createServerSocket(0, 50,
                InetAddress.getByName("127.0.0.1")), connection -> {
                    readRequest(connection);
                    connection.getOutputStream().write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
                            .getBytes(UTF_8));
                    connection.getOutputStream().flush();
                })) {
            String address = "localhost:" + server.port();
            String task = "http GET https://" + address + " -1 -";
            assertSame(Outcome.DONE, process(NetworkAccess.to(address).withCaFile(localhost.certificate()), task));
            assertEquals(List.of("200 hello"), log.take());
            assertFailure(-5, "certificate", process(NetworkAccess.to(address), task));
            assertTrue(log.take().get(0).startsWith("the certificate of " + address + " was not accepted: "));
        }
    }

    private Outcome run(String imports, String body) throws IOException {
        Path file = Files.writeString(folder.resolve("guest.wat"), """
                (module
                  (import "wasmton_v1" "next" (func $next (param i32 i32) (result i32)))
                  (import "wasmton_v1" "http_send" (func $send (param i32 i32 i32 i32) (result i32)))
                  (import "wasmton_v1" "http_read" (func $read (param i32 i32) (result i32)))
                  (memory (export "memory") 1)
                """ + imports + "(func (export \"run\") " + body + "))");
        try (GuestModule module = GuestModule.load(file, GuestOptions.DEFAULT); Guest guest = module.instantiate()) {
            return guest.process(task("abc"));
        }
    }

    @Test
    void misuseIsATrapThatSaysWhatIsWrong() throws Exception {
        String take = "(drop (call $next (i32.const 1024) (i32.const 8192)))";
        String[][] calls = {
            {"http_send was called while there was no task",
                "(drop (call $send (i32.const 0) (i32.const 20) (i32.const 0) (i32.const 0)))"},
            {"http_send got 19 bytes that are no packed request",
                take + "(drop (call $send (i32.const 0) (i32.const 19) (i32.const 0) (i32.const 0)))"},
            {"http_send's request of 20 bytes at 65530",
                take + "(drop (call $send (i32.const 65530) (i32.const 20) (i32.const 0) (i32.const 0)))"},
            {"http_send's buffer of 2 bytes at 65535",
                take + "(drop (call $send (i32.const 0) (i32.const 20) (i32.const 65535) (i32.const 2)))"},
            {"http_read's buffer of 2 bytes at 65535", "(drop (call $read (i32.const 65535) (i32.const 2)))"},
        };
        for (String[] call : calls) {
            Outcome.Failed failure = (Outcome.Failed) run("", call[1]);
            assertEquals(Outcome.Kind.TRAP, failure.kind(), failure.toString());
            assertTrue(failure.reason().startsWith(call[0]), failure.reason());
        }
    }

    @Test
    void reasonOfAFailureIsReadOnceAndEndsWithTheTask() throws Exception {
        // An empty URL is invalid. The reason waits until it fits the buffer, or the task ends.
        String send = "(if (i32.ne (call $send (i32.const 0) (i32.const 20) (i32.const 0) (i32.const 0))"
                + " (i32.const -2)) (then (unreachable)))";
        String read = "(if (i32.%s (call $read (i32.const 0) (i32.const %d)) (i32.const 0)) (then (unreachable)))";
        assertSame(Outcome.DONE, run("", "(drop (call $next (i32.const 1024) (i32.const 8192)))" + send
                + read.formatted("lt_s", 3) + read.formatted("lt_s", 1000) + read.formatted("ge_s", 1000)
                + "(memory.fill (i32.const 0) (i32.const 0) (i32.const 1024))" + send
                + "(drop (call $next (i32.const 1024) (i32.const 8192)))" + read.formatted("ge_s", 1000)));
    }

    @Test
    void noRequestIsSentWhileTheGuestStarts() {
        String message = assertThrows(WasmtimeException.class, () -> run("(func $start (drop (call $send (i32.const 0)"
                + " (i32.const 20) (i32.const 0) (i32.const 0)))) (start $start)", "")).getMessage();
        assertTrue(message.contains("http_send was called while there was no task"), message);
    }
}
