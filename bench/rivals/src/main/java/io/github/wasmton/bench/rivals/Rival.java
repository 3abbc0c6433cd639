package io.github.wasmton.bench.rivals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A wasm runtime with an instance of tests/guests/kernels, set up as a user would. */
public interface Rival {
    /** The size of the guest's buffer: 1 MiB. */
    int MIB = 1 << 20;

    /** Calls a function that does nothing. */
    void empty();

    /** Calls a function that adds. */
    int add(int a, int b);

    /** Calls a function that calls Java's {@code add} that many times. */
    int callbacks(int times);

    /** Passes a task: the guest's {@code run} polls it. */
    void process(byte[] task);

    /** Copies 1 MiB into the guest's buffer. */
    void write(byte[] source);

    /** Copies 1 MiB out of the guest's buffer. */
    void read(byte[] target);

    /** Computes a Fibonacci number by recursion. */
    int fib(int n);

    /** Computes the SHA-256 of the guest's buffer and returns its first four bytes. */
    int sha256();

    /** Creates another instance of the same module, and drops it. */
    void instantiate();

    /** Creates the module from its bytes again, and drops it. */
    void load();

    /** All runtimes. */
    static Rival of(String name) {
        byte[] wasm = guest();
        return switch (name) {
            case "wasmton" -> new Wasmton(wasm);
            case "wasmtime-java" -> new WasmtimeJava(wasm);
            case "endive" -> new Endive(wasm, false);
            case "endive-compiled" -> new Endive(wasm, true);
            case "graalwasm" -> new GraalWasm(wasm);
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static byte[] guest() {
        try {
            return Files.readAllBytes(Path.of(System.getProperty("wasmton.bench.guests"), "kernels.wasm"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
