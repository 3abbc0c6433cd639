package io.github.wasmton.wasmtime.wasi;

import static io.github.wasmton.wasmtime.WasmValType.I32;

import java.nio.charset.StandardCharsets;

import io.github.wasmton.testing.Wasm;
import io.github.wasmton.wasmtime.Instance;
import io.github.wasmton.wasmtime.Linker;
import io.github.wasmton.wasmtime.Memory;
import io.github.wasmton.wasmtime.Store;
import io.github.wasmton.wasmtime.WasmFunctions;

/** A Store with a guest that exports WASI's reads, writes, clocks and random numbers. */
final class StdioGuest implements AutoCloseable {
    private static final int BUFFER = 4096;
    private static final String WAT = """
            (module
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
              (memory (export "memory") 4)
              (func $io (param $length i32)
                (i32.store (i32.const 8) (i32.const 4096))
                (i32.store (i32.const 12) (local.get $length)))
              (func (export "write") (param $fd i32) (param $length i32) (result i32)
                (call $io (local.get $length))
                (call $write (local.get $fd) (i32.const 8) (i32.const 1) (i32.const 0)))
              (func (export "read") (param $fd i32) (param $length i32) (result i32)
                (call $io (local.get $length))
                (call $read (local.get $fd) (i32.const 8) (i32.const 1) (i32.const 0)))
              (func (export "random") (result i32) (call $random (i32.const 0) (i32.const 8)))
              (func (export "clock") (param $id i32) (result i32)
                (call $clock (local.get $id) (i64.const 1) (i32.const 0))))""";

    final Store store = new Store();
    private final Instance instance;
    private final Memory memory;

    StdioGuest(WasiConfig.Builder config) {
        this(config.build());
    }

    StdioGuest(WasiConfig config) {
        try (Linker linker = new Linker(store)) {
            new Wasi(store, config).addToLinker(linker);
            instance = Wasm.instantiate(linker, WAT);
            memory = instance.getMemory("memory");
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    /** Writes as the guest and returns WASI's error number. */
    int write(int descriptor, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        memory.write(BUFFER, bytes, 0, bytes.length);
        return WasmFunctions.func(instance.getFunc("write"), I32, I32, I32).call(descriptor, bytes.length);
    }

    /** Reads standard input as the guest. */
    String read(int length) {
        int errno = WasmFunctions.func(instance.getFunc("read"), I32, I32, I32).call(0, length);
        if (errno != 0) {
            throw new AssertionError("error number " + errno);
        }
        byte[] bytes = new byte[memory.buffer().getInt(0)];
        memory.read(BUFFER, bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    long random() {
        WasmFunctions.func(instance.getFunc("random"), I32).call();
        return memory.buffer().getLong(0);
    }

    /** Reads a clock: 0 is the wall clock, 1 the monotonic clock. */
    long clock(int id) {
        WasmFunctions.func(instance.getFunc("clock"), I32, I32).call(id);
        return memory.buffer().getLong(0);
    }

    @Override
    public void close() {
        store.close();
    }
}
