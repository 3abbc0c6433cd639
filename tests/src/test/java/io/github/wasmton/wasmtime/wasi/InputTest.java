package io.github.wasmton.wasmtime.wasi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.wasmtime.WasmtimeException;

class InputTest {
    @TempDir
    private Path directory;

    private static WasiConfig from(Input input) {
        return WasiConfig.builder().stdin(input).build();
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void everyGuestReadsBytesFromTheFirst() {
        byte[] bytes = {'a', 'b', 'c'};
        WasiConfig config = from(Input.bytes(bytes));
        bytes[0] = 'x';
        for (int i = 0; i < 2; i++) {
            try (StdioGuest guest = new StdioGuest(config)) {
                assertEquals("ab", guest.read(2));
                assertEquals("c", guest.read(2));
                assertEquals("", guest.read(2));
            }
        }
    }

    @Test
    void fileIsReadAndNeverTruncated() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "content");
        for (int i = 0; i < 2; i++) {
            try (StdioGuest guest = new StdioGuest(from(Input.file(file)))) {
                assertEquals("content", guest.read(100));
                assertEquals("", guest.read(100));
            }
        }
        assertEquals("content", Files.readString(file));
    }

    @Test
    void unreadableFileIsNamed() {
        Path file = directory.resolve("missing");
        WasmtimeException e = assertThrows(WasmtimeException.class, () -> new StdioGuest(from(Input.file(file))));
        assertTrue(e.getMessage().startsWith("cannot open the file '" + file + "' as the guest's stdin: "),
                e.getMessage());
    }

    @Test
    void streamIsReadAsTheGuestAsks() {
        try (StdioGuest guest = new StdioGuest(from(Input.stream(stream("content"))))) {
            assertEquals("cont", guest.read(4));
            assertEquals("ent", guest.read(4));
            assertEquals("", guest.read(4));
            assertEquals("", guest.read(4));
        }
    }

    @Test
    void streamIsReadOnTheThreadThatEnteredTheGuest() {
        Thread[] reader = new Thread[1];
        InputStream stream = new FilterInputStream(stream("content")) {
            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                reader[0] = Thread.currentThread();
                return super.read(target, offset, length);
            }
        };
        try (StdioGuest guest = new StdioGuest(from(Input.stream(stream)))) {
            guest.read(1);
        }
        assertSame(Thread.currentThread(), reader[0]);
    }

    private static StdioGuest answering(int count) {
        return new StdioGuest(from(Input.stream(new FilterInputStream(stream("")) {
            @Override
            public int read(byte[] target, int offset, int length) {
                return count;
            }
        })));
    }

    @Test
    void rejectsAStreamThatClaimsMoreThanRequested() {
        for (int count : new int[] {11, Integer.MAX_VALUE}) {
            try (StdioGuest guest = answering(count)) {
                Throwable e = assertThrows(IOException.class, () -> guest.read(10));
                assertEquals("the stream says that it read " + count + " bytes of at most 10", e.getMessage());
            }
        }
        try (StdioGuest guest = answering(Integer.MIN_VALUE)) {
            assertEquals("", guest.read(10), "any negative number is the end");
        }
        try (StdioGuest guest = answering(0)) {
            assertThrows(WasmtimeException.class, () -> guest.read(10), "a read that waits reads something");
        }
    }

    @Test
    void exceptionComesOutAsTheSameObject() {
        for (Throwable thrown : new Throwable[] {new IOException("a"), new IllegalStateException(), new Error()}) {
            InputStream stream = new InputStream() {
                @Override
                public int read() {
                    throw InputTest.<RuntimeException>sneaky(thrown);
                }
            };
            try (StdioGuest guest = new StdioGuest(from(Input.stream(stream)))) {
                assertSame(thrown, assertThrows(Throwable.class, () -> guest.read(10)));
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T sneaky(Throwable thrown) throws T {
        throw (T) thrown;
    }

    @Test
    void inheritsTheJvmsInput() throws Exception {
        Path file = Files.writeString(directory.resolve("input"), "for guests");
        ChildJvm.Result result = new ChildJvm().reading(file).run(Reads.class).succeeded();
        assertEquals("for| guests|", result.out().strip());
        assertEquals("for guests", Files.readString(file));
    }

    static class Reads {
        public static void main(String[] args) {
            try (StdioGuest guest = new StdioGuest(from(Input.inherit()))) {
                System.out.println(guest.read(3) + '|' + guest.read(100) + '|' + guest.read(100));
            }
        }
    }
}
