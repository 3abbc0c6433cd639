package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.guest;
import static io.github.wasmton.testing.TestGuests.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.time.Duration;
import java.util.List;

import ch.qos.logback.classic.Level;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.FullBacklog;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.HttpCases;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.TestServer;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests requests of guests by wasi:http of WASI 0.2 and 0.3. TLS is in {@link HttpsTest}. */
@ParameterizedClass
@ValueSource(strings = {"probe", "async-component"})
class HttpAccessTest extends HttpCases {
    @Parameter
    String name;

    private final GuestLogCapture log = new GuestLogCapture(Level.INFO);

    @AfterEach
    void stop() {
        log.close();
    }

    @Override
    protected Outcome probe(NetworkAccess access, Duration deadline, String task) {
        return TestGuests.run(name, access, deadline, task);
    }

    @Override
    protected List<String> log() {
        return log.take();
    }

    @Test
    void connectTimesOutBeforeTheDeadlineAndTheGuestCanHandleIt() throws Exception {
        try (FullBacklog full = new FullBacklog()) {
            String address = full.address();
            NetworkAccess access = NetworkAccess.to(address);
            assertRefused("ErrorCode::ConnectionTimeout", probe(access, "request http://" + address + " connect 100"));
            assertRefused("ErrorCode::ConnectionTimeout",
                    probe(access, Duration.ofSeconds(2), "request http://" + address));
        }
    }

    @Test
    void connectionsCloseWithTheResponseOrTheInstance() throws Exception {
        try (TestServer server = headOnly()) {
            GuestOptions options = GuestOptions.DEFAULT.withNetwork(NetworkAccess.to(server.address()));
            try (GuestModule module = GuestModule.load(guest(name), options); Guest guest = module.instantiate()) {
                guest.process(task("requests 20 http://" + server.address()));
                Await.until("the connections' end", () -> server.open() == 0);
                guest.process(task("forget-requests 20 http://" + server.address()));
                Await.until("the connections", () -> server.open() == 20);
                guest.process(task("panic"));
                Await.until("the connections' end", () -> server.open() == 0);
                guest.process(task("forget-requests 20 http://" + server.address()));
                Await.until("the connections", () -> server.open() == 20);
            }
            Await.until("the connections' end", () -> server.open() == 0);
        }
    }

    @Test
    void guestCanMakeAnyNumberOfRequestsInTurn() throws Exception {
        try (TestServer server = hello()) {
            GuestOptions options = GuestOptions.DEFAULT.withNetwork(NetworkAccess.to(server.address()));
            try (GuestModule module = GuestModule.load(guest(name), options); Guest guest = module.instantiate()) {
                for (int i = 0; i < 300; i++) {
                    assertSame(Outcome.DONE, guest.process(task("request http://" + server.address())));
                }
            }
            assertEquals(300, server.accepted());
        }
    }
}
