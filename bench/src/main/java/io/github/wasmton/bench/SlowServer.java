package io.github.wasmton.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * A slow server: it answers each line with a line after a delay, or, if a number of connections is given, once that
 * many wait. One thread serves any number of connections. It has its own JVM, so that its sockets and memory do not
 * count in the measurement.
 */
final class SlowServer implements AutoCloseable {
    private static final byte[] ANSWER = "hello to you\n".getBytes(StandardCharsets.UTF_8);

    private final ChildProgram program;

    /** Starts a server. */
    SlowServer(long millis, int untilWaiting) throws IOException {
        program = new ChildProgram(SlowServer.class, "256m", Long.toString(millis), Integer.toString(untilWaiting));
    }

    String address() {
        return program.firstLine();
    }

    @Override
    public void close() {
        program.close();
    }

    public static void main(String[] args) throws IOException {
        ChildProgram.endWithParent();
        new Loop(Long.parseLong(args[0]) * 1_000_000, Integer.parseInt(args[1])).run();
    }

    private record Waiting(SocketChannel connection, long due) {}

    private static final class Loop {
        private final long nanos;
        private final int untilWaiting;
        private final Selector selector = Selector.open();
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(1024);
        private final Deque<Waiting> waiting = new ArrayDeque<>();  // all wait equally long

        Loop(long nanos, int untilWaiting) throws IOException {
            this.nanos = nanos;
            this.untilWaiting = untilWaiting;
        }

        void run() throws IOException {
            ServerSocketChannel listener = ServerSocketChannel.open();
            listener.bind(new InetSocketAddress("127.0.0.1", 0), 4096);
            listener.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT);
            System.out.println("127.0.0.1:" + listener.socket().getLocalPort());
            while (true) {
                Waiting first = waiting.peek();
                if (first == null || untilWaiting > 0) {
                    selector.select();
                } else {
                    selector.select(Math.max(1, (first.due - System.nanoTime()) / 1_000_000));
                }
                for (Iterator<SelectionKey> keys = selector.selectedKeys().iterator(); keys.hasNext(); keys.remove()) {
                    SelectionKey key = keys.next();
                    if (key.isAcceptable()) {
                        accept(listener);
                    } else {
                        read(key);
                    }
                }
                answer();
            }
        }

        private void accept(ServerSocketChannel listener) throws IOException {
            for (SocketChannel connection = listener.accept(); connection != null; connection = listener.accept()) {
                connection.configureBlocking(false).register(selector, SelectionKey.OP_READ);
            }
        }

        private void read(SelectionKey key) throws IOException {
            SocketChannel connection = (SocketChannel) key.channel();
            buffer.clear();
            int read;
            try {
                read = connection.read(buffer);
            } catch (IOException e) {
                read = -1;  // a reset
            }
            if (read < 0) {
                connection.close();
            } else if (read > 0 && buffer.get(read - 1) == '\n') {
                waiting.add(new Waiting(connection, System.nanoTime() + nanos));
            }
        }

        private void answer() {
            if (untilWaiting > 0 && waiting.size() < untilWaiting) {
                return;
            }
            long now = System.nanoTime();
            while (!waiting.isEmpty() && (untilWaiting > 0 || waiting.peek().due <= now)) {
                try {
                    waiting.poll().connection.write(ByteBuffer.wrap(ANSWER));
                } catch (IOException e) {
                    // The client has disconnected.
                }
            }
        }
    }
}
