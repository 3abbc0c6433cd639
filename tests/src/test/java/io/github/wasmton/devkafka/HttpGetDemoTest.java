package io.github.wasmton.devkafka;

import static io.github.wasmton.testing.TestGuests.guest;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import io.github.wasmton.Wasmton;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpGetDemoTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(Path files, String guest) {
        return new HttpGetDemo(new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8), files).run(guest(guest).toString());
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    /** Waits for the port in the article's source, which other tests on this machine may occupy. */
    private static void awaitThePort() throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (portIsTaken()) {
            String taken = "port 8080, which the article's source names, is taken on this machine";
            if (System.nanoTime() > end) {
                assertNotEquals("true", System.getenv("CI"), taken);
                abort(taken);
            }
            Thread.sleep(100);
        }
    }

    private static boolean portIsTaken() throws Exception {
        try (ServerSocket probe = new ServerSocket(8080, 1, InetAddress.getByName("127.0.0.1"))) {
            return !probe.isBound();
        } catch (BindException e) {
            return true;
        }
    }

    @Test
    void processorGetsTheFile(@TempDir Path files) throws Exception {
        awaitThePort();
        Files.writeString(files.resolve("README.md"), "the file\n");
        assertEquals(Wasmton.OK, run(files, "http-get"), err.toString(StandardCharsets.UTF_8));
        assertTrue(printed().contains("network: 127.0.0.1:8080"), printed());
        assertTrue(printed().contains("1 tasks done, 0 failed"), printed());
    }

    @Test
    void reportsAnOccupiedPortAtOnce(@TempDir Path files) throws Exception {
        awaitThePort();
        try (ServerSocket taken = new ServerSocket(8080, 1, InetAddress.getByName("127.0.0.1"))) {
            assertTrue(taken.isBound());
            assertEquals(Wasmton.BAD_INPUT, run(files, "http-get"));
            assertTrue(printed().startsWith("Port 8080 of this machine"), printed());
        }
    }
}
