package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import ch.qos.logback.classic.Level;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.TestServer;
import io.github.wasmton.testing.TlsIdentity;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests requests by https of WASI 0.2 and 0.3, and the certificates that they accept. */
@ParameterizedClass
@ValueSource(strings = {"probe", "async-component"})
class HttpsTest {
    @Parameter
    String name;

    @TempDir
    private static Path folder;
    private static TlsIdentity localhost;
    private static TlsIdentity stranger;

    private final GuestLogCapture log = new GuestLogCapture(Level.INFO);

    /** Starts a server that shows a certificate and answers hello. */
    private static TestServer server(TlsIdentity identity) throws Exception {
        return new TestServer(identity.context().getServerSocketFactory().createServerSocket(0, 50,
                InetAddress.getByName("127.0.0.1")), HttpsTest::hello);
    }

    private static void hello(Socket connection) throws Exception {
        byte[] request = new byte[1000];
        int length = 0;
        while (!new String(request, 0, length, UTF_8).endsWith("\r\n\r\n")) {
            length += connection.getInputStream().read(request, length, request.length - length);
        }
        connection.getOutputStream().write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello".getBytes(UTF_8));
        connection.getOutputStream().flush();
    }

    @BeforeAll
    static void makeIdentities() throws Exception {
        localhost = TlsIdentity.make(folder, "localhost");
        stranger = TlsIdentity.make(folder, "stranger.example");
    }

    @AfterEach
    void stop() {
        log.close();
    }

    private Outcome request(NetworkAccess access, String task) {
        GuestOptions options = GuestOptions.DEFAULT.withNetwork(access).withDeadline(Await.LIMIT);
        try (GuestModule module = GuestModule.load(guest(name), options); Guest guest = module.instantiate()) {
            return guest.process(task("request https://" + task));
        }
    }

    private static void assertRefused(String error, Outcome outcome) {
        assertTrue(((Outcome.Failed) outcome).reason().startsWith("Other: ErrorCode::" + error), outcome.toString());
    }

    @Test
    void acceptsAServerOfANamedAuthority() throws Exception {
        try (TestServer server = server(localhost)) {
            String address = "localhost:" + server.port();
            NetworkAccess access = NetworkAccess.to(address).withCaFile(localhost.certificate());
            assertSame(Outcome.DONE, request(access, address));
            assertEquals(List.of("200 hello"), log.take());
        }
    }

    @Test
    void rejectsAnUnknownAuthorityAndTheLogSaysHowToAddIt() throws Exception {
        try (TestServer server = server(localhost)) {
            String address = "localhost:" + server.port();
            for (NetworkAccess access : List.of(NetworkAccess.to(address),
                    NetworkAccess.to(address).withCaFile(stranger.certificate()))) {
                assertRefused("TlsCertificateError", request(access, address));
                String line = log.take().get(0);
                assertTrue(line.startsWith("the certificate of " + address + " was not accepted: "), line);
                assertTrue(line.endsWith("; NetworkAccess.caFile would add an authority"), line);
            }
        }
    }

    @Test
    void rejectsACertificateForAnotherName() throws Exception {
        try (TestServer server = server(stranger)) {
            String address = "localhost:" + server.port();
            assertRefused("TlsCertificateError",
                    request(NetworkAccess.to(address).withCaFile(stranger.certificate()), address));
        }
        try (TestServer server = server(localhost)) {
            assertRefused("TlsCertificateError", request(
                    NetworkAccess.to(server.address()).withCaFile(localhost.certificate()), server.address()));
        }
    }

    @Test
    void serverWithoutTlsIsAnError() throws Exception {
        try (TestServer server = new TestServer(connection ->
                connection.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(UTF_8)))) {
            assertRefused("TlsProtocolError", request(NetworkAccess.to(server.address()), server.address()));
        }
        try (TestServer server = new TestServer(TestServer::silence)) {
            assertRefused("ConnectionTimeout",
                    request(NetworkAccess.to(server.address()), server.address() + " connect 100"));
        }
    }

    @Test
    void checksTheGrantFirst() throws Exception {
        try (TestServer server = server(localhost)) {
            assertRefused("HttpRequestDenied", request(NetworkAccess.NONE.withCaFile(localhost.certificate()),
                    "localhost:" + server.port()));
            assertEquals(0, server.accepted());
        }
    }

    @Test
    void rejectsAFileWithoutCertificatesAtOnce() throws Exception {
        Path none = folder.resolve("none.pem");
        assertTrue(refusal(none).startsWith("the certificates in '" + none + "' cannot be used: "), refusal(none));
        Files.writeString(none, "nothing\n");
        assertTrue(refusal(none).contains("there is none in the form PEM"), refusal(none));
        Files.writeString(none, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assertTrue(refusal(none).contains("cannot be used"), refusal(none));
    }

    private static String refusal(Path file) {
        return assertThrows(IllegalArgumentException.class, () -> NetworkAccess.NONE.withCaFile(file)).getMessage();
    }
}
