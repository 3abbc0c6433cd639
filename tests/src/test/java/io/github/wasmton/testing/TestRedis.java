package io.github.wasmton.testing;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A real Redis server on its own port. The build installs it where it may. */
public final class TestRedis implements Closeable {
    private final int port = TestServer.unusedPort();
    private final Path directory;
    private Process process;

    /** Starts a server that writes to that directory. Without Redis the test is skipped; in CI it fails. */
    public TestRedis(Path directory) throws Exception {
        this.directory = directory;
        start();
    }

    /** Restarts the server after {@link #kill}, empty. */
    public void start() throws Exception {
        try {
            process = new ProcessBuilder("redis-server", "--port", String.valueOf(port), "--bind", "127.0.0.1",
                    "--save", "", "--dir", directory.toString()).redirectErrorStream(true)
                    .redirectOutput(directory.resolve("redis.log").toFile()).start();
        } catch (IOException e) {
            String missing = "there is no redis-server on the PATH: apt-get install redis-server, or the like";
            if ("true".equals(System.getenv("CI"))) {
                fail(missing);
            }
            abort(missing);
        }
        Await.until("Redis to answer", () -> {
            try {
                return "PONG".equals(command("PING"));
            } catch (IOException e) {
                return process.isAlive() ? false : fail("redis-server ended; see " + directory);
            }
        });
    }

    /** Kills the server; its connections break. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    public String address() {
        return "127.0.0.1:" + port;
    }

    /** Returns the answer to a command, over a new connection; null for nil. */
    public String command(String... words) throws IOException {
        try (Socket connection = new Socket("127.0.0.1", port)) {
            StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
            for (String word : words) {
                request.append('$').append(word.getBytes(StandardCharsets.UTF_8).length).append("\r\n").append(word)
                        .append("\r\n");
            }
            connection.getOutputStream().write(request.toString().getBytes(StandardCharsets.UTF_8));
            DataInputStream answer = new DataInputStream(connection.getInputStream());
            String line = line(answer);
            if (line.charAt(0) != '$') {
                return line.substring(1);
            }
            int length = Integer.parseInt(line.substring(1));
            return length < 0 ? null : new String(answer.readNBytes(length), StandardCharsets.UTF_8);
        }
    }

    /** Returns the ids of other clients' connections. */
    public List<String> connections() throws IOException {
        return command("CLIENT", "LIST").lines().filter(line -> !line.contains(" cmd=client|list "))
                .map(line -> line.substring(0, line.indexOf(' '))).toList();
    }

    private static String line(DataInputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.readUnsignedByte(); c != '\r'; c = in.readUnsignedByte()) {
            line.append((char) c);
        }
        in.readUnsignedByte();
        return line.toString();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
