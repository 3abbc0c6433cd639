package io.github.wasmton.internal.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.wasmton.internal.stats.TestCounters;

class MetricsServerTest {
    private final FakeEngine engine = new FakeEngine();
    private final Health health = new Health();
    private final MetricsServer server;

    MetricsServerTest() throws IOException {
        server = new MetricsServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), () -> "a_figure 1\n",
                health);
        health.watch(engine, new TestCounters().figures(), Duration.ofSeconds(20));
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void metricsAreInPrometheusFormat() throws Exception {
        HttpResponse<String> response = request("GET", "/metrics");
        assertEquals(200, response.statusCode());
        assertEquals("a_figure 1\n", response.body());
        assertEquals("text/plain; version=0.0.4; charset=utf-8", response.headers().firstValue("Content-Type").get());
    }

    @Test
    void healthSaysWhatIsWrong() throws Exception {
        assertEquals("200 up\n", answer("GET", "/health"));
        engine.ended.complete("a task failed");
        assertEquals("503 stopped: a task failed\n", answer("GET", "/health"));
    }

    @Test
    void readinessFollowsTheEngine() throws Exception {
        assertEquals("503 not ready: the group's partitions are being assigned\n", answer("GET", "/ready"));
        engine.ready = true;
        assertEquals("200 ready\n", answer("GET", "/ready"));
    }

    @Test
    void otherPathsAreNotFound() throws Exception {
        assertEquals("404 there are /metrics, /health and /ready\n", answer("GET", "/"));
        assertEquals("404 there are /metrics, /health and /ready\n", answer("GET", "/metrics/x"));
        assertEquals("405 GET or HEAD is needed\n", answer("POST", "/metrics"));
        assertEquals("200 ", answer("HEAD", "/metrics"));
    }

    @Test
    void silentClientsDoNotBlockOthers() throws Exception {
        Socket[] silent = new Socket[4];
        try {
            for (int i = 0; i < silent.length; i++) {
                silent[i] = new Socket(server.address().getAddress(), server.address().getPort());
                silent[i].getOutputStream().write("GET /met".getBytes(StandardCharsets.US_ASCII));
            }
            assertEquals("200 up\n", answer("GET", "/health"));
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void halfSentRequestsAreEnded() throws Exception {
        Socket[] slow = new Socket[20];
        try {
            for (int i = 0; i < slow.length; i++) {
                slow[i] = new Socket(server.address().getAddress(), server.address().getPort());
                slow[i].getOutputStream().write("GET /health HTTP/1.1\r\nHost: x\r\nX"
                        .getBytes(StandardCharsets.US_ASCII));
            }
            assertEquals("200 up\n", answer("GET", "/health"));
            for (Socket socket : slow) {
                // The server's doing: the test never closes them before.
                assertEquals(-1, readOrReset(socket));
            }
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    private static int readOrReset(Socket socket) {
        try {
            return socket.getInputStream().read();
        } catch (IOException e) {
            return -1;
        }
    }

    @Test
    void foreignNamesInHostAreRefused() throws Exception {
        assertEquals("421", status("evil.example"));
        assertEquals("421", status("127.0.0.1.evil.example:80"));
        for (String host : new String[] {"localhost", "localhost:9464", "127.0.0.1:1", "[::1]:9464"}) {
            assertEquals("200", status(host), host);
        }
    }

    private String status(String host) throws IOException {
        try (Socket socket = new Socket(server.address().getAddress(), server.address().getPort())) {
            socket.getOutputStream().write(("GET /metrics HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).split(" ")[1];
        }
    }

    @Test
    void refusesAPortThatIsTaken() {
        IOException e = assertThrows(IOException.class, () -> new MetricsServer(server.address(), () -> "", health));
        assertTrue(e.getMessage().contains("in use"), e.getMessage());
    }

    private String answer(String method, String path) throws Exception {
        HttpResponse<String> response = request(method, path);
        return response.statusCode() + " " + response.body();
    }

    private HttpResponse<String> request(String method, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(uri)
                .method(method, HttpRequest.BodyPublishers.noBody()).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Far more than there are connections, from one address; each new request is served at once. */
    @Test
    void heldConnectionsGiveWayToNewOnes() throws Exception {
        Socket[] held = new Socket[300];
        try {
            for (int i = 0; i < held.length; i++) {
                held[i] = new Socket(server.address().getAddress(), server.address().getPort());
                held[i].getOutputStream().write("GET /health HTTP/1.1\r\nX".getBytes(StandardCharsets.US_ASCII));
                if (i % 50 == 0) {
                    assertEquals("200 up\n", answer("GET", "/health"));
                }
            }
            assertEquals("200 up\n", answer("GET", "/health"));
            long open = 0;
            for (Socket socket : held) {
                socket.setSoTimeout(1);
                try {
                    socket.getInputStream().read();
                } catch (SocketTimeoutException e) {
                    open++;
                } catch (IOException e) {
                    // reset
                }
            }
            assertTrue(open <= 16, open + " connections of one address are open");
        } finally {
            for (Socket socket : held) {
                if (socket != null) {
                    socket.close();
                }
            }
        }
    }

    @Test
    void whatIsNoRequestIsEnded() throws Exception {
        for (String text : new String[] {"\r\n\r\n", "x\n\n", "GET /health\n\n", "PRI * HTTP/2.0\r\n\r\n",
            "GET http://[ HTTP/1.1\r\n\r\n", "GET /" + "x".repeat(20_000)}) {
            try (Socket socket = new Socket(server.address().getAddress(), server.address().getPort())) {
                socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
                String answer = "";
                try {
                    answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                } catch (IOException e) {
                    // reset, as there was more to read
                }
                assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1.1 400 "), text + ": " + answer);
            }
        }
        assertEquals("200 up\n", answer("GET", "/health"));
    }
}
