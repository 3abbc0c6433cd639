package io.github.wasmton.internal.monitoring;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * Answers GET {@code /metrics}, {@code /health} and {@code /ready} by HTTP: 200, or 503 with a sentence about why not.
 * Its threads end with it or with the JVM.
 */
public final class MetricsServer implements AutoCloseable {
    private static final int SECONDS_FOR_REQUEST = 5;
    private static final int SECONDS_FOR_RESPONSE = 10;
    private static final String PLAIN = "text/plain; charset=utf-8";
    /** Prometheus's own text format. */
    private static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";
    /** Connections that are served at a time; further ones are closed. Threads are made as they are needed. */
    private static final int THREADS = 64;

    static {
        // The JDK's server waits without end for the rest of a request, and reads these when it is first used. A few
        // half-sent requests would otherwise hold all threads, and a health check would fail for as long.
        setUnlessSet("sun.net.httpserver.maxReqTime", SECONDS_FOR_REQUEST);
        setUnlessSet("sun.net.httpserver.maxRspTime", SECONDS_FOR_RESPONSE);
    }

    private static void setUnlessSet(String property, int value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, Integer.toString(value));
        }
    }

    /** An address with or without a port, or this machine's name for itself. */
    private static final Pattern LOCAL = Pattern.compile("(?i)([0-9.]+|\\[[0-9a-f:.]+]|localhost)(:[0-9]+)?");

    private final HttpServer server;
    private final ThreadPoolExecutor threads;

    private record Answer(int status, String type, String text) {}

    /**
     * Starts to listen; port 0 takes any free one.
     *
     * @param metrics what {@code /metrics} shows, called for each request
     * @throws IOException where it cannot listen there: the port is taken, or the address not this machine's
     */
    public MetricsServer(InetSocketAddress address, Supplier<String> metrics, Health health) throws IOException {
        server = HttpServer.create(address, 0);
        threads = new ThreadPoolExecutor(0, THREADS, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
            Thread thread = new Thread(task, "wasmton-metrics");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                answer(exchange, isForUs(exchange) ? answer(exchange.getRequestMethod(),
                        exchange.getRequestURI().getPath(), metrics, health)
                        : new Answer(421, PLAIN, "the header Host must name an address, or localhost\n"));
            }
        });
        server.start();
    }

    /**
     * Returns whether a request to the loopback address is meant for it. A page in a browser on this machine can have
     * its own name resolve to that address (DNS rebinding) and then read the answers; it cannot change the header Host.
     */
    private boolean isForUs(HttpExchange exchange) {
        if (!address().getAddress().isLoopbackAddress()) {
            return true;
        }
        String host = exchange.getRequestHeaders().getFirst("Host");
        return host == null || LOCAL.matcher(host).matches();
    }

    private static Answer answer(String method, String path, Supplier<String> metrics, Health health) {
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return new Answer(405, PLAIN, "GET or HEAD is needed\n");
        }
        switch (path) {
            case "/metrics":
                return new Answer(200, METRICS, metrics.get());
            case "/health":
                String trouble = health.trouble();
                return trouble == null ? new Answer(200, PLAIN, health.state() + '\n')
                        : new Answer(503, PLAIN, trouble + '\n');
            case "/ready":
                String notReady = health.notReady();
                return notReady == null ? new Answer(200, PLAIN, "ready\n")
                        : new Answer(503, PLAIN, "not ready: " + notReady + '\n');
            default:
                return new Answer(404, PLAIN, "there are /metrics, /health and /ready\n");
        }
    }

    private static void answer(HttpExchange exchange, Answer answer) throws IOException {
        byte[] body = answer.text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", answer.type);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(answer.status, -1);
        } else {
            exchange.sendResponseHeaders(answer.status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /** Returns the address at which it listens. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
