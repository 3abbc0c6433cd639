package io.github.wasmton.internal.monitoring;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Answers GET {@code /metrics}, {@code /health} and {@code /ready} by HTTP: 200, or 503 with a sentence about why not.
 * Each connection serves one request, on a thread of its own, within 10 seconds. There are 16 connections of one
 * address and 64 in all: a further one takes the place of the oldest, so that whoever holds connections open keeps no
 * health check out. Its threads end with it or with the JVM.
 */
public final class MetricsServer implements AutoCloseable {
    private static final int MAX_CONNECTIONS = 64;
    private static final int MAX_OF_ADDRESS = 16;
    private static final long REQUEST_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** Time for the request and its answer. */
    private static final long WHOLE_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** Interval at which connections that take too long are looked for. */
    private static final int LOOK_MILLIS = 500;
    /** Most bytes of a request's first line and headers. */
    private static final int MAX_HEAD = 16 * 1024;

    private static final String PLAIN = "text/plain; charset=utf-8";
    /** Prometheus's own text format. */
    private static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";
    /** An address with or without a port, or this machine's name for itself. */
    private static final Pattern LOCAL = Pattern.compile("(?i)([0-9.]+|\\[[0-9a-f:.]+]|localhost)(:[0-9]+)?");

    private final ServerSocket server;
    private final Supplier<String> metrics;
    private final Health health;
    /** Open connections, the oldest first; guarded by itself. */
    private final Set<Connection> open = new LinkedHashSet<>();
    private volatile boolean closed;

    private record Answer(int status, String type, String text) {
        Answer(int status, String text) {
            this(status, PLAIN, text + '\n');
        }
    }

    private record Connection(Socket socket, InetAddress from, long since) {
        boolean isOver(long now) {
            return now - since > WHOLE_NANOS;
        }
    }

    /**
     * Starts to listen; port 0 takes any free one.
     *
     * @param metrics what {@code /metrics} shows, called for each request
     * @throws IOException where it cannot listen there: the port is taken, or the address not this machine's
     */
    public MetricsServer(InetSocketAddress address, Supplier<String> metrics, Health health) throws IOException {
        this.metrics = metrics;
        this.health = health;
        server = new ServerSocket();
        try {
            server.setReuseAddress(true);
            server.bind(address, MAX_CONNECTIONS);
            server.setSoTimeout(LOOK_MILLIS);
        } catch (IOException e) {
            server.close();
            throw e;
        }
        start(this::accept);
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "wasmton-metrics");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!closed) {
            try {
                Socket socket = server.accept();
                Connection connection = new Connection(socket, socket.getInetAddress(), System.nanoTime());
                add(connection);
                start(() -> serve(connection));
            } catch (SocketTimeoutException e) {
                // nobody came
            } catch (IOException | OutOfMemoryError e) {
                // Closed; or no descriptor or thread is left for one more connection, which the next look may change.
                pause();
            }
            endSlow();
        }
    }

    private void pause() {
        try {
            Thread.sleep(closed ? 0 : LOOK_MILLIS / 10);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void add(Connection connection) {
        synchronized (open) {
            List<Connection> ofAddress = open.stream().filter(it -> it.from.equals(connection.from)).toList();
            if (ofAddress.size() >= MAX_OF_ADDRESS) {
                end(ofAddress.get(0));
            } else if (open.size() >= MAX_CONNECTIONS) {
                end(open.iterator().next());
            }
            open.add(connection);
        }
    }

    private void endSlow() {
        synchronized (open) {
            long now = System.nanoTime();
            new ArrayList<>(open).stream().filter(it -> it.isOver(now)).forEach(this::end);
        }
    }

    /** Ends a connection, and the wait of its thread. */
    private void end(Connection connection) {
        synchronized (open) {
            open.remove(connection);
        }
        try {
            connection.socket.close();
        } catch (IOException e) {
            // it is gone anyway
        }
    }

    private void serve(Connection connection) {
        try {
            Socket socket = connection.socket;
            String[] head = head(socket, connection.since + REQUEST_NANOS).split("\r?\n");
            String[] first = head[0].split(" ");
            String method = first[0];
            Answer answer = first.length != 3 || !first[2].startsWith("HTTP/1.") ? new Answer(400, "HTTP/1.1 is needed")
                    : !isForUs(head) ? new Answer(421, "the header Host must name an address, or localhost")
                    : answer(method, path(first[1]));
            send(socket, answer, method.equals("HEAD"));
        } catch (IOException | RuntimeException e) {
            // The client is gone, was too slow, or sent no HTTP; it gets no answer.
        } finally {
            end(connection);
        }
    }

    /** Reads up to the empty line behind the headers. */
    private static String head(Socket socket, long end) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] head = new byte[MAX_HEAD];
        int length = 0;
        while (length < MAX_HEAD) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                throw new SocketTimeoutException("the request is not complete");
            }
            socket.setSoTimeout((int) left);
            int read = in.read(head, length, MAX_HEAD - length);
            if (read < 0) {
                throw new IOException("the request is not complete");
            }
            length += read;
            String text = new String(head, 0, length, StandardCharsets.ISO_8859_1);
            if (text.contains("\r\n\r\n") || text.contains("\n\n")) {
                return text;
            }
        }
        throw new IOException("the request has more than " + MAX_HEAD + " bytes");
    }

    private static String path(String target) {
        String path = target.startsWith("/") ? target.split("\\?", 2)[0] : URI.create(target).getPath();
        return path == null ? "" : path;
    }

    /**
     * Returns whether a request to the loopback address is meant for it. A page in a browser on this machine can have
     * its own name resolve to that address (DNS rebinding) and then read the answers; it cannot change the header Host.
     */
    private boolean isForUs(String[] head) {
        if (!address().getAddress().isLoopbackAddress()) {
            return true;
        }
        for (String line : head) {
            if (line.regionMatches(true, 0, "host:", 0, 5) && !LOCAL.matcher(line.substring(5).strip()).matches()) {
                return false;
            }
        }
        return true;
    }

    private Answer answer(String method, String path) {
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return new Answer(405, "GET or HEAD is needed");
        }
        switch (path) {
            case "/metrics":
                return new Answer(200, METRICS, metrics.get());
            case "/health":
                String trouble = health.trouble();
                return trouble == null ? new Answer(200, health.state()) : new Answer(503, trouble);
            case "/ready":
                String notReady = health.notReady();
                return notReady == null ? new Answer(200, "ready") : new Answer(503, "not ready: " + notReady);
            default:
                return new Answer(404, "there are /metrics, /health and /ready");
        }
    }

    private static void send(Socket socket, Answer answer, boolean headOnly) throws IOException {
        byte[] body = answer.text.getBytes(StandardCharsets.UTF_8);
        String head = "HTTP/1.1 " + answer.status + (answer.status == 200 ? " OK" : " Error") + "\r\nContent-Type: "
                + answer.type + "\r\nContent-Length: " + body.length + "\r\nConnection: close\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
        if (!headOnly) {
            socket.getOutputStream().write(body);
        }
        socket.shutdownOutput();
    }

    /** Returns the address at which it listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) server.getLocalSocketAddress();
    }

    @Override
    public void close() {
        closed = true;
        try {
            server.close();
        } catch (IOException e) {
            // it does not listen any more
        }
        synchronized (open) {
            new ArrayList<>(open).forEach(this::end);
        }
    }
}
