package io.github.wasmton.wasmtime.wasi;

import static io.github.wasmton.wasmtime.WasmValType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.Instance;
import io.github.wasmton.wasmtime.Linker;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.WasmFunctions;

class PreopenDirTest {
    /** Tries all operations that change a directory, each on its own name, and returns WASI's error number. */
    private static final String GUEST = """
            (module
              (import "wasi_snapshot_preview1" "path_open"
                (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "path_unlink_file" (func $unlink (param i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "path_create_directory" (func $mkdir (param i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "path_rename"
                (func $rename (param i32 i32 i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "path_filestat_set_times"
                (func $touch (param i32 i32 i32 i32 i64 i64 i32) (result i32)))
              (memory (export "memory") 1)
              (data (i32.const 100) "file new dir name")
              (func (export "read") (result i32)
                (call $open (i32.const 3) (i32.const 0) (i32.const 100) (i32.const 4) (i32.const 0)
                  (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 0)))
              (func (export "truncate") (result i32)
                (call $open (i32.const 3) (i32.const 0) (i32.const 100) (i32.const 4) (i32.const 8)
                  (i64.const 66) (i64.const 0) (i32.const 0) (i32.const 0)))
              (func (export "open_to_write") (result i32)
                (call $open (i32.const 3) (i32.const 0) (i32.const 100) (i32.const 4) (i32.const 0)
                  (i64.const 66) (i64.const 0) (i32.const 0) (i32.const 0)))
              (func (export "create") (result i32)
                (call $open (i32.const 3) (i32.const 0) (i32.const 105) (i32.const 3) (i32.const 1)
                  (i64.const 66) (i64.const 0) (i32.const 0) (i32.const 0)))
              (func (export "mkdir") (result i32) (call $mkdir (i32.const 3) (i32.const 109) (i32.const 3)))
              (func (export "touch") (result i32)
                (call $touch (i32.const 3) (i32.const 0) (i32.const 100) (i32.const 4)
                  (i64.const 0) (i64.const 0) (i32.const 4)))
              (func (export "rename") (result i32)
                (call $rename (i32.const 3) (i32.const 100) (i32.const 4) (i32.const 3) (i32.const 113) (i32.const 4)))
              (func (export "unlink") (result i32) (call $unlink (i32.const 3) (i32.const 100) (i32.const 4))))""";
    private static final List<String> CHANGES =
            List.of("truncate", "open_to_write", "create", "mkdir", "touch", "rename", "unlink");

    @TempDir
    private Path directory;

    private int[] tryAll(PreopenDir granted) {
        try (Store store = new Store(); Linker linker = new Linker(store)) {
            new Wasi(store, new WasiConfig(new String[0], new PreopenDir[] {granted})).addToLinker(linker);
            Instance guest = Wasm.instantiate(linker, GUEST);
            assertEquals(0, WasmFunctions.func(guest.getFunc("read"), I32).call());
            return CHANGES.stream().mapToInt(name -> WasmFunctions.func(guest.getFunc(name), I32).call()).toArray();
        }
    }

    @Test
    void readOnlyDirectoryCannotBeChanged() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "content");
        Object time = Files.getLastModifiedTime(file);
        int[] results = tryAll(new PreopenDir(directory.toString(), "/", false));
        for (int i = 0; i < results.length; i++) {
            assertFalse(results[i] == 0, CHANGES.get(i));
        }
        assertEquals("content", Files.readString(file));
        assertEquals(time, Files.getLastModifiedTime(file));
        assertEquals(List.of("file"), List.of(directory.toFile().list()));
    }

    @Test
    void shortFormGrantsWriting() throws Exception {
        Files.writeString(directory.resolve("file"), "content");
        assertTrue(new PreopenDir(".", "/").writable());
        int[] results = tryAll(new PreopenDir(directory.toString(), "/"));
        for (int i = 0; i < results.length - 1; i++) {
            assertEquals(0, results[i], CHANGES.get(i));
        }
        assertEquals(44, results[results.length - 1], "it was renamed before");
        assertTrue(Files.isDirectory(directory.resolve("dir")));
        assertTrue(Files.exists(directory.resolve("new")));
        assertTrue(Files.exists(directory.resolve("name")));
    }
}
