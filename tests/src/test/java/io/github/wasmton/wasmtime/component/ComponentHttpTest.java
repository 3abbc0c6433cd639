package io.github.wasmton.wasmtime.component;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.HttpCases;
import io.github.wasmton.testing.ProbeRuns;
import io.github.wasmton.testing.ProbeStore;
import io.github.wasmton.testing.TestServer;
import io.github.wasmton.testing.TlsIdentity;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/** Tests requests of components in a Store. */
class ComponentHttpTest extends HttpCases {
    private final ProbeRuns runs = new ProbeRuns(false);

    @Override
    protected Outcome probe(NetworkAccess access, Duration deadline, String task) {
        return runs.run(access, deadline, task);
    }

    @Override
    protected List<String> log() {
        return runs.takeLog();
    }

    @Test
    void httpsNeedsACertificateOfATrustedAuthority(@TempDir Path folder) throws Exception {
        TlsIdentity localhost = TlsIdentity.make(folder, "localhost");
        try (TestServer server = new TestServer(localhost.context().getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getByName("127.0.0.1")), connection -> {
                    readHead(connection);
                    connection.getOutputStream().write("HTTP/1.1 204 No Content\r\n\r\n".getBytes(UTF_8));
                    connection.getOutputStream().flush();
                })) {
            String address = "localhost:" + server.port();
            NetworkAccess access = NetworkAccess.to(address);
            assertRefused("ErrorCode::TlsCertificateError", probe(access, "request https://" + address));
            String refusal = log().get(0);
            assertTrue(refusal.endsWith("; NetworkAccess.caFile would add an authority"), refusal);
            assertSame(Outcome.DONE,
                    probe(access.withCaFile(localhost.certificate()), "request https://" + address));
        }
    }

    @Test
    void connectionsEndWithTheStore() throws Exception {
        try (TestServer server = headOnly()) {
            WasiConfig config = WasiConfig.builder().network(NetworkAccess.to(server.address())).build();
            ProbeStore probe = new ProbeStore(config, false);
            probe.process(Await.LIMIT, "forget-requests 20 http://" + server.address());
            Await.until("the connections", () -> server.open() == 20);
            probe.close();
            Await.until("the connections' end", () -> server.open() == 0);
        }
    }
}
