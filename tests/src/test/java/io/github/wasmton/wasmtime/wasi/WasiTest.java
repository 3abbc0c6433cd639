package io.github.wasmton.wasmtime.wasi;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.testing.ChildJvm;
import io.github.wasmton.testing.StoreAndLinker;
import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.Instance;
import io.github.wasmton.wasmtime.Linker;
import io.github.wasmton.wasmtime.Memory;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.WasmFunctions;
import io.github.wasmton.wasmtime.WasmtimeException;

class WasiTest extends StoreAndLinker {
    /**
     * A guest that exports WASI's functions. Their results appear at address 0. {@code open} takes its path from
     * address 1000, writes the file descriptor to address 0, and asks for reading, or for creating and writing.
     */
    private static final String GUEST = """
            (module
              (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "environ_sizes_get" (func $env_sizes (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "environ_get" (func $env (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "path_open"
                (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "args_sizes") (result i32) (call $args_sizes (i32.const 0) (i32.const 4)))
              (func (export "args") (result i32) (call $args (i32.const 100) (i32.const 1000)))
              (func (export "env_sizes") (result i32) (call $env_sizes (i32.const 0) (i32.const 4)))
              (func (export "env") (result i32) (call $env (i32.const 100) (i32.const 1000)))
              (func (export "open_to_read") (param $length i32) (result i32)
                (call $open (i32.const 3) (i32.const 1) (i32.const 1000) (local.get $length) (i32.const 0)
                  (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 0)))
              (func (export "open_to_write") (param $length i32) (result i32)
                (call $open (i32.const 3) (i32.const 1) (i32.const 1000) (local.get $length) (i32.const 1)
                  (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 0)))
              (func (export "write") (param $fd i32) (param $length i32) (result i32)
                (i32.store (i32.const 100) (i32.const 2000))
                (i32.store (i32.const 104) (local.get $length))
                (call $write (local.get $fd) (i32.const 100) (i32.const 1) (i32.const 0)))
              (func (export "read") (param $fd i32) (param $length i32) (result i32)
                (i32.store (i32.const 100) (i32.const 2000))
                (i32.store (i32.const 104) (local.get $length))
                (call $read (local.get $fd) (i32.const 100) (i32.const 1) (i32.const 0)))
              (func (export "random") (result i32) (call $random (i32.const 0) (i32.const 32)))
              (func (export "clock") (result i32) (call $clock (i32.const 0) (i64.const 1) (i32.const 0))))""";
    private static final int SUCCESS = 0;
    private static final int NO_SUCH_DESCRIPTOR = 8;
    private static final int NO_SUCH_FILE = 44;

    @TempDir
    private Path directory;

    private Instance guest(WasiConfig config) {
        new Wasi(store, config).addToLinker(linker);
        return Wasm.instantiate(linker, GUEST);
    }

    private WasiConfig granted(Path... directories) {
        List<PreopenDir> dirs = new ArrayList<>();
        for (Path path : directories) {
            dirs.add(new PreopenDir(path.toString(), "/"));
        }
        return new WasiConfig(List.of(), Map.of(), dirs);
    }

    private static int call(Instance guest, String name) {
        return WasmFunctions.func(guest.getFunc(name), I32).call();
    }

    private static int call(Instance guest, String name, int descriptor, int length) {
        return WasmFunctions.func(guest.getFunc(name), I32, I32, I32).call(descriptor, length);
    }

    private static int open(Instance guest, String how, String path) {
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        guest.getMemory("memory").write(1000, bytes, 0, bytes.length);
        return WasmFunctions.func(guest.getFunc(how), I32, I32).call(bytes.length);
    }

    /** Returns the list that a guest gets by {@code args} or {@code env}. */
    private static List<String> list(Instance guest, String name) {
        assertEquals(SUCCESS, call(guest, name + "_sizes"));
        Memory memory = guest.getMemory("memory");
        int count = memory.buffer().getInt(0);
        byte[] bytes = new byte[memory.buffer().getInt(4)];
        assertEquals(SUCCESS, call(guest, name));
        memory.read(1000, bytes, 0, bytes.length);
        String text = new String(bytes, StandardCharsets.UTF_8);
        List<String> list = text.isEmpty() ? List.of() : List.of(text.split("\0", -1));
        // Each string ends with a zero byte, so an empty one remains after the last.
        list = list.isEmpty() ? list : list.subList(0, list.size() - 1);
        assertEquals(count, list.size());
        return list;
    }

    @Test
    void guestSeesItsArgumentsAndEnvironment() {
        Instance guest = guest(new WasiConfig(List.of("program", "", "\u00e4 \ud83d\ude00"),
                Map.of("HOME", "/", "EMPTY", "", "\u4e16", "a=b"), List.of()));
        assertEquals(List.of("program", "", "\u00e4 \ud83d\ude00"), list(guest, "args"));
        assertEquals(List.of("EMPTY=", "HOME=/", "\u4e16=a=b"), list(guest, "env"));
    }

    @Test
    void guestSeesNothingOfTheHostThatWasNotGranted() {
        Instance guest = guest(WasiConfig.EMPTY);
        assertFalse(System.getenv().isEmpty(), "else this shows nothing");
        assertEquals(List.of(), list(guest, "args"));
        assertEquals(List.of(), list(guest, "env"));
        assertEquals(NO_SUCH_DESCRIPTOR, open(guest, "open_to_read", "etc/passwd"));
    }

    @Test
    void guestReadsAndWritesInAGrantedDirectory() throws Exception {
        Files.writeString(directory.resolve("there"), "content");
        Instance guest = guest(granted(directory));
        Memory memory = guest.getMemory("memory");
        assertEquals(SUCCESS, open(guest, "open_to_read", "there"));
        assertEquals(SUCCESS, call(guest, "read", memory.buffer().getInt(0), 100));
        byte[] read = new byte[memory.buffer().getInt(0)];
        memory.read(2000, read, 0, read.length);
        assertEquals("content", new String(read, StandardCharsets.UTF_8));

        assertEquals(NO_SUCH_FILE, open(guest, "open_to_read", "not there"));
        assertEquals(SUCCESS, open(guest, "open_to_write", "new"));
        memory.write(2000, "written".getBytes(StandardCharsets.UTF_8), 0, 7);
        assertEquals(SUCCESS, call(guest, "write", memory.buffer().getInt(0), 7));
        assertEquals("written", Files.readString(directory.resolve("new")));
    }

    @Test
    void guestCannotLeaveAGrantedDirectory() throws Exception {
        Files.writeString(directory.resolve("secret"), "");
        Path granted = Files.createDirectory(directory.resolve("granted"));
        Files.createSymbolicLink(granted.resolve("link"), directory.resolve("secret"));
        Files.createSymbolicLink(granted.resolve("up"), Path.of(".."));
        Instance guest = guest(granted(granted));
        for (String path : List.of("../secret", "/etc/passwd", "link", "up/secret", "./.././secret",
                directory.resolve("secret").toString())) {
            assertFalse(open(guest, "open_to_read", path) == SUCCESS, path);
        }
        assertFalse(open(guest, "open_to_write", "../new") == SUCCESS);
        assertFalse(Files.exists(directory.resolve("new")));
    }

    @Test
    void clocksAndRandomNumbersAreAlwaysAvailable() {
        Instance guest = guest(WasiConfig.EMPTY);
        assertEquals(SUCCESS, call(guest, "clock"));
        long seconds = guest.getMemory("memory").buffer().getLong(0) / 1_000_000_000;
        assertTrue(Math.abs(seconds - System.currentTimeMillis() / 1000) < 3600, seconds + " s since 1970");
        assertEquals(SUCCESS, call(guest, "random"));
        long one = guest.getMemory("memory").buffer().getLong(0);
        assertEquals(SUCCESS, call(guest, "random"));
        assertFalse(one == guest.getMemory("memory").buffer().getLong(0));
    }

    @Test
    void unreadableDirectoryIsNamed() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        for (Path path : List.of(directory.resolve("missing"), file)) {
            WasmtimeException e = assertThrows(WasmtimeException.class, () -> new Wasi(store, granted(path)));
            assertTrue(e.getMessage().contains("cannot open the directory '" + path + "'"), e.getMessage());
        }
    }

    @Test
    void secondContextReplacesTheFirst() {
        Instance guest = guest(new WasiConfig(List.of("first"), Map.of(), List.of()));
        new Wasi(store, new WasiConfig(List.of("second"), Map.of(), List.of()));
        assertEquals(List.of("second"), list(guest, "args"));
    }

    @Test
    void rejectsALinkerOfAnotherStore() {
        Wasi wasi = new Wasi(store, WasiConfig.EMPTY);
        try (Store other = new Store(); Linker its = new Linker(other)) {
            assertEquals("the Linker belongs to another Store than this Wasi",
                    assertThrows(IllegalArgumentException.class, () -> wasi.addToLinker(its)).getMessage());
        }
    }

    @Test
    void rejectsASecondAddToLinker() {
        Wasi wasi = new Wasi(store, WasiConfig.EMPTY);
        wasi.addToLinker(linker);
        assertThrows(WasmtimeException.class, () -> wasi.addToLinker(linker));
    }

    @Test
    void closeHasNoEffect() {
        Wasi wasi = new Wasi(store, new WasiConfig(List.of("one"), Map.of(), List.of()));
        wasi.close();
        wasi.close();
        wasi.addToLinker(linker);
        assertEquals(List.of("one"), list(Wasm.instantiate(linker, GUEST), "args"));
    }

    @Test
    void rejectsClosedHandles() {
        Wasi wasi = new Wasi(store, WasiConfig.EMPTY);
        linker.close();
        assertThrows(IllegalStateException.class, () -> wasi.addToLinker(linker));
        store.close();
        assertThrows(IllegalStateException.class, () -> new Wasi(store, WasiConfig.EMPTY));
        assertThrows(IllegalStateException.class, () -> wasi.addToLinker(linker));
    }

    /** Covers a known fault of older bindings, which truncated the file. */
    @Test
    @Tag("own-jvm")
    void standardInputIsEmptyAndTheJvmsStaysUnread() throws Exception {
        Path input = Files.writeString(directory.resolve("input"), "not for guests");
        ChildJvm.Result result = new ChildJvm().reading(input).run(ReadsInput.class).succeeded();
        assertEquals("errno 0, 0 bytes, then Java reads: not for guests\n", result.out());
        assertEquals("not for guests", Files.readString(input));
    }

    static class ReadsInput {
        public static void main(String[] args) throws Exception {
            try (Store store = new Store(); Linker linker = new Linker(store)) {
                new Wasi(store, WasiConfig.EMPTY).addToLinker(linker);
                Instance guest = Wasm.instantiate(linker, GUEST);
                int errno = call(guest, "read", 0, 100);
                System.out.println("errno " + errno + ", " + guest.getMemory("memory").buffer().getInt(0)
                        + " bytes, then Java reads: " + new String(System.in.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
    }

    @Test
    @Tag("own-jvm")
    void standardOutputAndErrorAreTheJvms() {
        ChildJvm.Result result = new ChildJvm().run(Writes.class).succeeded();
        assertEquals("to 1\n", result.out());
        assertEquals("to 2\n", result.err());
    }

    static class Writes {
        public static void main(String[] args) {
            try (Store store = new Store(); Linker linker = new Linker(store)) {
                new Wasi(store, WasiConfig.EMPTY).addToLinker(linker);
                Instance guest = Wasm.instantiate(linker, GUEST);
                for (int descriptor = 1; descriptor <= 2; descriptor++) {
                    byte[] text = ("to " + descriptor + "\n").getBytes(StandardCharsets.UTF_8);
                    guest.getMemory("memory").write(2000, text, 0, text.length);
                    call(guest, "write", descriptor, text.length);
                }
            }
        }
    }
}
