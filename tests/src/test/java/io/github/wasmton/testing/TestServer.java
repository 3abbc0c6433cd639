package io.github.wasmton.testing;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** A TCP server on the loopback interface, with a thread for each connection. */
public final class TestServer implements Closeable {
    /** A handler of one connection, which is closed afterwards. */
    @FunctionalInterface
    public interface Treatment {
        void treat(Socket connection) throws Exception;
    }

    private final ServerSocket listener;
    private final Thread accepting;
    private final Queue<Socket> connections = new ConcurrentLinkedQueue<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger accepted = new AtomicInteger();

    public TestServer(Treatment treatment) throws IOException {
        this(0, treatment);
    }

    /** Listens on a port; 0 chooses a free one. */
    public TestServer(int port, Treatment treatment) throws IOException {
        this(new ServerSocket(port, 200, InetAddress.getByName("127.0.0.1")), treatment);
    }

    /** Accepts connections from that listener, and closes it. */
    public TestServer(ServerSocket listener, Treatment treatment) {
        this.listener = listener;
        accepting = new Thread(() -> accept(treatment), "test-server");
        accepting.setDaemon(true);
        accepting.start();
    }

    /** Returns each line in upper case, until the other side closes. */
    public static void echo(Socket connection) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(connection.getInputStream(),
                StandardCharsets.UTF_8));
        OutputStream answer = connection.getOutputStream();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            answer.write((line.toUpperCase(Locale.ROOT) + '\n').getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Returns one line and closes. */
    public static void echoOnce(Socket connection) throws IOException {
        String line = new BufferedReader(new InputStreamReader(connection.getInputStream(),
                StandardCharsets.UTF_8)).readLine();
        connection.getOutputStream().write((line + '\n').getBytes(StandardCharsets.UTF_8));
    }

    /** Does {@link #echoOnce} for each connection, once that many are open at the same time. */
    public static Treatment echoTogether(int connections) {
        CountDownLatch together = new CountDownLatch(connections);
        return connection -> {
            together.countDown();
            OnThread.await(together, connections + " connections at once");
            echoOnce(connection);
        };
    }

    /** Neither answers nor reads until the server is closed. */
    public static void silence(Socket connection) throws InterruptedException {
        Thread.sleep(Long.MAX_VALUE);
    }

    /** Resets the connection. */
    public static void reset(Socket connection) throws IOException {
        connection.getInputStream().read();
        connection.setSoLinger(true, 0);
    }

    private void accept(Treatment treatment) {
        while (true) {
            Socket connection;
            try {
                connection = listener.accept();
            } catch (IOException e) {
                return;  // closed
            }
            accepted.incrementAndGet();
            open.incrementAndGet();
            connections.add(connection);
            Thread treating = new Thread(() -> {
                try (connection) {
                    treatment.treat(connection);
                } catch (Exception e) {
                    // The other side's business.
                } finally {
                    open.decrementAndGet();
                }
            }, "test-server-connection");
            treating.setDaemon(true);
            treating.start();
        }
    }

    public String address() {
        return "127.0.0.1:" + port();
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Returns the number of connections since the start. */
    public int accepted() {
        return accepted.get();
    }

    /** Returns the number of open connections. */
    public int open() {
        return open.get();
    }

    /** Closes the server and all its connections. */
    @Override
    public void close() throws IOException {
        listener.close();
        try {
            accepting.join();  // which may still accept one
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        hangUp();
    }

    /** Closes all connections. */
    public void hangUp() throws IOException {
        for (Socket connection : connections) {
            connection.close();
        }
    }

    /**
     * Returns a port without a listener, outside the range that the system assigns to clients: a client that connects
     * to such a port from that very port would be connected to itself.
     */
    public static int unusedPort() throws IOException {
        for (int tries = 0; tries < 1000; tries++) {
            int port = ThreadLocalRandom.current().nextInt(10_000, 30_000);
            try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
                return probe.getLocalPort();
            } catch (BindException e) {
                // taken
            }
        }
        throw new IOException("no port is free");
    }
}
