package io.github.wasmton.wasmtime.component;

import static io.github.wasmton.testing.TestGuests.assertDeadline;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;

import io.github.wasmton.guest.Outcome;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.FullBacklog;
import io.github.wasmton.testing.NetworkCases;
import io.github.wasmton.testing.ProbeRuns;
import io.github.wasmton.testing.ProbeStore;
import io.github.wasmton.testing.TestServer;
import io.github.wasmton.wasmtime.WasmtimeException;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.Wasi;
import io.github.wasmton.wasmtime.wasi.WasiConfig;

/** Tests sockets of components in a Store. */
class ComponentNetworkTest extends NetworkCases {
    private final ProbeRuns runs = new ProbeRuns(false);

    @Override
    protected Outcome probe(NetworkAccess access, Duration deadline, String... tasks) {
        return runs.run(access, deadline, tasks);
    }

    @Override
    protected List<String> log() {
        return runs.takeLog();
    }

    private static ProbeStore store(NetworkAccess access) {
        return new ProbeStore(WasiConfig.builder().network(access).build(), false);
    }

    @Test
    void deadlineAndInterruptEndAConnectionThatComesToNothing() throws Exception {
        try (FullBacklog full = new FullBacklog()) {
            NetworkAccess access = NetworkAccess.to(full.address());
            assertDeadline(probe(access, HASTY, "connect " + full.address()));
            assertDeadline(probe(access, HASTY, "request http://" + full.address()));
            try (ProbeStore probe = store(access)) {
                probe.store().setInterruptible(true);
                Thread.currentThread().interrupt();
                assertDeadline(probe.process(Await.LIMIT, "connect " + full.address()));
                assertTrue(Thread.interrupted());
            }
        }
    }

    @Test
    void componentHandlesItsOwnTimeout() throws Exception {
        try (FullBacklog full = new FullBacklog()) {
            NetworkAccess access = NetworkAccess.to(full.address());
            assertSkipped("TimedOut", probe(access, "connect-within " + full.address() + " 100"));
        }
    }

    @Test
    void connectionsLastUntilTheStoreIsClosed() throws Exception {
        try (TestServer server = new TestServer(connection -> connection.getInputStream().read())) {
            ProbeStore probe = store(NetworkAccess.to(server.address()));
            assertSame(Outcome.DONE, probe.process(Await.LIMIT, "forget 50 " + server.address()));
            Await.until("the connections", () -> server.open() == 50);
            assertEquals(List.of(), probe.wasi().refusals());
            probe.close();
            Await.until("the connections' end", () -> server.open() == 0);
            assertThrows(IllegalStateException.class, () -> probe.wasi().refusals());
            assertThrows(IllegalStateException.class, () -> probe.call("forget 1 " + server.address()));
        }
    }

    /** Tests that a new context closes what the old one had open. */
    @Test
    void anotherWasiReplacesTheGrantsAndTheConnections() throws Exception {
        try (TestServer server = new TestServer(connection -> connection.getInputStream().read());
             ProbeStore probe = store(NetworkAccess.to(server.address()))) {
            assertSame(Outcome.DONE, probe.process(Await.LIMIT, "forget 1 " + server.address()));
            Await.until("the connection", () -> server.open() == 1);
            Wasi other = new Wasi(probe.store(), WasiConfig.EMPTY);
            Await.until("the connection's end", () -> server.open() == 0);
            // The component has numbers of the old context.
            WasmtimeException e =
                    assertThrows(WasmtimeException.class, () -> probe.call("connect " + server.address()));
            assertEquals("resource not present", e.getMessage());
            assertEquals(List.of(), other.refusals());
        }
    }

    @Test
    void refusalsAreKeptOnceAndUpTo100() {
        try (ProbeStore probe = store(NetworkAccess.NONE)) {
            for (int port = 1; port <= 110; port++) {
                assertSkipped("PermissionDenied", probe.process(Await.LIMIT, "connect 127.0.0.1:" + port));
                assertSkipped("PermissionDenied", probe.process(Await.LIMIT, "connect 127.0.0.1:" + port));
            }
            List<String> refusals = probe.wasi().refusals();
            assertEquals(100, refusals.size());
            assertEquals("a connection to 127.0.0.1:1 was denied; \"127.0.0.1:1\" in NetworkAccess.connect would "
                    + "allow it", refusals.get(0));
            assertThrows(UnsupportedOperationException.class, () -> refusals.add("more"));
        }
    }
}
