package io.github.wasmton.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.wasmton.testing.OnThread;
import io.github.wasmton.testing.Wasm;

class GuestModuleTest {
    private static final String GOOD = """
            (module
              (import "decaton" "poll_task" (func $poll (param i64 i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "run") (drop (call $poll (i64.const 0) (i32.const 100)))))""";

    @TempDir
    private Path directory;

    private Path write(String name, String text) throws Exception {
        return Files.writeString(directory.resolve(name), text);
    }

    /** Returns the message of a rejection, which must name the file and end with a full stop. */
    private static String refusal(Path file) {
        String message = assertThrows(InvalidGuestException.class, () -> GuestModule.load(file, GuestOptions.DEFAULT))
                .getMessage();
        assertTrue(message.contains(file.toString()), message);
        // What comes from the compiler may end in the line that it found wrong.
        assertTrue(message.endsWith(".") || message.contains("is not valid WebAssembly"), message);
        return message.replace(file.toString(), "FILE");
    }

    private String refusal(String wat) throws Exception {
        return refusal(write("guest.wat", wat));
    }

    @Test
    void knowsItsFile() throws Exception {
        Path file = write("guest.wat", GOOD);
        try (GuestModule module = GuestModule.load(file, GuestOptions.DEFAULT)) {
            assertEquals(file, module.path());
            assertSame(GuestOptions.DEFAULT, module.options());
            assertEquals(HexFormat.of().formatHex(java.security.MessageDigest.getInstance("SHA-256")
                    .digest(Files.readAllBytes(file))), module.sha256());
        }
    }

    @Test
    void closedModuleMakesNoMoreGuests() throws Exception {
        GuestModule module = GuestModule.load(write("guest.wat", GOOD), GuestOptions.DEFAULT);
        Guest guest = module.instantiate();
        module.close();
        module.close();
        assertEquals("the GuestModule is closed",
                assertThrows(IllegalStateException.class, module::instantiate).getMessage());
        assertSame(Outcome.DONE, guest.process(new Task("t", 0, 0, new byte[1])));
        guest.close();
    }

    @Test
    void threadsLoadInstantiateAndCloseConcurrently() throws Exception {
        Path file = write("guest.wat", GOOD);
        GuestModule shared = GuestModule.load(file, GuestOptions.DEFAULT);
        List<OnThread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int n = i;
            threads.add(OnThread.start("loading and instantiating " + n, () -> {
                for (int round = 0; round < 20; round++) {
                    try (GuestModule own = GuestModule.load(file, GuestOptions.DEFAULT);
                            Guest guest = own.instantiate();
                            Guest other = shared.instantiate()) {
                        assertSame(Outcome.DONE, guest.process(new Task("t", n, round, new byte[1])));
                        assertSame(Outcome.DONE, other.process(new Task("t", n, round, new byte[1])));
                    } catch (IllegalStateException closed) {
                        assertEquals("the GuestModule is closed", closed.getMessage());
                    }
                    if (n == 0 && round == 10) {
                        shared.close();
                    }
                }
            }));
        }
        threads.forEach(OnThread::join);
    }

    @Test
    void rejectsAMissingFile() {
        assertEquals("There is no file FILE. Give the path of the .wasm file.",
                refusal(directory.resolve("missing.wasm")));
    }

    @Test
    void rejectsADirectory() {
        assertTrue(refusal(directory).startsWith("Cannot read FILE: "), refusal(directory));
    }

    @Test
    void rejectsAFileWithoutTheMagicNumber() throws Exception {
        String expected = "FILE is not WebAssembly: it does not begin with \\0asm. Give the .wasm file that the"
                + " compiler made, or a text file whose name ends in .wat.";
        assertEquals(expected, refusal(write("empty.wasm", "")));
        assertEquals(expected, refusal(write("text.wasm", GOOD)));
        assertEquals(expected, refusal(write("program", "#!/bin/sh\n")));
        assertEquals(expected, refusal(Files.write(directory.resolve("cut"), new byte[] {0, 'a', 's'})));
    }

    @Test
    void rejectsMalformedWebAssembly() throws Exception {
        byte[] header = {0, 'a', 's', 'm', 1, 0, 0, 0, 99, 99};
        String message = refusal(Files.write(directory.resolve("guest.wasm"), header));
        assertTrue(message.startsWith("FILE is not valid WebAssembly: "), message);
        byte[] later = {0, 'a', 's', 'm', 2, 0, 0, 0};
        message = refusal(Files.write(directory.resolve("later.wasm"), later));
        assertTrue(message.startsWith("FILE is not valid WebAssembly: "), message);
    }

    @Test
    void rejectsMalformedText() throws Exception {
        assertTrue(refusal("(module (func (bad)))").startsWith("FILE is not valid WebAssembly: "));
        assertTrue(refusal("").startsWith("FILE is not valid WebAssembly: ")
                || refusal("").startsWith("FILE cannot serve as a processor: "));
        assertTrue(refusal("hello").startsWith("FILE is not valid WebAssembly: "));
    }

    @Test
    void rejectsAForeignComponent() throws Exception {
        byte[] component = {0, 'a', 's', 'm', 13, 0, 1, 0};
        assertEquals("FILE cannot serve as a processor: it exports neither decaton:processor/task-handler@0.1.0 nor"
                + " a function 'run', but nothing at all. A component exports the one (see wit/processor)"
                + " or the other (see wit/protocol0).",
                refusal(Files.write(directory.resolve("guest.wasm"), component)));
    }

    @Test
    void rejectsAModuleWithoutRun() throws Exception {
        assertEquals("FILE cannot serve as a processor: it exports no function 'run', only: memory, other. A processor"
                + " exports the function run(), which is called once a task.",
                refusal("(module (memory (export \"memory\") 1) (func (export \"other\")))"));
    }

    @Test
    void rejectsAModuleWithoutExports() throws Exception {
        assertEquals("FILE cannot serve as a processor: it exports nothing at all. A processor exports the function"
                + " run(), which is called once a task.", refusal("(module)"));
    }

    @Test
    void rejectsACommand() throws Exception {
        String message = refusal("(module (memory (export \"memory\") 1) (func (export \"_start\")))");
        assertTrue(message.startsWith("FILE cannot serve as a processor: it is a command: it exports '_start' and no"
                + " function 'run'. Build a reactor that exports run(): "), message);
    }

    @Test
    void rejectsARunOfAnotherSignature() throws Exception {
        for (String signature : List.of("(param i32)", "(result i64) (i64.const 0)", "(param i32) (result i32)"
                + " (i32.const 0)", "(result i32 i32) (i32.const 0) (i32.const 0)", "(result f32) (f32.const 0)")) {
            String message = refusal("(module (memory (export \"memory\") 1) (func (export \"run\") " + signature
                    + "))");
            assertTrue(message.startsWith("FILE cannot serve as a processor: its export 'run' is (")
                    && message.endsWith(", which is not the signature of a processor. 'run' takes no parameters and"
                            + " returns nothing, or an i32 that is 0 for success."), message);
        }
    }

    @Test
    void rejectsARunThatIsNoFunction() throws Exception {
        assertEquals("FILE cannot serve as a processor: its export 'run' is not a function. A processor exports the"
                + " function run().",
                refusal("(module (memory (export \"memory\") 1) (global (export \"run\") i32 (i32.const 0)))"));
    }

    @Test
    void rejectsAModuleWithoutMemory() throws Exception {
        String expected = "FILE cannot serve as a processor: it exports no memory of the name 'memory'. Tasks are"
                + " handed over in it; toolchains export it by default.";
        assertEquals(expected, refusal("(module (func (export \"run\")))"));
        assertEquals(expected, refusal("(module (memory 1) (func (export \"run\")))"));
        assertEquals(expected, refusal("(module (func (export \"memory\")) (func (export \"run\")))"));
    }

    @Test
    void rejectsAnInitializeOfAnotherSignature() throws Exception {
        for (String initialize : List.of("(func (export \"_initialize\") (param i32))",
                "(func (export \"_initialize\") (result i32) (i32.const 0))",
                "(global (export \"_initialize\") i32 (i32.const 0))")) {
            String message = refusal("(module (memory (export \"memory\") 1) (func (export \"run\")) " + initialize
                    + ")");
            assertTrue(message.startsWith("FILE cannot serve as a processor: its export '_initialize' is not a function"
                    + " without parameters and results."), message);
        }
    }

    @Test
    void rejectsAnUnknownImport() throws Exception {
        String start = "(module (memory (export \"memory\") 1) (func (export \"run\")))";
        for (String[] name : new String[][] {{"env", "emscripten_get_now"}, {"decaton", "poll"},
                {"wasi_snapshot_preview1", "sock_unknown"}, {"wasi_unstable", "fd_write"}, {"", ""}}) {
            String message = refusal(start.replace("(module", "(module (import \"" + name[0] + "\" \"" + name[1]
                    + "\" (func))"));
            assertTrue(message.startsWith("FILE cannot serve as a processor: it imports '" + name[1] + "' from '"
                    + name[0] + "', which nothing here provides. "), message);
        }
    }

    @Test
    void rejectsAPollTaskOfAnotherType() throws Exception {
        for (String type : List.of("(func (param i32 i32) (result i32))", "(func)", "(global i32)", "(memory 1)")) {
            String message = refusal("(module (import \"decaton\" \"poll_task\" " + type + ")"
                    + (type.equals("(memory 1)") ? " (export \"memory\" (memory 0))"
                            : " (memory (export \"memory\") 1)")
                    + " (func (export \"run\")))");
            assertTrue(message.contains("decaton::poll_task"), message);
            assertTrue(message.contains("poll_task takes an i64 and an i32 and returns an i32"), message);
        }
    }

    @Test
    void rejectsAnImportedMemory() throws Exception {
        String message = refusal("""
                (module (import "env" "memory" (memory 1)) (export "memory" (memory 0)) (func (export "run")))""");
        assertTrue(message.contains("it imports 'memory' from 'env'"), message);
    }

    @Test
    void acceptsARunThatReturnsNothingOrAnI32() throws Exception {
        for (String run : List.of("(func (export \"run\"))", "(func (export \"run\") (result i32) (i32.const 0))")) {
            GuestModule.load(write("guest.wat", "(module (memory (export \"memory\") 1) " + run + ")"),
                    GuestOptions.DEFAULT).close();
        }
    }

    /** Each line has an import of a tool chain that was not told of WASI, and a word of the advice. */
    @ParameterizedTest
    @CsvSource({
        "env, abort, wasmton new --lang assemblyscript", "env, __syscall_openat, STANDALONE_WASM",
        "env, invoke_vi, STANDALONE_WASM",
        "env, my_c_function, link the library", "GOT.mem, x, dynamic library",
        "__wbindgen_placeholder__, __wbindgen_throw, wasm-bindgen", "wbg, x, wasm-bindgen",
        "gojs, runtime.wasmExit, GOOS=wasip1", "wasi_unstable, fd_write, before 2020",
        "wasi, thread-spawn, no threads", "wasi:cli/environment@0.2.0, get-arguments, wasm-tools component new",
        "other, x, wasm32-wasip1"})
    void adviceNamesTheRemedyOfTheToolChain(String module, String name, String advice) throws Exception {
        String message = refusal("(module (import \"" + module + "\" \"" + name + "\" (func))"
                + "(memory (export \"memory\") 1) (func (export \"run\")))");
        assertTrue(message.contains("it imports '" + name + "' from '" + module + "'") && message.contains(advice),
                message);
    }

    @Test
    void adviceNamesTheRemedyForACutI64() throws Exception {
        String message = refusal("""
                (module
                  (import "wasi_snapshot_preview1" "fd_seek" (func (param i32 i32 i32 i32 i32) (result i32)))
                  (memory (export "memory") 1) (func (export "run")))""");
        assertTrue(message.contains("fd_seek") && message.contains("-sWASM_BIGINT"), message);
    }

    /** A function that does nothing is enough for it. */
    @Test
    void emscriptenMayTellOfGrowth() {
        String grows = """
                (module
                  (import "env" "emscripten_notify_memory_growth" (func $grown (param i32)))
                  (memory (export "memory") 1)
                  (func (export "run") (drop (memory.grow (i32.const 1))) (call $grown (i32.const 0))))""";
        try (GuestModule module = Wasm.guest(grows, GuestOptions.DEFAULT); Guest guest = module.instantiate()) {
            assertTrue(guest.process(new Task("topic", 0, 7, new byte[0])).toString().contains("NOT_TAKEN"));
        }
    }
}
