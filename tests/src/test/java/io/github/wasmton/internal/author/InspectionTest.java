package io.github.wasmton.internal.author;

import static io.github.wasmton.testing.TestGuests.guest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InspectionTest {
    private static Inspection inspect(String name) throws IOException {
        return Inspection.of(Files.readAllBytes(guest(name)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "messages       | protocol 0, a core module                            | Rust",
        "messages-go    | protocol 0, a core module                            | Go",
        "messages-c     | protocol 0, a core module                            | ''",
        "router         | component of the world decaton:processor@0.1.0       | Rust",
        "http-get-python| component of the world decaton:processor@0.1.0       | Python",
        "http-get-js    | component of the world decaton:processor@0.1.0       | JavaScript",
        "append         | protocol 1, a core module, which takes batches       | Rust",
        "batch-python   | component of the world decaton:processor@0.1.0, which takes batches | Python",
        "redis-set      | protocol 0, as a component                           | Rust"})
    void recognisesKindAndLanguage(String name, String kind, String language) throws Exception {
        Inspection inspection = inspect(name);
        assertEquals(kind, inspection.kind());
        assertTrue(inspection.processor());
        assertNull(inspection.advice());
        assertTrue(String.join(", ", inspection.madeBy()).contains(language), inspection.madeBy().toString());
        assertTrue(inspection.memory() >= 64 * 1024, inspection.toString());
    }

    /** The sizes are those that gradle/guests.gradle and Rust's target set. Go's stacks are elsewhere. */
    @ParameterizedTest
    @CsvSource({"messages, 1048576", "router, 1048576", "messages-c, 65536", "messages-go, -1",
        "probe-assemblyscript, -1"})
    void tellsTheSizeOfTheStack(String name, long stack) throws Exception {
        assertEquals(stack, inspect(name).stack());
    }

    @Test
    void partsAddUpToTheFile() throws Exception {
        for (String name : new String[] {"messages", "messages-go", "router", "http-get-js"}) {
            long sum = inspect(name).parts().values().stream().mapToLong(Long::longValue).sum();
            long size = Files.size(guest(name));
            assertTrue(sum <= size && sum > size - size / 10 - 200, name + ": " + sum + " of " + size);
        }
    }

    @Test
    void namesTheOptionsForWhatTheFileImports() throws Exception {
        Inspection router = inspect("router");
        assertEquals("--output-topic TOPIC", router.needs().get("other topics"));
        assertEquals("--guest-config NAME=VALUE", router.needs().get("settings"));
        assertEquals("--state NAME", inspect("count").needs().get("stores"));
        assertEquals("--state NAME", inspect("count-component").needs().get("stores"));
        assertEquals("--dir HOST::GUEST", inspect("messages").needs().get("files"));
        assertEquals("--allow-net HOST:PORT", inspect("http-get").needs().get("network"));
        assertFalse(inspect("messages").needs().containsKey("network"));
        assertTrue(router.imports().contains("decaton:processor/producer@0.1.0"), router.imports().toString());
        assertTrue(router.exports().contains("decaton:processor/task-handler@0.1.0"), router.exports().toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "env                      | emscripten_resize_heap | zig cc -target wasm32-wasi",
        "env                      | abort                  | --exportStart _initialize",
        "__wbindgen_placeholder__ | __wbindgen_describe    | --target wasm32-wasip2",
        "gojs                     | runtime.wasmExit       | GOOS=wasip1",
        "gojs                     | runtime.ticks          | tinygo build -target=wasip1",
        "wasi_unstable            | fd_write               | newer tool chain"})
    void advisesByTheImportsOfATool(String module, String name, String advice) {
        Inspection inspection = Inspection.of(importing(module, name));
        assertEquals("core module without the function 'run'", inspection.kind());
        assertFalse(inspection.processor());
        assertTrue(inspection.advice().contains(advice), inspection.advice());
    }

    @Test
    void recognisesProtocol1ByItsImports() {
        assertEquals("protocol 1, a core module", Inspection.of(importing("wasmton_v1", "next")).kind());
        assertEquals("protocol 1, a core module, which takes batches",
                Inspection.of(importing("wasmton_v1", "next_batch")).kind());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "Rust | crate-type = [\"cdylib\"]",
        "Go   | -buildmode=c-shared",
        "C11  | -mexec-model=reactor",
        "Zig  | 'wasmton new'"})
    void advisesACommandInItsLanguage(String language, String advice) {
        Inspection command = Inspection.of(command(language));
        assertEquals("command: a core module with a main function", command.kind());
        assertEquals(language + " 1.0", command.madeBy().get(0));
        assertTrue(command.advice().contains(advice), command.advice());
    }

    /** Tests every length of a file that was not written to its end. */
    @Test
    void refusesDamagedFiles() throws Exception {
        byte[] whole = Files.readAllBytes(guest("router"));
        for (int length = 0; length < whole.length; length += length < 300 ? 1 : 997) {
            byte[] part = Arrays.copyOf(whole, length);
            try {
                Inspection.of(part);  // a section's end
            } catch (IllegalArgumentException e) {
                assertTrue(e.getMessage().startsWith("it "), e.getMessage());
            }
        }
        assertThrows(IllegalArgumentException.class, () -> Inspection.of("(module)".getBytes(UTF_8)));
        assertThrows(IllegalArgumentException.class, () -> Inspection.of(Arrays.copyOf(whole, whole.length - 1)));
    }

    /** Returns a core module that imports one function. */
    private static byte[] importing(String module, String name) {
        return module(section(1, 1, 0x60, 0, 0), section(2, 1, module, name, 0, 0));
    }

    /** Returns a core module that exports {@code _start} and names its language. */
    private static byte[] command(String language) {
        return module(section(1, 1, 0x60, 0, 0), section(3, 1, 0), section(7, 1, "_start", 0, 0),
                section(10, 1, 2, 0, 0x0b), section(0, "producers", 1, "language", 1, language, "1.0"));
    }

    private static byte[] module(byte[]... sections) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
        for (byte[] section : sections) {
            file.writeBytes(section);
        }
        return file.toByteArray();
    }

    /** Returns a section of bytes and names, all shorter than 128 bytes. */
    private static byte[] section(int id, Object... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (Object part : parts) {
            if (part instanceof String name) {
                content.write(name.length());
                content.writeBytes(name.getBytes(UTF_8));
            } else {
                content.write((Integer) part);
            }
        }
        ByteArrayOutputStream section = new ByteArrayOutputStream();
        section.write(id);
        section.write(content.size());
        section.writeBytes(content.toByteArray());
        return section.toByteArray();
    }
}
