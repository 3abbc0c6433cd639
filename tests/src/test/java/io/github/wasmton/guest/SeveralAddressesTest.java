package io.github.wasmton.guest;

import static io.github.wasmton.testing.TestGuests.guest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;

import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.testing.TestGuests;
import io.github.wasmton.testing.TestServer;
import io.github.wasmton.wasmtime.wasi.NetworkAccess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests a name with two addresses, of which one is granted: every interface reaches only that one. */
class SeveralAddressesTest {
    /** A resolver with one additional name before the system's; it runs in its own JVM. */
    private static final String RESOLVER = """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <netdb.h>
            #include <string.h>

            typedef int resolver(const char *, const char *, const struct addrinfo *, struct addrinfo **);

            int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                            struct addrinfo **found) {
                resolver *system = (resolver *) dlsym(RTLD_NEXT, "getaddrinfo");
                if (name == NULL || strcmp(name, "two.test") != 0) {
                    return system(name, service, hints, found);
                }
                int error = system("127.0.0.1", service, hints, found);
                if (error != 0) {
                    return error;
                }
                struct addrinfo *last = *found;
                while (last->ai_next != NULL) {
                    last = last->ai_next;
                }
                return system("127.0.0.2", service, hints, &last->ai_next);
            }
            """;

    @Test
    void guestReachesOnlyTheGrantedAddressOfAName(@TempDir Path directory) throws Exception {
        new ChildJvm().preloading(RESOLVER, directory).run(Doors.class).succeeded();
    }

    static final class Doors {
        public static void main(String[] arguments) throws Exception {
            try (TestServer other = new TestServer(listener("127.0.0.1", 0), Doors::answer);
                    TestServer granted = new TestServer(listener("127.0.0.2", other.port()), Doors::answer)) {
                String name = "two.test:" + other.port();
                NetworkAccess both = NetworkAccess.to(name, "127.0.0.2:" + other.port());
                NetworkAccess nameOnly = NetworkAccess.to(name);
                int reached = 0;
                for (String[] door : new String[][] {{"probe", "exchange " + name + " hello"},
                    {"probe", "request http://" + name}, {"async-component", "exchange " + name + " hello"},
                    {"async-component", "request http://" + name},
                    {"wasmedge-sockets", "exchange " + name + " hello"}}) {
                    assertEquals(Outcome.DONE, TestGuests.run(door[0], both, Await.LIMIT, door[1]), door[1]);
                    assertEquals(++reached, granted.accepted(), door[1]);
                    // Where the name alone is granted it leads to neither: both are this machine.
                    Outcome refused = TestGuests.run(door[0], nameOnly, Await.LIMIT, door[1]);
                    assertTrue(refused instanceof Outcome.Failed, door[1]);
                }
                assertEquals(reached, granted.accepted());
                assertEquals(0, other.accepted());
            }
        }

        private static ServerSocket listener(String address, int port) throws Exception {
            return new ServerSocket(port, 50, InetAddress.getByName(address));
        }

        /** Answers a line, and a request, as HTTP does. */
        private static void answer(Socket connection) throws Exception {
            var lines = new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8));
            if (lines.readLine().endsWith("HTTP/1.1")) {
                while (!lines.readLine().isEmpty()) {
                    // the rest of the head
                }
            }
            connection.getOutputStream().write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello".getBytes(UTF_8));
        }
    }
}
