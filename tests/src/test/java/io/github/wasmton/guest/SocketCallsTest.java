package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import ch.qos.logback.classic.Level;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.GuestLogCapture;
import io.github.wasmton.testing.TestServer;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import io.github.wasmton.wasmtime.wasi.PreopenDir;
import io.github.wasmton.wasmtime.wasi.WasiConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** WasmEdge's socket calls by themselves, in both versions, as a C program makes them. */
class SocketCallsTest {
    private static final int AGAIN = 6;
    private static final int BADF = 8;
    private static final int FAULT = 21;
    private static final int INVAL = 28;
    private static final int ACCES = 2;

    private final GuestLogCapture log = new GuestLogCapture(Level.INFO);

    @AfterEach
    void stop() {
        log.close();
    }

    /**
     * A module that makes calls in turn and returns the number, from 1001 on, of the first with an unexpected result.
     * An address lies at 16: 4 bytes at 64, which are 127.0.0.1; one of 128 bytes at 24: at 256, with the same in it;
     * an iovec at 32: 16 bytes at 512.
     */
    private static final class Script {
        private final StringBuilder imports = new StringBuilder(
                "(import \"decaton\" \"poll_task\" (func $poll_task (param i64 i32) (result i32)))");
        private final StringBuilder steps = new StringBuilder();
        private int step = 1000;

        Script use(String name, int parameters) {
            return use(name, name, parameters);
        }

        Script use(String own, String name, int parameters) {
            imports.append("(import \"wasi_snapshot_preview1\" \"").append(name).append("\" (func $").append(own)
                    .append(" (param").append(" i32".repeat(parameters)).append(") (result i32)))\n");
            return this;
        }

        /** A function's result; its arguments are numbers or expressions. */
        Script call(int expected, String name, Object... arguments) {
            StringBuilder call = new StringBuilder("(call $").append(name);
            for (Object argument : arguments) {
                call.append(' ').append(argument instanceof Integer ? "(i32.const " + argument + ')' : argument);
            }
            return check(expected, call.append(')').toString());
        }

        Script check(int expected, String expression) {
            steps.append("(if (i32.ne (i32.const ").append(expected).append(") ").append(expression)
                    .append(") (then (return (i32.const ").append(++step).append("))))\n");
            return this;
        }

        /** Adds a check of a number in the memory. */
        Script expect(int value, int at) {
            return check(value, "(i32.load (i32.const " + at + "))");
        }

        Script store(int at, Object value) {
            steps.append("(i32.store (i32.const ").append(at).append(") ")
                    .append(value instanceof Integer ? "(i32.const " + value + ')' : value).append(")\n");
            return this;
        }

        String wat() {
            return "(module " + imports + """
                    (memory (export "memory") 1)
                    (data (i32.const 16) "\\40\\00\\00\\00\\04\\00\\00\\00\\00\\01\\00\\00\\80\\00\\00\\00")
                    (data (i32.const 32) "\\00\\02\\00\\00\\10\\00\\00\\00")
                    (data (i32.const 64) "\\7f\\00\\00\\01")
                    (data (i32.const 256) "\\01\\00\\7f\\00\\00\\01")
                    (data (i32.const 512) "hello\\n")
                    (func (export "run") (result i32)
                      (drop (call $poll_task (i64.const 9000) (i32.const 100)))
                    """ + steps + "(i32.const 0)))";
        }

        void run(GuestOptions options) {
            try (GuestModule module = Wasm.guest(wat(), options); Guest guest = module.instantiate()) {
                assertEquals(Outcome.DONE, guest.process(task("")), () -> wat());
            }
        }
    }

    private static final String FD = "(i32.load (i32.const 0))";

    private static GuestOptions to(String... rules) {
        return GuestOptions.DEFAULT.withNetwork(NetworkAccess.to(rules));
    }

    @Test
    void version1HasItsCalls() throws Exception {
        try (TestServer server = new TestServer(TestServer::echoOnce)) {
            new Script().use("sock_open", 3).use("sock_connect", 3).use("sock_send", 5).use("sock_recv", 6)
                    .use("sock_getpeeraddr", 4).use("sock_getlocaladdr", 4).use("sock_shutdown", 2)
                    .use("sock_recv_from", 7).use("sock_accept", 2).use("sock_getsockopt", 5)
                    .use("fd_close", 1)
                    .call(0, "sock_open", 1, 2, 0)
                    .call(0, "sock_connect", FD, 16, server.port())
                    .call(0, "sock_getpeeraddr", FD, 16, 600, 604)
                    .expect(4, 600).expect(server.port(), 604)
                    .call(0, "sock_getlocaladdr", FD, 16, 600, 604)
                    .expect(4, 600).expect(0x0100007f, 64)
                    // The length of an option: a pointer to it.
                    .store(608, 4)
                    .call(0, "sock_getsockopt", FD, 0, 1, 612, 608)
                    .expect(2, 612).expect(4, 608)
                    .store(36, 6)
                    .call(0, "sock_send", FD, 32, 1, 0, 700).expect(6, 700)
                    .store(32, 800).store(36, 3)
                    .call(0, "sock_recv", FD, 32, 1, 1, 700, 704).expect(3, 700)  // peeks
                    .call(0, "sock_recv", FD, 32, 1, 0, 700, 704).expect(3, 700)
                    .store(36, 100)
                    .call(0, "sock_recv_from", FD, 32, 1, 16, 0, 700, 704).expect(3, 700).expect(0x000a6f6c, 800)
                    .call(0, "sock_recv", FD, 32, 1, 0, 700, 704).expect(0, 700)
                    .call(0, "sock_shutdown", FD, 3)
                    .call(0, "fd_close", FD)
                    .call(BADF, "fd_close", FD)
                    .call(BADF, "sock_send", FD, 32, 1, 0, 700)
                    .run(to(server.address()));
        }
    }

    @Test
    void version2IsRecognizedByTypesAndNames() throws Exception {
        for (String suffix : List.of("", "_v2")) {
            try (TestServer server = new TestServer(TestServer::echoOnce)) {
                new Script().use("open", "sock_open" + suffix, 3).use("connect", "sock_connect" + suffix, 3)
                        .use("peer", "sock_getpeeraddr" + suffix, 3).use("local", "sock_getlocaladdr" + suffix, 3)
                        .use("from", "sock_recv_from" + suffix, 8).use("to", "sock_send_to" + suffix, 7)
                        .use("accept", "sock_accept" + suffix, 3).use("getsockopt", "sock_getsockopt" + suffix, 5)
                        .use("setsockopt", "sock_setsockopt" + suffix, 5)
                        .use("fd_fdstat_get", 2).use("fd_fdstat_set_flags", 2).use("fd_write", 4).use("fd_read", 4)
                        .call(0, "open", 1, 2, 0)
                        .call(0, "connect", FD, 24, server.port())
                        .call(0, "peer", FD, 24, 604).expect(server.port(), 604).expect(0x007f0001, 256)
                        .call(INVAL, "peer", FD, 16, 604)
                        .call(0, "local", FD, 24, 604)
                        // The length of an option: itself, and as a pointer.
                        .store(612, 0)
                        .call(0, "getsockopt", FD, 0, 1, 612, 4).expect(2, 612)
                        .call(0, "getsockopt", FD, 0, 2, 612, 4).expect(0, 612)
                        .store(612, 1).store(620, 4)
                        .call(0, "setsockopt", FD, 0, 7, 612, 4)
                        .call(0, "setsockopt", FD, 0, 7, 612, 620)
                        .call(0, "fd_fdstat_get", FD, 640).check(6, "(i32.load8_u (i32.const 640))")
                        .check(0, "(i32.load16_u (i32.const 642))")
                        .call(0, "fd_fdstat_set_flags", FD, 4)
                        .call(0, "fd_fdstat_get", FD, 640).check(4, "(i32.load16_u (i32.const 642))")
                        .store(36, 6)
                        .call(AGAIN, "fd_read", FD, 32, 1, 700)
                        .call(0, "fd_write", FD, 32, 1, 700).expect(6, 700)
                        .call(0, "fd_fdstat_set_flags", FD, 0)
                        .store(32, 800).store(36, 100)
                        .call(0, "from", FD, 32, 1, 24, 0, 708, 700, 704)
                        .expect(6, 700).expect(server.port(), 708).expect(0x6c6c6568, 800)
                        .run(to(server.address()));
            }
        }
    }

    @Test
    void badPointersAreErrors() throws Exception {
        new Script().use("sock_open", 3).use("sock_connect", 3).use("sock_send", 5).use("sock_getaddrinfo", 8)
                .call(FAULT, "sock_open", 1, 2, 65536)
                .call(4, "sock_open", 1, 2, 2)
                .call(0, "sock_open", 1, 2, 0)
                .call(FAULT, "sock_connect", FD, 65534 + 2, 80)
                .store(20, 100_000)
                .call(FAULT, "sock_connect", FD, 16, 80)
                .store(20, 5)
                .call(INVAL, "sock_connect", FD, 16, 80)
                .call(FAULT, "sock_send", FD, -8, 1, 0, 700)
                .call(INVAL, "sock_send", FD, 32, -1, 0, 700)
                .call(FAULT, "sock_getaddrinfo", 65530, 100, 0, 0, 0, 0, 1, 0)
                .run(to("127.0.0.1"));
    }

    @Test
    void deniesOtherAddresses() throws Exception {
        try (TestServer server = new TestServer(TestServer::echoOnce)) {
            new Script().use("sock_open", 3).use("sock_connect", 3).use("sock_bind", 3).use("sock_listen", 2)
                    .call(0, "sock_open", 1, 2, 0)
                    .call(ACCES, "sock_connect", FD, 16, server.port() - 1)
                    .call(ACCES, "sock_connect", FD, 16, 0)
                    .call(INVAL, "sock_connect", FD, 16, 65536 + server.port())
                    .call(ACCES, "sock_bind", FD, 16, 0)
                    .call(ACCES, "sock_listen", FD, 1)
                    // ::ffff:127.0.0.1 with a socket of IPv6: the same address.
                    .call(0, "sock_open", 2, 2, 0)
                    .store(20, 16).store(64, 0).store(68, 0).store(72, 0xffff0000).store(76, 0x0100007f)
                    .call(ACCES, "sock_connect", FD, 16, server.port() - 1)
                    .call(0, "sock_connect", FD, 16, server.port())
                    .run(to(server.address(), "::/0", "0.0.0.0/0"));
            Await.until("the connection", () -> server.accepted() == 1);
        }
    }

    @Test
    void pollTakesSocketsFilesAndClocksTogether(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("file"), "text");
        try (TestServer server = new TestServer(TestServer::echo)) {
            Script script = new Script().use("sock_open", 3).use("sock_connect", 3).use("sock_send", 5)
                    .use("poll_oneoff", 4);
            script.imports.append("(import \"wasi_snapshot_preview1\" \"path_open\" "
                    + "(func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))");
            // Subscriptions at 2048: the socket for reading, a clock of 20 ms, the file for reading.
            script.call(0, "sock_open", 1, 2, 0)
                    .call(0, "sock_connect", FD, 16, server.port())
                    .store(900, 0x656c6966)
                    .check(0, "(call $path_open (i32.const 3) (i32.const 0) (i32.const 900) (i32.const 4) (i32.const 0)"
                            + " (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 4))")
                    .store(2048, 71).store(2056, 1).store(2064, FD)
                    .store(2096, 72).store(2104, 0).store(2112, 1).store(2120, 20_000_000)
                    .store(2144, 73).store(2152, 1).store(2160, "(i32.load (i32.const 4))")
                    // A socket that has nothing to read: the clock.
                    .call(0, "poll_oneoff", 2048, 3072, 2, 4000).expect(1, 4000).expect(72, 3072)
                    // With a file, which always has: that one.
                    .call(0, "poll_oneoff", 2048, 3072, 3, 4000).expect(1, 4000).expect(73, 3072)
                    .check(1, "(i32.load8_u (i32.const 3082))")
                    // An answer comes.
                    .store(36, 6)
                    .call(0, "sock_send", FD, 32, 1, 0, 700)
                    .store(2120, -1)
                    .call(0, "poll_oneoff", 2048, 3072, 2, 4000).expect(1, 4000).expect(71, 3072)
                    // For writing it is ready at once; a socket that is none is an event of its own.
                    .store(2056, 2).call(0, "poll_oneoff", 2048, 3072, 1, 4000).expect(1, 4000)
                    .check(2, "(i32.load8_u (i32.const 3082))")
                    .store(2064, 0x10001)
                    .call(0, "poll_oneoff", 2048, 3072, 2, 4000).expect(1, 4000)
                    .check(BADF, "(i32.load16_u (i32.const 3080))")
                    .call(INVAL, "poll_oneoff", 2048, 3072, 0, 4000);
            WasiConfig wasi = new WasiConfig(List.of(), Map.of(), List.of(new PreopenDir(directory.toString(), "/")));
            script.run(GuestOptions.DEFAULT.withWasi(wasi).withNetwork(NetworkAccess.to(server.address())));
        }
    }

    @Test
    void deadlineEndsAPollOfSockets() throws Exception {
        try (TestServer server = new TestServer(TestServer::silence)) {
            String wat = new Script().use("sock_open", 3).use("sock_connect", 3).use("poll_oneoff", 4)
                    .call(0, "sock_open", 1, 2, 0)
                    .call(0, "sock_connect", FD, 16, server.port())
                    .store(2056, 1).store(2064, FD)
                    .call(0, "poll_oneoff", 2048, 3072, 1, 4000).wat();
            GuestOptions options = to(server.address()).withDeadline(Duration.ofMillis(200));
            try (GuestModule module = Wasm.guest(wat, options); Guest guest = module.instantiate()) {
                assertEquals(Outcome.Kind.DEADLINE, ((Outcome.Failed) guest.process(task(""))).kind());
            }
        }
    }

    @Test
    void socketCanTakeOverAnotherNumber() throws Exception {
        try (TestServer server = new TestServer(TestServer::echoOnce)) {
            new Script().use("sock_open", 3).use("sock_connect", 3).use("sock_getpeeraddr", 3).use("fd_renumber", 2)
                    .call(0, "sock_open", 1, 2, 0)
                    .call(0, "sock_open", 1, 2, 8)
                    .call(0, "sock_connect", FD, 16, server.port())
                    .call(0, "fd_renumber", FD, "(i32.load (i32.const 8))")
                    .call(0, "sock_getpeeraddr", "(i32.load (i32.const 8))", 24, 604).expect(server.port(), 604)
                    .call(BADF, "sock_getpeeraddr", FD, 24, 604)
                    .call(58, "fd_renumber", 1, "(i32.load (i32.const 8))")
                    .run(to(server.address()));
        }
    }

    @Test
    void namesAnUnknownForm() {
        String wat = new Script().use("sock_open", 3).use("sock_recv_from", 6).wat();
        String message = assertThrows(InvalidGuestException.class, () -> Wasm.guest(wat, GuestOptions.DEFAULT))
                .getMessage();
        assertTrue(message.contains("it imports the socket call 'sock_recv_from' with 6 parameters; the forms that are "
                + "provided have 7 or 8"), message);
    }

    @Test
    void moduleWithoutImportsGetsNoSockets() {
        String wat = new Script().use("sock_send", 5).call(BADF, "sock_send", 0x10000, 32, 1, 0, 700).wat();
        try (GuestModule module = Wasm.guest(wat, GuestOptions.DEFAULT); Guest guest = module.instantiate()) {
            assertEquals(Outcome.DONE, guest.process(task("")));
        }
    }
}
