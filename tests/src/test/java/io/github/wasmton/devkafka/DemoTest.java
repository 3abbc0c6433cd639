package io.github.wasmton.devkafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.Wasmton;
import io.github.wasmton.testing.Await;
import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.Wasm;

class DemoTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    @TempDir
    Path directory;

    @Test
    void showsTheProcessorsOutputAndEnds() throws Exception {
        assertEquals(Wasmton.OK, demo().run(sample(), null), err.toString(UTF_8));
        assertEquals("Hello\nfrom\nWasm!\n", Files.readString(directory.resolve("messages")));
        String text = out.toString(UTF_8);
        assertTrue(text.contains(", as the processor wrote it:\nHello\nfrom\nWasm!\n"), text);
        assertTrue(text.contains("\n3 tasks done, 0 failed, "), text);
        assertEquals("", err.toString(UTF_8));
    }

    @Test
    void sendsTypedLinesUntilTheEndOfInput() throws Exception {
        Files.writeString(directory.resolve("messages"), "from the last time\n");
        InputStream keyboard = new ByteArrayInputStream("a \"quoted\" \\ word\n\nLetzte Größe\n".getBytes(UTF_8));
        assertEquals(Wasmton.OK, demo().run(sample(), keyboard), err.toString(UTF_8));
        assertEquals("Hello\nfrom\nWasm!\na \"quoted\" \\ word\n\nLetzte Größe\n",
                Files.readString(directory.resolve("messages")));
        String text = out.toString(UTF_8);
        assertTrue(text.contains("Sent {\"message\":\"a \\\"quoted\\\" \\\\ word\"}\n"), text);
        assertTrue(text.contains("messages: Letzte Größe\n"), text);
        assertTrue(text.contains("\n6 tasks done, 0 failed, "), text);
    }

    @Test
    void stopsWhileItWaitsForTheKeyboard() throws Exception {
        Demo demo = demo();
        try (PipedInputStream keyboard = new PipedInputStream();
             PipedOutputStream typing = new PipedOutputStream(keyboard)) {
            OnThread running = OnThread.start("demo", () -> assertEquals(Wasmton.OK, demo.run(sample(), keyboard)));
            Await.until("the keyboard's turn", () -> out.toString(UTF_8).contains("Ctrl-D"));
            demo.stop();
            running.join();
            typing.flush();
        }
    }

    @Test
    void namesTheMissingSampleArgument() {
        assertEquals(Wasmton.BAD_INPUT, demo().run(null, null));
        assertEquals(List.of("-Dwasmton.demo.guest=FILE must name the sample processor, as ./gradlew run does."),
                err.toString(UTF_8).lines().toList());
    }

    /** Variables for 'wasmton run' may be set for a whole shell or container. */
    @Test
    void leavesTheVariablesOfRunAlone() {
        PrintStream to = new PrintStream(err, true, UTF_8);
        assertEquals(Wasmton.BAD_INPUT, new Wasmton(to, to, Map.of("WASMTON_DEADLINE", "1ms")).run("demo"));
        assertTrue(err.toString(UTF_8).startsWith("-Dwasmton.demo.guest=FILE"), err.toString(UTF_8));
        assertEquals(Wasmton.BAD_INPUT, new Wasmton(to, to, Map.of("WASMTON_DEADLIN", "1ms")).run("demo"));
        assertTrue(err.toString(UTF_8).contains("Did you mean WASMTON_DEADLINE?"), err.toString(UTF_8));
    }

    @Test
    void reportsAMissingSampleFile() {
        String missing = directory.resolve("missing.wasm").toString();
        assertEquals(Wasmton.BAD_INPUT, demo().run(missing, null));
        assertTrue(err.toString(UTF_8).startsWith("There is no file " + missing), err.toString(UTF_8));
    }

    @Test
    void quotesTextAsJson() {
        assertEquals("\"\"", Demo.quote(""));
        assertEquals("\"a\\\"b\\\\c\\u0009d\\u0000é😀\"", Demo.quote("a\"b\\c\td\0é😀"));
    }

    private Demo demo() {
        return new Demo(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), directory);
    }

    private static String sample() {
        return Wasm.built("messages").toString();
    }
}
